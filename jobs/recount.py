"""Recount: let every order count for what a new programme says it does, and let points and standings follow."""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from connector.db import backfills, programmes, recounts
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.work import Claim
from jobs.chunks import do_in_chunks
from jobs.context import Context
from jobs.settle_due import any_due

_CHUNK: Final = 500


def run(context: Context, claim: Claim) -> None:
    """Recount the store's orders by the programme in force, a chunk a transaction.

    A run that dies is taken up where it ended; one that is asked for again begins anew.
    """
    if claim.place is None:
        with transaction(context.engine) as connection:
            recounts.let_storing_end(connection, claim.store_id)
    do_in_chunks(context, claim, _chunk)


def _chunk(connection: Connection, store: Store, now: datetime, after: int) -> tuple[int | None, Iterable[str]]:
    counting = programmes.current(connection, store.id, now).counting
    last = recounts.recount(connection, store, counting, after, _CHUNK)
    if last is not None:
        return last, ()
    scored = ["score"] if backfills.is_complete(connection, store.id) else []
    return None, [*scored, "settle_due"] if any_due(connection, store.id, now) else scored
