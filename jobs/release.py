"""Release: give points back whose coupons nobody used in time, or that the store would not have."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import Connection

from connector.db import accounts, customers, programmes, redemptions, stores, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.work import Claim
from jobs import standing
from jobs.context import Context

_AT_ONCE = 100


def run(context: Context, claim: Claim) -> None:
    """Release a store's redemptions that nobody used in time, and let their customers' points and coupons follow."""
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        store = stores.by_id(connection, claim.store_id)
        due = redemptions.expired(connection, store.id, now, _AT_ONCE)
        if due:
            customers.lock(connection, store.id, sorted({row.customer_id for row in due}))
            if _settle(connection, store, [row.id for row in due], now):
                wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
        if len(due) == _AT_ONCE:
            work.go_on(connection, claim, now)
            wanted["release"] = claim.id
        elif work.finish(connection, claim, now):
            wanted["release"] = claim.id
    context.offer(wanted)


def refused(connection: Connection, store: Store, sentences: Mapping[int, str], now: datetime) -> bool:
    """Release redemptions (by id) whose coupons the store refused for good, each with what the store said.

    Locks their customers: nothing that others lock after customers may be locked before. Returns whether the store
    must hear of what follows.
    """
    if not sentences:
        return False
    customers.lock(connection, store.id, sorted(redemptions.customers_of(connection, store.id, sentences)))
    for redemption_id, sentence in sentences.items():
        redemptions.refuse(connection, store.id, redemption_id, sentence)
    return _settle(connection, store, sentences, now)


def _settle(connection: Connection, store: Store, redemption_ids: Collection[int], now: datetime) -> bool:
    """Bring redemptions of locked customers, and their accounts and standings, up to date.

    Returns whether the store must hear of it.
    """
    told = redemptions.settle(connection, store, redemption_ids, now)
    concerned = sorted(redemptions.customers_of(connection, store.id, redemption_ids))
    accounts.settle(connection, store, programmes.every(connection, store.id), concerned, now)
    return standing.refresh(connection, store, concerned, now) or told
