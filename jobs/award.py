"""Award: book what an order earns now, and let its customers' standing follow."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from connector.db import (
    accounts,
    blocks,
    customers,
    entitlements,
    hold_outs,
    lots,
    programmes,
    redemptions,
    spends,
    standings,
    stores,
    suppressions,
    work,
)
from connector.db import orders as orders_by_state
from connector.db.bulk import keyed
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import orders
from connector.db.work import Claim
from connector.domain.ledger import order_source
from connector.domain.programme import Programme
from jobs import bonuses, earnings, standing
from jobs.context import Context


def run(context: Context, claim: Claim) -> None:
    """Bring ledger and standing in line with the orders the claim names ("order:12", or "customer:7": all of theirs).

    Doing it again changes nothing. Raises StorageUnavailable or an integrity error, with nothing booked.
    """
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        store = stores.by_id(connection, claim.store_id)
        awarded = _award(connection, store, claim.subject, now)
        if standing.refresh(connection, store, sorted(awarded.customers), now) or awarded.told:
            wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
        if work.finish(connection, claim, now):
            wanted["award"] = claim.id
    context.offer(wanted)


@dataclass(frozen=True, slots=True)
class Awarded:
    """Whom an award concerned, or changed, and whether the store must be told of a coupon made of points."""

    customers: set[int]
    told: bool


def _award(connection: Connection, store: Store, subject: str, now: datetime) -> Awarded:
    """Award what the subject names."""
    resource, _, number = subject.partition(":")
    if resource == "order":
        named = select(orders.c.id).where(orders.c.store_id == store.id, orders.c.wc_id == int(number))
        return award_orders(connection, store, list(connection.execute(named).scalars()), now)
    user = customers.find(connection, store.id, number)
    return award_users(connection, store, [user.id] if user else [], now)


def award_users(connection: Connection, store: Store, users: Sequence[int], now: datetime) -> Awarded:
    """Give users what was ordered under their addresses, and award it.

    Concerned are, where they have a history, the users, the guests they turned out to be, and who had the orders
    before.
    """
    moved = orders_by_state.follow_claims(connection, store.id, users)
    concerned = {*users, *customers.guests_of(connection, store.id, users), *moved.values()}
    versions = programmes.every(connection, store.id)
    concerned |= bonuses.brought_by(connection, store, versions, users)
    # Who inherits a block may have ordered in its time under another address.
    blocked = blocks.move_to_users(connection, store.id, users)
    touched = {*moved, *orders_by_state.ids_of_customers(connection, store.id, sorted(blocked))}
    facts = _bring_facts(connection, store, versions, sorted(touched), concerned, now)
    concerned |= facts.customers
    for inherited in (lots, spends, entitlements, suppressions, hold_outs):
        inherited.move_to_users(connection, store.id, users)
    bonuses.bring(connection, store, versions, concerned)
    # A coupon that waits is made out to the user's address, which may be another now.
    waiting = redemptions.live_of(connection, store.id, users)
    told = redemptions.settle(connection, store, [row.id for row in waiting], now)
    known = standings.with_history(connection, store.id, sorted(concerned))
    accounts.settle(connection, store, versions, known, now)
    return Awarded(known, facts.told or told)


def award_orders(connection: Connection, store: Store, order_ids: Sequence[int], now: datetime) -> Awarded:
    """Post what is missing so that each order's booked points are what its latest state earns.

    Concerned are who owns the orders now, who had points from them, and whose points paid.
    """
    versions = programmes.every(connection, store.id)
    facts = _bring_facts(connection, store, versions, order_ids, set(), now)
    bonuses.bring(connection, store, versions, facts.customers)
    accounts.settle(connection, store, versions, facts.customers, now)
    return facts


def award_customers(connection: Connection, store: Store, customer_ids: Sequence[int], now: datetime) -> Awarded:
    """Award everything these customers ordered anew, as after a change of the programme or of their blocks.

    The answer names those whose balance or outlook changed.
    """
    named = orders_by_state.ids_of_customers(connection, store.id, customer_ids)
    named |= {row.order_id for row in lots.of_customers(connection, store.id, customer_ids) if row.order_id}
    versions = programmes.every(connection, store.id)
    facts = _bring_facts(connection, store, versions, sorted(named), {*customer_ids}, now)
    concerned = {*customer_ids, *facts.customers}
    bonuses.bring(connection, store, versions, concerned)
    return Awarded(accounts.settle(connection, store, versions, concerned, now, customer_ids), facts.told)


def _bring_facts(
    connection: Connection,
    store: Store,
    versions: Sequence[Programme],
    order_ids: Sequence[int],
    others: set[int],
    now: datetime,
) -> Awarded:
    """Bring lots and redemptions in line with the orders' latest state, with all concerned, and others, locked.

    Concerned are who owns the orders now, who had lots of them, whose points paid for them, and who brought one of
    these.
    """
    rows = connection.execute(
        select(orders)
        .where(keyed(connection, orders.c.id, store.id, order_ids))
        .order_by(orders.c.id)
        # Held until the end: an order's lot is read after everybody else has made theirs of it.
        .with_for_update(key_share=True)
    ).all()
    held = lots.by_source(connection, store.id, [order_source(row.id) for row in rows])
    concerned = {row.customer_id for row in rows if row.customer_id} | {lot.customer_id for lot in held.values()}
    paid = redemptions.note_uses(connection, store.id, {row.id: row.coupon_codes for row in rows})
    concerned |= redemptions.customers_of(connection, store.id, paid)
    bringers = bonuses.bringers_of(connection, store, versions, concerned | others)
    customers.lock(connection, store.id, sorted(concerned | others | bringers))
    earnings.bring(connection, store, versions, rows, concerned | others)
    told = redemptions.settle(connection, store, paid, now)
    return Awarded(concerned | bringers, told)
