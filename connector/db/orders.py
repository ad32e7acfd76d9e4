"""Orders of one store in their latest known state, with their lines and refunds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, delete, func, insert, select, update

from connector.db import customers
from connector.db.bulk import among
from connector.db.stores import Store
from connector.db.tables import customers as customers_table
from connector.db.tables import order_lines, orders, refunds
from connector.domain.calendar import local_day
from connector.domain.history import epoch_day
from connector.domain.orders import CountingRules, OrderLine, OrderState, Refund, is_purchase
from connector.domain.versions import Sight, is_newer
from connector.domain.worth import Amounts, net_value


@dataclass(frozen=True, slots=True)
class Observed:
    """An order as the store showed it at a time; ``inbox_id`` names the delivery, None where we read it ourselves."""

    state: OrderState
    observed_at: datetime
    inbox_id: int | None = None

    @property
    def sight(self) -> Sight:
        """Its place among all sights of this order."""
        return Sight(self.state.modified_at, self.observed_at)


def save(connection: Connection, store: Store, rules: CountingRules, seen: Iterable[Observed]) -> list[int]:
    """Store orders as observed; older sights than the one held change nothing.

    Returns the ids of the orders that are different now. Customers that are new are made.
    """
    newest: dict[int, Observed] = {}
    for observed in seen:
        before = newest.get(observed.state.wc_id)
        if is_newer(observed.sight, before.sight if before else None):
            newest[observed.state.wc_id] = observed
    held = _held(connection, store.id, list(newest))
    current = [o for o in newest.values() if is_newer(o.sight, _sight(held.get(o.state.wc_id)))]
    owners = customers.resolve(connection, store.id, (_identity(o.state) for o in current))
    contents = {o.state.wc_id: _content(store, rules, o.state, owners.get(_identity(o.state))) for o in current}
    added = _add(connection, store.id, [(o, contents[o.state.wc_id]) for o in current if o.state.wc_id not in held])
    again = [o for o in current if o.state.wc_id in held]
    parts = _parts(connection, store.id, [held[o.state.wc_id].id for o in again])
    changed = {
        held[o.state.wc_id].id: o.state
        for o in again
        if _replace(connection, store.id, held[o.state.wc_id], o, contents[o.state.wc_id], parts)
    }
    for part in (order_lines, refunds):
        connection.execute(delete(part).where(part.c.store_id == store.id, part.c.order_id.in_(list(changed))))
    _add_parts(connection, store.id, added | changed)
    return [*added, *changed]


def mark_deleted(
    connection: Connection, store_id: int, wc_id: int, observed_at: datetime, inbox_id: int | None
) -> list[int]:
    """Remember that the store trashed or deleted an order; return its id where that is news.

    An order we never saw is kept as an empty, deleted one, because an older delivery of it may still arrive.
    """
    row = _held(connection, store_id, [wc_id]).get(wc_id)
    gone = {
        "deleted_at": observed_at,
        "observed_at": observed_at,
        "inbox_id": inbox_id,
        "counts": False,
        "net_value": 0,
    }
    if row is None:
        connection.execute(insert(orders).values(store_id=store_id, wc_id=wc_id, **_nothing(observed_at), **gone))
        return []
    if not is_newer(Sight(None, observed_at), _sight(row)):
        return []
    connection.execute(update(orders).where(orders.c.store_id == store_id, orders.c.id == row.id).values(**gone))
    return [] if row.deleted_at else [int(row.id)]


def follow_claims(connection: Connection, store_id: int, users: Sequence[int]) -> dict[int, int]:
    """Give orders without a user to these users where they have claimed the orders' addresses.

    Returns the orders that changed hands, each with the customer who had it before.
    """
    claimed = customers_table.alias("claimed")
    moved = connection.execute(
        select(orders.c.id, orders.c.customer_id, claimed.c.merged_into_id)
        .join(claimed, and_(claimed.c.store_id == orders.c.store_id, claimed.c.email == orders.c.email))
        .where(
            orders.c.store_id == store_id,
            orders.c.wc_customer_id == 0,
            claimed.c.wc_id.is_(None),
            claimed.c.merged_into_id.in_(users),
            orders.c.customer_id != claimed.c.merged_into_id,
        )
        .order_by(orders.c.id)
        # Looked at again once nobody else changes them: an order may have been given to a user meanwhile.
        .with_for_update(key_share=True, of=orders)
    ).all()
    if moved:
        connection.execute(
            update(orders)
            .where(orders.c.store_id == store_id, orders.c.id == bindparam("order_id"))
            .values(customer_id=bindparam("owner")),
            [{"order_id": row.id, "owner": row.merged_into_id} for row in moved],
        )
    return {row.id: row.customer_id for row in moved}


def _held(connection: Connection, store_id: int, wc_ids: Sequence[int]) -> dict[int, Row[Any]]:
    rows = connection.execute(
        select(orders)
        .where(orders.c.store_id == store_id, orders.c.wc_id.in_(wc_ids))
        .order_by(orders.c.id)
        .with_for_update(key_share=True)
    )
    return {row.wc_id: row for row in rows}


def _sight(row: Row[Any] | None) -> Sight | None:
    if row is None:
        return None
    return Sight(None if row.deleted_at else row.modified_at, row.observed_at)


def _identity(state: OrderState) -> customers.Identity:
    return customers.Identity(state.wc_customer_id, state.email)


def _add(
    connection: Connection, store_id: int, new: Sequence[tuple[Observed, dict[str, Any]]]
) -> dict[int, OrderState]:
    if not new:
        return {}
    rows = [
        {"store_id": store_id, "wc_id": o.state.wc_id, "inbox_id": o.inbox_id, **content, **_seen(o)}
        for o, content in new
    ]
    ids = connection.execute(insert(orders).returning(orders.c.id, orders.c.wc_id), rows)
    states = {o.state.wc_id: o.state for o, _ in new}
    return {row.id: states[row.wc_id] for row in ids}


def _replace(
    connection: Connection,
    store_id: int,
    row: Row[Any],
    observed: Observed,
    content: dict[str, Any],
    parts: Mapping[int, set[OrderLine | Refund]],
) -> bool:
    """Write a newer sight of an order; return whether it differs from the one held, be it in a line or refund."""
    differs = any(row._mapping[name] != value for name, value in content.items())
    differs = differs or parts.get(row.id, set()) != {*observed.state.lines, *observed.state.refunds}
    values = _seen(observed) | ({"inbox_id": observed.inbox_id, **content} if differs else {})
    connection.execute(update(orders).where(orders.c.store_id == store_id, orders.c.id == row.id).values(**values))
    return differs


def _parts(connection: Connection, store_id: int, order_ids: Sequence[int]) -> dict[int, set[OrderLine | Refund]]:
    """Return the lines and refunds held of each of these orders."""
    found: dict[int, set[OrderLine | Refund]] = {}
    for order_id, line in lines_of(connection, store_id, order_ids):
        found.setdefault(order_id, set()).add(line)
    given_back = select(refunds.c.order_id, *(refunds.c[name] for name in _REFUND)).where(
        refunds.c.store_id == store_id, refunds.c.order_id.in_(order_ids)
    )
    for order_id, *refund in connection.execute(given_back):
        found.setdefault(order_id, set()).add(Refund(*refund))
    return found


def lines_of(connection: Connection, store_id: int, order_ids: Sequence[int]) -> Iterator[tuple[int, OrderLine]]:
    """Yield the lines of these orders, each with our id of its order, in the order the store has them."""
    rows = connection.execute(
        select(order_lines.c.order_id, *(order_lines.c[name] for name in _LINE))
        .where(order_lines.c.store_id == store_id, among(connection, order_lines.c.order_id, order_ids))
        .order_by(order_lines.c.order_id, order_lines.c.wc_id)
    )
    for row in rows:
        line = {name: row._mapping[name] for name in _LINE}
        line["categories"] = None if line["categories"] is None else tuple(line["categories"])
        yield row.order_id, OrderLine(**line)


_LINE = [field.name for field in fields(OrderLine)]
_REFUND = [field.name for field in fields(Refund)]


def _seen(observed: Observed) -> dict[str, Any]:
    return {"observed_at": observed.observed_at, "modified_at": observed.state.modified_at}


def _content(store: Store, rules: CountingRules, state: OrderState, owner: int | None) -> dict[str, Any]:
    """Return the columns that make an order what it is: if none differs, nothing happened."""
    amounts = Amounts(state.total, state.tax, state.shipping, state.refunded, state.lines)
    counts = state.currency == store.currency and is_purchase(state.status, state.total, state.refunded, rules)
    return {
        "customer_id": owner,
        "wc_customer_id": state.wc_customer_id,
        "email": state.email,
        "status": state.status,
        "currency": state.currency,
        "total": state.total,
        "tax": state.tax,
        "shipping": state.shipping,
        "refunded": state.refunded,
        "counts": counts,
        "net_value": net_value(amounts, rules) if counts else 0,
        "local_day": epoch_day(local_day(state.ordered_at, store.zone)),
        "ordered_at": state.ordered_at,
        "deleted_at": None,
        "coupon_codes": sorted(state.coupon_codes),
        "coupon_discounts": dict(state.coupon_discounts),
        "country": state.country,
        "referrer_wc_id": state.referrer_wc_id,
    }


def _nothing(observed_at: datetime) -> dict[str, Any]:
    return {
        "wc_customer_id": 0,
        "status": "unknown",
        "currency": "",
        "total": 0,
        "tax": 0,
        "shipping": 0,
        "refunded": 0,
        "local_day": epoch_day(observed_at.date()),
        "ordered_at": observed_at,
        "modified_at": observed_at,
        "coupon_codes": [],
        "coupon_discounts": {},
        "country": "",
    }


def _add_parts(connection: Connection, store_id: int, states: Mapping[int, OrderState]) -> None:
    lines = [
        {"store_id": store_id, "order_id": order_id, **{name: getattr(line, name) for name in _LINE}}
        for order_id, state in states.items()
        for line in state.lines
    ]
    if lines:
        connection.execute(insert(order_lines), lines)
    given_back = [
        {"store_id": store_id, "order_id": order_id, **{name: getattr(refund, name) for name in _REFUND}}
        for order_id, state in states.items()
        for refund in state.refunds
    ]
    if given_back:
        connection.execute(insert(refunds), given_back)


def ids_of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> set[int]:
    """Return the orders that belong to these customers, deleted ones included."""
    found = select(orders.c.id).where(
        orders.c.store_id == store_id, among(connection, orders.c.customer_id, customer_ids)
    )
    return set(connection.execute(found).scalars())


def count(connection: Connection, store_id: int) -> int:
    """Return how many living orders of a store are stored."""
    every = select(func.count()).select_from(orders).where(orders.c.store_id == store_id)
    deleted = every.where(orders.c.deleted_at.is_not(None))
    return connection.execute(every).scalar_one() - connection.execute(deleted).scalar_one()
