"""Customers' histories as a programme sees them: orders by their latest state, and what was given beside orders."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, exists, func, or_, select

from connector.db import blocks, lots, products, spends
from connector.db import orders as orders_by_state
from connector.db.bulk import among
from connector.db.stores import Store
from connector.db.tables import customers, orders, redemptions
from connector.db.tables import lots as lots_table
from connector.domain.account import Lot, Spend
from connector.domain.calendar import local_day
from connector.domain.earning import OrderFacts
from connector.domain.ledger import order_source
from connector.domain.orders import OrderLine
from connector.domain.simulation import History, PastOrder
from connector.domain.worth import Amounts


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


def read(connection: Connection, store: Store, customer_ids: Sequence[int]) -> list[History]:
    """Return these customers' histories, also of those who have none."""
    bought = _orders(connection, store, customer_ids)
    given: dict[int, list[Lot]] = defaultdict(list)
    for row in lots.of_customers(connection, store.id, customer_ids):
        if row.order_id is None:
            lot = Lot(row.source, row.points, row.earned_at, row.available_at, row.expires_at)
            given[row.customer_id].append(lot)
    spent: dict[int, list[Spend]] = defaultdict(list)
    for row in spends.of_customers(connection, store.id, customer_ids):
        spent[row.customer_id].append(Spend(row.source, row.points, row.spent_at))
    return [
        History(customer, bought.get(customer, ()), given.get(customer, ()), spent.get(customer, ()))
        for customer in customer_ids
    ]


def _orders(connection: Connection, store: Store, customer_ids: Sequence[int]) -> dict[int, list[PastOrder]]:
    rows = connection.execute(
        select(orders)
        .where(
            orders.c.store_id == store.id,
            orders.c.deleted_at.is_(None),
            among(connection, orders.c.customer_id, customer_ids),
        )
        .order_by(orders.c.id)
    ).all()
    lines: dict[int, list[OrderLine]] = defaultdict(list)
    for order_id, line in orders_by_state.lines_of(connection, store.id, [row.id for row in rows]):
        lines[order_id].append(line)
    bought = {line.product_id for of_order in lines.values() for line in of_order if line.categories is None}
    categories = products.categories_of(connection, store.id, bought)
    bought_with_points = _redeemed_codes(connection, store.id, customer_ids)
    shut_out = blocks.of_customers(connection, store.id, customer_ids)
    found: dict[int, list[PastOrder]] = defaultdict(list)
    for row in rows:
        facts = OrderFacts(
            status=row.status,
            currency=row.currency,
            store_currency=store.currency,
            amounts=Amounts(row.total, row.tax, row.shipping, row.refunded, tuple(lines.get(row.id, ()))),
            day=local_day(row.ordered_at, store.zone),
            categories=categories,
            paid_with_points=not bought_with_points.isdisjoint(row.coupon_codes),
        )
        blocked = any(block.covers(row.customer_id, row.ordered_at) for block in shut_out)
        found[row.customer_id].append(PastOrder(order_source(row.id), row.ordered_at, facts, blocked))
    return found


def _redeemed_codes(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> set[str]:
    codes = select(redemptions.c.code).where(
        redemptions.c.store_id == store_id, among(connection, redemptions.c.customer_id, customer_ids)
    )
    return set(connection.execute(codes).scalars())
