"""Settle due: let time, and changes of programme and catalogue, do to points what they do without anybody's order.

What is done is seen in accounts and products themselves, so a run that dies is taken up where it ended. A run gives
its place to other stores after twenty seconds.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from connector.db import accounts, customers, products, programmes
from connector.db.stores import Store
from connector.db.work import Claim
from jobs import standing
from jobs.award import Awarded, award_customers
from jobs.chunks import do_in_chunks
from jobs.context import Context

_CHUNK: Final = 200
_LOOKED_AT: Final = 2_000


def run(context: Context, claim: Claim) -> None:
    """Settle every account of the store that is due, and award anew what a newer programme decides, in chunks.

    Each chunk is a transaction that ends exactly where doing it later would. Raises StorageUnavailable with the
    chunks before it kept.
    """
    do_in_chunks(context, claim, _chunk)


def any_due(connection: Connection, store_id: int, now: datetime) -> bool:
    """Say whether there is an account to settle, or to look for behind a product that moved."""
    newest = programmes.latest(connection, store_id).version
    return (
        products.any_moved(connection, store_id)
        or bool(accounts.outdated(connection, store_id, newest, 1))
        or bool(accounts.due(connection, store_id, now, 1))
    )


def _chunk(connection: Connection, store: Store, now: datetime, _: int) -> tuple[int | None, Iterable[str]]:
    settled = _settle_some(connection, store, now)
    if settled is None:
        return None, ()
    told = standing.refresh(connection, store, sorted(settled.customers), now) or settled.told
    return 0, ["write_back"] if told else ()


def _settle_some(connection: Connection, store: Store, now: datetime) -> Awarded | None:
    """Settle some of the accounts that are due; return whose changed, or None where none was due."""
    versions = programmes.every(connection, store.id)
    newest = max(one.version for one in versions)
    if outdated := accounts.outdated(connection, store.id, newest, _CHUNK):
        return award_customers(connection, store, outdated, now)
    if due := accounts.due(connection, store.id, now, _CHUNK):
        customers.lock(connection, store.id, due)
        return Awarded(accounts.settle(connection, store, versions, due, now), told=False)
    # Last, so that a catalogue in motion keeps nobody waiting.
    return Awarded(set(), told=False) if products.outdate_buyers(connection, store.id, _LOOKED_AT) else None
