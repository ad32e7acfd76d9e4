"""Customers' histories as a programme sees them: orders by their latest state, and what was given beside orders."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, case, exists, false, func, or_, select

from connector.db import blocks, bonus_facts, lots, order_facts, spends, tier_overrides
from connector.db.bulk import among
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, orders
from connector.db.tables import lots as lots_table
from connector.domain.account import Spend
from connector.domain.bonuses import YEARLY, BonusKind, Person, are_set, kind_of
from connector.domain.coupons import EntitlementState
from connector.domain.earnings import PlacedOrder
from connector.domain.lots import Lot
from connector.domain.offers_due import Use
from connector.domain.programme import Programme
from connector.domain.simulation import History


def count_customers(connection: Connection, store_id: int, versions: Sequence[Programme]) -> int:
    """Return how many customers have a history that these programmes work on."""
    return connection.execute(select(func.count()).where(*_with_history(store_id, versions))).scalar_one()


def next_customers(
    connection: Connection, store_id: int, versions: Sequence[Programme], after: int, limit: int
) -> list[int]:
    """Return the next customers with a history after an id, sorted; guests who registered are with their user."""
    wanted = select(customers.c.id).where(customers.c.id > after, *_with_history(store_id, versions))
    return list(connection.execute(wanted.order_by(customers.c.id).limit(limit)).scalars())


def _with_history(store_id: int, versions: Sequence[Programme]) -> tuple[ColumnElement[bool], ...]:
    """Whoever has ordered or has points; and who has only registered, where that earns something."""
    ordered = exists().where(orders.c.store_id == store_id, orders.c.customer_id == customers.c.id)
    given = exists().where(lots_table.c.store_id == store_id, lots_table.c.customer_id == customers.c.id)
    registered = customers.c.registered_at.is_not(None) if are_set(versions, BonusKind.SIGN_UP) else false()
    has_any = or_(ordered, given, registered)
    return customers.c.store_id == store_id, customers.c.merged_into_id.is_(None), has_any


def read(
    connection: Connection, store: Store, customer_ids: Sequence[int], versions: Sequence[Programme]
) -> list[History]:
    """Return these customers' histories, also of those who have none, with all that these programmes ask about."""
    bought = _orders(connection, store, customer_ids, versions)
    given: dict[int, list[Lot]] = defaultdict(list)
    for row in lots.of_customers(connection, store.id, customer_ids):
        if row.order_id is None and kind_of(row.source) in (None, *YEARLY):
            given[row.customer_id].append(lots.of_row(row))
    spent: dict[int, list[Spend]] = defaultdict(list)
    for row in spends.of_customers(connection, store.id, customer_ids):
        spent[row.customer_id].append(Spend(row.source, row.points, row.spent_at))
    people = _people(connection, store.id, customer_ids, versions)
    shut_out: dict[int, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for block in blocks.of_customers(connection, store.id, customer_ids):
        shut_out[block.customer_id].append((block.from_at, block.until_at))
    tiers = tier_overrides.of_customers(connection, store.id, customer_ids)
    return [
        History(
            customer_id=one,
            orders=bought.get(one, ()),
            people=people.get(one, ()),
            given=given.get(one, ()),
            blocked=shut_out.get(one, ()),
            spends=spent.get(one, ()),
            overrides=tiers.get(one, ()),
        )
        for one in customer_ids
    ]


def _people(
    connection: Connection, store_id: int, customer_ids: Sequence[int], versions: Sequence[Programme]
) -> dict[int, list[Person]]:
    """Return by customer whom their bonuses go by: themselves, and whom they are said to have brought."""
    found: dict[int, list[Person]] = defaultdict(list)
    if not are_set(versions):
        return found
    for person in bonus_facts.people(connection, store_id, customer_ids):
        found[person.customer_id].append(person)
    brought = bonus_facts.brought_by(connection, store_id, customer_ids)
    for friend in bonus_facts.people(connection, store_id, sorted(brought)):
        if friend.first_order is not None and friend.first_order.referrer_id not in (None, friend.customer_id):
            found[friend.first_order.referrer_id].append(friend)
    return found


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
        found[row.customer_id].append(PlacedOrder(row.id, row.ordered_at, facts[row.id], blocked, row.wc_id))
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
