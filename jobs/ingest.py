"""Ingest: turn what the inbox holds about one order or customer into its latest state."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import customers, inbox, orders, recounts, reviews, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.orders import CustomerState, OrderState, ReviewState
from connector.shop import customers as shop_customers
from connector.shop import orders as shop_orders
from connector.shop.errors import PayloadError
from connector.shop.payloads import parse_customer, parse_order, parse_review
from jobs import catalogue
from jobs.clocks import on_store_clock
from jobs.context import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Seen:
    """One sight of a resource: its state, or None where it is gone."""

    state: OrderState | CustomerState | ReviewState | None
    observed_at: datetime
    inbox_id: int


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
    sights = _sights(context, store, resource, wc_id, waiting)
    with transaction(context.engine) as connection:
        concerned = _apply(connection, store, resource, wc_id, sights, context.clock) if sights else []
        now = context.clock()
        outcome = "changed" if concerned else "nothing new"
        unreadable = _unreadable(waiting, sights)
        read = [row.id for row in waiting if row.id not in unreadable]
        inbox.settle(connection, store.id, read, outcome, now)
        if unreadable:
            inbox.settle(connection, store.id, sorted(unreadable), inbox.UNREADABLE, now)
        awards = [work.want(connection, store.id, "award", subject, now) for subject in concerned]
        again = work.finish(connection, claim, now)
    for work_id in awards:
        context.offer({"award": work_id})
    context.offer({"ingest": claim.id} if again else {})


def _sights(context: Context, store: Store, resource: str, wc_id: int, waiting: Sequence[Row[Any]]) -> list[Seen]:
    """Return what the deliveries show, with a look into the store where one is only a hint.

    All of them count, so that it makes no difference which were waiting together: older sights of a customer claim
    addresses, too.
    """
    sights = [seen for row in waiting if row.source != "native" if (seen := _read(row, store.currency))]
    hints = [row for row in waiting if row.source == "native"]
    if hints:
        sights.append(_look(context, store, resource, wc_id, hints[-1].id))
    return sights


def _unreadable(waiting: Sequence[Row[Any]], sights: Sequence[Seen]) -> set[int]:
    """Return the deliveries that carry a state of which `_read` could make no sight."""
    return {row.id for row in waiting if row.source != "native"} - {seen.inbox_id for seen in sights}


def _read(row: Row[Any], currency: str) -> Seen | None:
    """Return what a delivery shows; None where it cannot be read, which holds up no later one.

    ``currency`` is the store's, as when the delivery was accepted.
    """
    if row.topic.endswith((".deleted", ".withdrawn")):
        return Seen(None, row.observed_at, row.id)
    state: OrderState | CustomerState | ReviewState
    try:
        if row.resource == "order":
            state = parse_order(row.payload, currency)
        else:
            state = parse_customer(row.payload) if row.resource == "customer" else parse_review(row.payload)
    except PayloadError as error:
        log.error("delivery %s about %s %d cannot be read: %s", row.delivery_id, row.resource, row.wc_id, error)
        return None
    return Seen(state, row.observed_at, row.id)


def _look(context: Context, store: Store, resource: str, wc_id: int, inbox_id: int) -> Seen:
    started = context.clock()
    state: OrderState | CustomerState | None
    with context.shop(store) as shop:
        state = shop_orders.order(shop, wc_id) if resource == "order" else shop_customers.customer(shop, wc_id)
        if isinstance(state, OrderState) and catalogue.is_wanted(context, store):
            state = catalogue.with_categories(shop, state)
        return Seen(state, on_store_clock(shop, started), inbox_id)


def _apply(
    connection: Connection,
    store: Store,
    resource: str,
    wc_id: int,
    sights: Sequence[Seen],
    clock: Callable[[], datetime],
) -> list[str]:
    """Store the sights, of which the newest stays; return what is to be awarded for it ("order:12"), if anything."""
    if resource == "review":
        seen = [(one.state if isinstance(one.state, ReviewState) else None, one.observed_at) for one in sights]
        return [f"customer:{user}" for user in reviews.save(connection, store.id, wc_id, seen)]
    gone = max((seen for seen in sights if seen.state is None), key=lambda seen: seen.observed_at, default=None)
    if resource == "order":
        changed = _store_orders(connection, store, sights, clock)
        if gone is not None:
            changed += orders.mark_deleted(connection, store.id, wc_id, gone.observed_at, gone.inbox_id)
        return [f"order:{wc_id}"] if changed else []
    living = [(seen.state, seen.observed_at) for seen in sights if isinstance(seen.state, CustomerState)]
    changed = customers.save(connection, store.id, living)
    if gone is not None:
        changed += customers.mark_deleted(connection, store.id, wc_id, gone.observed_at)
    return [f"customer:{wc_id}"] if changed else []


def _store_orders(
    connection: Connection, store: Store, sights: Sequence[Seen], clock: Callable[[], datetime]
) -> list[int]:
    """Store sights of an order, with what they tell of products; return the orders that are different now."""
    observed = [
        orders.Observed(seen.state, seen.observed_at, seen.inbox_id)
        for seen in sights
        if isinstance(seen.state, OrderState)
    ]
    counting = recounts.rules_held(connection, store.id, clock)
    changed = orders.save(connection, store, counting, observed)
    catalogue.note(connection, store, [(one.state.categories, one.observed_at) for one in observed])
    return changed
