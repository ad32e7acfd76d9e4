"""Customers' histories as a programme sees them: orders by their latest state, and what was given beside orders."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, case, exists, func, or_, select

from connector.db import blocks, lots, order_facts, spends, tier_overrides
from connector.db.bulk import among
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, orders
from connector.db.tables import lots as lots_table
from connector.domain.account import Lot, Spend
from connector.domain.coupons import EntitlementState
from connector.domain.earnings import PlacedOrder
from connector.domain.offers_due import Use
from connector.domain.programme import Programme
from connector.domain.simulation import History


def count_customers(connection: Connection, store_id: int) -> int:
    """Return how many customers have a history."""
    return connection.execute(select(func.count()).where(*_with_history(store_id))).scalar_one()


def next_customers(connection: Connection, store_id: int, after: int, limit: int) -> list[int]:
    """Return the next customers with a history after an id, sorted; guests who registered are with their user."""
    wanted = select(customers.c.id).where(customers.c.id > after, *_with_history(store_id))
    return list(connection.execute(wanted.order_by(customers.c.id).limit(limit)).scalars())


def _with_history(store_id: int) -> tuple[ColumnElement[bool], ...]:
    ordered = exists().where(orders.c.store_id == store_id, orders.c.customer_id == customers.c.id)
    given = exists().where(lots_table.c.store_id == store_id, lots_table.c.customer_id == customers.c.id)
    return customers.c.store_id == store_id, customers.c.merged_into_id.is_(None), or_(ordered, given)


def read(
    connection: Connection, store: Store, customer_ids: Sequence[int], versions: Sequence[Programme]
) -> list[History]:
    """Return these customers' histories, also of those who have none, with all that these programmes ask about."""
    bought = _orders(connection, store, customer_ids, versions)
    given: dict[int, list[Lot]] = defaultdict(list)
    for row in lots.of_customers(connection, store.id, customer_ids):
        if row.order_id is None:
            lot = Lot(row.source, row.points, row.earned_at, row.available_at, row.expires_at)
            given[row.customer_id].append(lot)
    spent: dict[int, list[Spend]] = defaultdict(list)
    for row in spends.of_customers(connection, store.id, customer_ids):
        spent[row.customer_id].append(Spend(row.source, row.points, row.spent_at))
    tiers = tier_overrides.of_customers(connection, store.id, customer_ids)
    return [
        History(one, bought.get(one, ()), given.get(one, ()), spent.get(one, ()), tiers.get(one, ()))
        for one in customer_ids
    ]


def _orders(
    connection: Connection, store: Store, customer_ids: Sequence[int], versions: Sequence[Programme]
) -> dict[int, list[PlacedOrder]]:
    rows = connection.execute(
        select(orders)
        .where(
            orders.c.store_id == store.id,
            orders.c.deleted_at.is_(None),
            among(connection, orders.c.customer_id, customer_ids),
        )
        .order_by(orders.c.id)
    ).all()
    facts = order_facts.read(connection, store, rows, versions)
    shut_out = blocks.of_customers(connection, store.id, customer_ids)
    found: dict[int, list[PlacedOrder]] = defaultdict(list)
    for row in rows:
        blocked = any(block.covers(row.customer_id, row.ordered_at) for block in shut_out)
        found[row.customer_id].append(PlacedOrder(row.id, row.ordered_at, facts[row.id], blocked))
    return found


def coupon_use(connection: Connection, store_id: int) -> Use:
    """Return how often the store's personal coupons were used, of those that have ended."""
    used = entitlements.c.state == EntitlementState.USED
    ended = or_(used, entitlements.c.state == EntitlementState.EXPIRED)
    row = connection.execute(
        select(
            func.coalesce(func.sum(case((used, 1), else_=0)), 0),
            func.coalesce(func.sum(case((ended, 1), else_=0)), 0),
        ).where(entitlements.c.store_id == store_id, ~entitlements.c.is_benefit)
    ).one()
    return Use(int(row[0]), int(row[1]))
