"""Recount: let every order count for what a new programme says it does, and let points and standings follow."""

from typing import Final

from connector.db import backfills, programmes, recounts, stores, work
from connector.db.session import transaction
from connector.db.work import Claim
from jobs.context import Context
from jobs.settle_due import any_due

_CHUNK: Final = 500


def run(context: Context, claim: Claim) -> None:
    """Recount the store's orders by the programme in force, a chunk a transaction.

    A run that dies begins again; what is counted already stays as it is.
    """
    with transaction(context.engine) as connection:
        recounts.let_storing_end(connection, claim.store_id)
    last: int | None = 0
    while last is not None:
        with transaction(context.engine) as connection:
            store = stores.by_id(connection, claim.store_id)
            counting = programmes.current(connection, store.id, context.clock()).counting
            last = recounts.recount(connection, store, counting, last, _CHUNK)
        context.give_way()
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        if backfills.is_complete(connection, claim.store_id):
            wanted["score"] = work.want(connection, claim.store_id, "score", "", now)
        if any_due(connection, claim.store_id, now):
            wanted["settle_due"] = work.want(connection, claim.store_id, "settle_due", "", now)
        if work.finish(connection, claim, now):
            wanted["recount"] = claim.id
    context.offer(wanted)
