"""Earnings: bring the lots of orders in line with what the orders earn by their latest state."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, Row, select

from connector.db import blocks, lots, order_facts, tier_overrides
from connector.db.bulk import among
from connector.db.lots import LotFacts
from connector.db.stores import Store
from connector.db.tables import orders
from connector.domain.calendar import local_day
from connector.domain.earning import Earned, detail_of, exchange_rate
from connector.domain.earnings import BesideOrders, PlacedOrder, depends_on_tiers, earn_in_turn
from connector.domain.expiry import expiry_of
from connector.domain.ledger import is_bonus, order_source
from connector.domain.programme import Programme
from connector.domain.programme.ladder import TierBasis
from connector.domain.programme.versions import in_force


def bring(
    connection: Connection,
    store: Store,
    versions: Sequence[Programme],
    rows: Sequence[Row[Any]],
    concerned: Collection[int],
) -> None:
    """Store what these orders (rows of the table) earn as lots.

    The customers concerned, who own the orders or have owned them, are locked; they are to be settled afterwards.
    Where points depend on tiers, the lots of all of their orders are brought in line, because each order changes what
    those after it earn; an order that somebody else still has points of waits for its own award. Raises
    NotConcerned where a lot would be taken from, or given to, anybody who is not among them.
    """
    in_turn = depends_on_tiers(versions)
    if in_turn:
        rows = _with_all_of(connection, store, rows, concerned)
    earned = _earned(connection, store, versions, rows, sorted(concerned), in_turn=in_turn)
    held = lots.by_source(connection, store.id, [order_source(row.id) for row in rows])
    made = []
    for row in rows:
        before = held.get(order_source(row.id))
        owner = row.customer_id or (before.customer_id if before is not None else None)
        if owner is not None and (row.counts or earned[row.id].points or before is not None):
            made.append(_lot(store, in_force(versions, row.ordered_at), row, owner, earned[row.id]))
    if not lots.save(connection, store.id, made) <= set(concerned):
        raise NotConcerned("An order changed hands meanwhile.")


class NotConcerned(Exception):
    """A lot is another customer's than it was, and not both of them are locked: to be done again."""


def bring_after_bonuses(
    connection: Connection, store: Store, versions: Sequence[Programme], customer_ids: Collection[int]
) -> None:
    """Do the same for all orders of customers whose bonuses changed, where tiers go by points: those count there."""
    if depends_on_tiers(versions) and any(one.ladder.basis is TierBasis.POINTS for one in versions):
        bring(connection, store, versions, (), customer_ids)


def _with_all_of(
    connection: Connection, store: Store, rows: Sequence[Row[Any]], customer_ids: Collection[int]
) -> list[Row[Any]]:
    """Return the orders with all others of these customers that are alive and that nobody else has the lot of."""
    others = connection.execute(
        select(orders)
        .where(
            orders.c.store_id == store.id,
            orders.c.deleted_at.is_(None),
            among(connection, orders.c.customer_id, sorted(customer_ids)),
        )
        .order_by(orders.c.id)
    ).all()
    named = {row.id for row in rows}
    held = lots.by_source(connection, store.id, [order_source(row.id) for row in others])
    # Who has the lot of an order that changed hands is neither locked nor settled here.
    elsewhere = {lot.order_id for lot in held.values() if lot.customer_id not in customer_ids}
    return [*rows, *(row for row in others if row.id not in named | elsewhere)]


def _earned(
    connection: Connection,
    store: Store,
    versions: Sequence[Programme],
    rows: Sequence[Row[Any]],
    customer_ids: Sequence[int],
    *,
    in_turn: bool,
) -> dict[int, Earned]:
    """Return what each order earns for its owner; nothing where it belongs to nobody."""
    facts = order_facts.read(connection, store, rows, versions)
    shut_out = blocks.of_customers(connection, store.id, customer_ids)
    given = tier_overrides.of_customers(connection, store.id, customer_ids) if in_turn else {}
    bonuses = _bonuses(connection, store, customer_ids) if in_turn else {}
    placed: dict[int, list[PlacedOrder]] = defaultdict(list)
    for row in rows:
        if row.customer_id is not None:
            blocked = any(block.covers(row.customer_id, row.ordered_at) for block in shut_out)
            placed[row.customer_id].append(PlacedOrder(row.id, row.ordered_at, facts[row.id], blocked, row.wc_id))
    earned = {row.id: Earned(0) for row in rows}
    for customer_id, theirs in placed.items():
        earned |= earn_in_turn(theirs, versions, given.get(customer_id, ()), bonuses.get(customer_id, ()))
    return earned


def _bonuses(connection: Connection, store: Store, customer_ids: Sequence[int]) -> Mapping[int, list[BesideOrders]]:
    found: dict[int, list[BesideOrders]] = defaultdict(list)
    for row in lots.of_customers(connection, store.id, customer_ids):
        if is_bonus(row.source):
            day = local_day(row.earned_at, store.zone)
            found[row.customer_id].append(BesideOrders(row.earned_at, day, row.points))
    return found


def _lot(store: Store, rules: Programme, order: Row[Any], owner: int, earned: Earned) -> LotFacts:
    return LotFacts(
        customer_id=owner,
        source=order_source(order.id),
        points=earned.points,
        earned_at=order.ordered_at,
        available_at=order.ordered_at + timedelta(days=rules.earning.hold_days),
        expires_at=expiry_of(order.ordered_at, rules.expiry, store.zone),
        rule_version=rules.version,
        currency=order.currency,
        rate=exchange_rate(order.currency, store.currency, rules.earning) or Decimal(1),
        reason=f"order {order.wc_id}",
        order_id=order.id,
        detail=detail_of(earned),
    )
