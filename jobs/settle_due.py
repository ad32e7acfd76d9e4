"""Settle due: let time, and changes of programme and catalogue, do to points what they do without anybody's order.

What is done is seen in accounts and products themselves, so a run that dies is taken up where it ended. A run gives
its place to other stores after twenty seconds.
"""

from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from connector.db import accounts, customers, products, programmes, stores, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.work import Claim
from jobs import standing
from jobs.award import award_customers
from jobs.context import STEP, Context

_CHUNK: Final = 200
_LOOKED_AT: Final = 1_000


def run(context: Context, claim: Claim) -> None:
    """Settle every account of the store that is due, and award anew what a newer programme decides, in chunks.

    Each chunk is a transaction that ends exactly where doing it later would. Raises StorageUnavailable with the
    chunks before it kept.
    """
    ends_at = context.clock() + STEP
    while True:
        wanted: dict[str, int] = {}
        with transaction(context.engine) as connection:
            now = context.clock()
            store = stores.by_id(connection, claim.store_id)
            changed = _settle_chunk(connection, store, now)
            if changed and standing.refresh(connection, store, sorted(changed), now):
                wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
            goes_on = changed is not None and now < ends_at
            if changed is None:
                if work.finish(connection, claim, now):
                    wanted["settle_due"] = claim.id
            elif not goes_on:
                work.go_on(connection, claim, now)
                wanted["settle_due"] = claim.id
            elif claim.attempts:
                work.progressed(connection, claim)
        context.offer(wanted)
        if not goes_on:
            return
        context.give_way()


def any_due(connection: Connection, store_id: int, now: datetime) -> bool:
    """Say whether there is an account to settle, or to look for behind a product that moved."""
    newest = programmes.latest(connection, store_id).version
    return (
        products.any_moved(connection, store_id)
        or bool(accounts.outdated(connection, store_id, newest, 1))
        or bool(accounts.due(connection, store_id, now, 1))
    )


def _settle_chunk(connection: Connection, store: Store, now: datetime) -> set[int] | None:
    """Settle some of the accounts that are due; return whose changed, or None where none was due."""
    versions = programmes.every(connection, store.id)
    newest = max(one.version for one in versions)
    if outdated := accounts.outdated(connection, store.id, newest, _CHUNK):
        return award_customers(connection, store, outdated, now)
    if due := accounts.due(connection, store.id, now, _CHUNK):
        customers.lock(connection, store.id, due)
        return accounts.settle(connection, store, versions, due, now)
    # Last, so that a catalogue in motion keeps nobody waiting.
    return set() if products.outdate_buyers(connection, store.id, _LOOKED_AT) else None
