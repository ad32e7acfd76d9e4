"""Ingest: turn what the inbox holds about one order or customer into its latest state."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import customers, inbox, orders, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.orders import CustomerState, OrderState
from connector.domain.versions import Sight, is_newer
from connector.shop import customers as shop_customers
from connector.shop import orders as shop_orders
from connector.shop.client import ShopClient
from connector.shop.payloads import parse_customer, parse_order
from jobs.context import Context


@dataclass(frozen=True, slots=True)
class Seen:
    """The newest sight of a resource: its state, or None where it is gone."""

    state: OrderState | CustomerState | None
    observed_at: datetime
    inbox_id: int

    @property
    def sight(self) -> Sight:
        """Its place among all sights of the resource. Only orders say when they were modified."""
        modified_at = self.state.modified_at if isinstance(self.state, OrderState) else None
        return Sight(modified_at, self.observed_at)


def run(context: Context, claim: Claim) -> None:
    """Settle every waiting delivery about the claim's subject ("order:12"), ending in the store's latest state.

    A delivery of the plugin carries the state; a native one only makes us look. Raises ShopError where looking
    fails; nothing is settled then.
    """
    resource, _, number = claim.subject.partition(":")
    wc_id = int(number)
    with reading(context.engine) as connection:
        store = stores.by_id(connection, claim.store_id)
        waiting = inbox.waiting(connection, store.id, resource, wc_id)
    seen = _newest(context, store, resource, wc_id, waiting)
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        changed: list[int] = []
        if seen is not None:
            changed = _apply(connection, store, resource, wc_id, seen)
        outcome = "changed" if changed else "nothing new"
        inbox.settle(connection, store.id, [row.id for row in waiting], outcome, now)
        if changed:
            wanted["award"] = work.want(connection, store.id, "award", f"{resource}:{wc_id}", now)
        if work.finish(connection, claim, now):
            wanted["ingest"] = claim.id
    context.offer(wanted)


def _newest(context: Context, store: Store, resource: str, wc_id: int, waiting: Sequence[Row[Any]]) -> Seen | None:
    """Return the newest sight among the deliveries, looking into the store where one is only a hint.

    The same rule decides as between a delivery and what is stored, so that it does not matter which were waiting.
    """
    hints = [row for row in waiting if row.source == "native"]
    if hints:
        return _look(context, store, resource, wc_id, hints[-1].id)
    newest: Seen | None = None
    for row in waiting:
        seen = _read(row)
        if is_newer(seen.sight, newest.sight if newest else None):
            newest = seen
    return newest


def _read(row: Row[Any]) -> Seen:
    if row.topic.endswith(".deleted"):
        return Seen(None, row.observed_at, row.id)
    state = parse_order(row.payload) if row.resource == "order" else parse_customer(row.payload)
    return Seen(state, row.observed_at, row.id)


def _look(context: Context, store: Store, resource: str, wc_id: int, inbox_id: int) -> Seen:
    started = context.clock()
    state: OrderState | CustomerState | None
    with context.shop(store) as shop:
        state = shop_orders.order(shop, wc_id) if resource == "order" else shop_customers.customer(shop, wc_id)
        return Seen(state, on_store_clock(shop, started), inbox_id)


def on_store_clock(shop: ShopClient, moment: datetime) -> datetime:
    """Return our time in the store's, by which all sights of its resources are ordered."""
    return moment + (shop.clock_skew or timedelta())


def _apply(connection: Connection, store: Store, resource: str, wc_id: int, seen: Seen) -> list[int]:
    """Store the sight; return the orders, or the customer, that are different now."""
    match seen.state:
        case OrderState() as state:
            rules = stores.programme(connection, store.id).counting
            observed = orders.Observed(state, seen.observed_at, seen.inbox_id)
            return orders.save(connection, store, rules, [observed])
        case CustomerState() as state:
            return customers.save(connection, store.id, [(state, seen.observed_at)])
    if resource == "order":
        return orders.mark_deleted(connection, store.id, wc_id, seen.observed_at, seen.inbox_id)
    return customers.mark_deleted(connection, store.id, wc_id, seen.observed_at)
