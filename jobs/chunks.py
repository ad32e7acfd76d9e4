"""Long work on one store's customers, a chunk a transaction."""

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection

from connector.db import stores, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.work import Claim
from jobs.context import STEP, Context

# Does the next chunk; says whether there may be another, and whether the store must hear of this one.
Chunk = Callable[[Connection, Store, datetime], tuple[bool, bool]]


def do_in_chunks(context: Context, claim: Claim, chunk: Chunk) -> None:
    """Do chunk after chunk until there is none, each with its progress in one transaction.

    A run that dies is taken up where it ended, and one that takes longer than twenty seconds gives its place to other
    stores. Raises what a chunk raises, with the chunks before it kept.
    """
    ends_at = context.clock() + STEP
    goes_on = True
    while goes_on:
        wanted: dict[str, int] = {}
        with transaction(context.engine) as connection:
            now = context.clock()
            store = stores.by_id(connection, claim.store_id)
            more, told = chunk(connection, store, now)
            if told:
                wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
            goes_on = more and now < ends_at
            if goes_on:
                if claim.attempts:
                    work.progressed(connection, claim)
            elif _give_back(connection, claim, now, more=more):
                wanted[claim.job] = claim.id
        context.offer(wanted)
        if goes_on:
            context.give_way()


def _give_back(connection: Connection, claim: Claim, now: datetime, *, more: bool) -> bool:
    """End a run; return whether the work is still owed."""
    if not more:
        return work.finish(connection, claim, now)
    work.go_on(connection, claim, now)
    return True
