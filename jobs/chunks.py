"""Long work on one store's customers, a chunk a transaction."""

from collections.abc import Callable, Iterable
from datetime import datetime

from sqlalchemy import Connection

from connector.db import stores, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.work import Claim
from jobs.context import STEP, Context

# Does the chunk after a place (0 at first); says where it ended, None where nothing is left, and the jobs to follow.
Chunk = Callable[[Connection, Store, datetime, int], tuple[int | None, Iterable[str]]]


def do_in_chunks(context: Context, claim: Claim, chunk: Chunk) -> None:
    """Do chunk after chunk until there is none, each with its progress in one transaction that needs the claim.

    A run that dies is taken up where it ended, and one that takes longer than twenty seconds gives its place to other
    stores. Raises what a chunk raises, with the chunks before it kept.
    """
    ends_at = context.clock() + STEP
    place: int | None = claim.place or 0
    goes_on = True
    while goes_on and place is not None:
        with transaction(context.engine) as connection:
            now = context.clock()
            store = stores.by_id(connection, claim.store_id)
            place, following = chunk(connection, store, now, place)
            wanted = {job: work.want(connection, store.id, job, "", now) for job in following}
            goes_on = now < ends_at
            if place is None:
                owed = work.finish(connection, claim, now)
            elif goes_on:
                owed = False
                work.progressed(connection, claim, place)
            else:
                owed = True
                work.go_on(connection, claim, now, place)
            if owed:
                wanted[claim.job] = claim.id
        context.offer(wanted)
        if goes_on and place is not None:
            context.give_way()
