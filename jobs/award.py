"""Award: book what an order earns now, and let its customers' standing follow."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from connector.db import customers, entitlements, ledger, programmes, standings, stores, work
from connector.db import orders as orders_by_state
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import orders
from connector.db.work import Claim
from connector.domain.ledger import points_for, settle_order
from jobs import standing
from jobs.context import Context


def run(context: Context, claim: Claim) -> None:
    """Bring ledger and standing in line with the orders the claim names ("order:12", or "customer:7": all of theirs).

    Doing it again changes nothing. Raises StorageUnavailable or an integrity error, with nothing booked.
    """
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        now = context.clock()
        store = stores.by_id(connection, claim.store_id)
        concerned = _award(connection, store, claim.subject, now)
        if standing.refresh(connection, store, concerned, now):
            wanted["write_back"] = work.want(connection, store.id, "write_back", "", now)
        if work.finish(connection, claim, now):
            wanted["award"] = claim.id
    context.offer(wanted)


def _award(connection: Connection, store: Store, subject: str, now: datetime) -> list[int]:
    """Award what the subject names; return the customers concerned."""
    resource, _, number = subject.partition(":")
    if resource == "order":
        named = select(orders.c.id).where(orders.c.store_id == store.id, orders.c.wc_id == int(number))
        return award_orders(connection, store, list(connection.execute(named).scalars()), now)
    user = customers.find(connection, store.id, number)
    return award_users(connection, store, [user.id], now) if user else []


def award_users(connection: Connection, store: Store, users: Sequence[int], now: datetime) -> list[int]:
    """Give users what was ordered under their addresses, and award it.

    Returns the customers concerned: the users, the guests they turned out to be, and who had the orders before.
    """
    moved = orders_by_state.follow_claims(connection, store.id, users)
    concerned = {*users, *customers.guests_of(connection, store.id, users), *moved.values()}
    concerned |= {*award_orders(connection, store, sorted(moved), now)}
    customers.lock(connection, store.id, sorted(concerned))
    entitlements.move_to_users(connection, store.id, users)
    return sorted(standings.with_history(connection, store.id, sorted(concerned)))


def award_orders(connection: Connection, store: Store, order_ids: Sequence[int], now: datetime) -> list[int]:
    """Post what is missing so that each order's booked points are what its latest state earns.

    Returns the customers concerned: who owns the orders now, and who had points from them.
    """
    rows = connection.execute(
        select(
            orders.c.id,
            orders.c.wc_id,
            orders.c.customer_id,
            orders.c.counts,
            orders.c.net_value,
            orders.c.currency,
            orders.c.inbox_id,
        )
        .where(orders.c.store_id == store.id, orders.c.id.in_(order_ids))
        .order_by(orders.c.id)
        # Held until the end: what is booked for an order is read after everybody else has booked for it.
        .with_for_update(key_share=True)
    ).all()
    booked = ledger.booked(connection, store.id, order_ids)
    concerned = {row.customer_id for row in rows if row.customer_id}
    concerned |= {customer for held in booked.values() for customer in held.points}
    customers.lock(connection, store.id, sorted(concerned))
    postings: list[ledger.OrderPosting] = []
    for row in rows:
        held = booked.get(row.id, ledger.OrderBooked({}, 0))
        points = points_for(row.net_value, row.currency) if row.counts else 0
        posting = settle_order(
            f"order {row.wc_id}", row.customer_id, points, held.points, seen_before=held.postings > 0
        )
        if posting is not None:
            postings.append(ledger.OrderPosting(row.id, held.postings + 1, row.inbox_id, posting))
    rule_version = programmes.current(connection, store.id, now).version
    ledger.post(connection, store.id, postings, store.currency, rule_version, now)
    return sorted(concerned)
