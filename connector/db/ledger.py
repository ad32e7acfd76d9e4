"""The points ledger: postings and their entries, added and never changed. Balances are sums over entries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from connector.db.bulk import among
from connector.db.tables import entries, inbox, orders, postings
from connector.domain.ledger import Posting


@dataclass(frozen=True, slots=True)
class OrderBooked:
    """What the ledger says of an order so far: points per customer, and how many postings made them."""

    points: dict[int, int]
    postings: int


def booked(connection: Connection, store_id: int, order_ids: Sequence[int]) -> dict[int, OrderBooked]:
    """Return what is booked for each of these orders; an order without postings is not in the answer."""
    counts = connection.execute(
        select(postings.c.order_id, func.count().label("postings"))
        .where(postings.c.store_id == store_id, postings.c.order_id.in_(order_ids))
        .group_by(postings.c.order_id)
    ).all()
    sums = connection.execute(
        select(postings.c.order_id, entries.c.customer_id, func.sum(entries.c.points).label("points"))
        .join(entries, entries.c.posting_id == postings.c.id)
        .where(
            postings.c.store_id == store_id,
            postings.c.order_id.in_(order_ids),
            entries.c.customer_id.is_not(None),
        )
        .group_by(postings.c.order_id, entries.c.customer_id)
    ).all()
    points: dict[int, dict[int, int]] = defaultdict(dict)
    for row in sums:
        if row.points:
            points[row.order_id][row.customer_id] = int(row.points)
    return {row.order_id: OrderBooked(points[row.order_id], row.postings) for row in counts}


@dataclass(frozen=True, slots=True)
class OrderPosting:
    """A posting about one order: the how-manieth of it, and the delivery that caused it."""

    order_id: int
    number: int
    inbox_id: int | None
    posting: Posting


def post(
    connection: Connection,
    store_id: int,
    made: Sequence[OrderPosting],
    currency: str,
    rule_version: int,
    now: datetime,
) -> None:
    """Add postings with their entries.

    The idempotency key is the order and the posting's number, so that two workers who both saw the same balance
    cannot both post: the second one's transaction fails and its work is done again on what the first one left.
    """
    if not made:
        return
    keys = {one.order_id: f"order:{one.order_id}:{one.number}" for one in made}
    connection.execute(
        insert(postings),
        [
            {
                "store_id": store_id,
                "kind": one.posting.kind,
                "idempotency_key": keys[one.order_id],
                "reason": one.posting.reason,
                "order_id": one.order_id,
                "source": f"order:{one.order_id}",
                "currency": currency,
                "rate": 1,
                "inbox_id": one.inbox_id,
                "rule_version": rule_version,
                "posted_at": now,
            }
            for one in made
        ],
    )
    rows = connection.execute(
        select(postings.c.order_id, postings.c.id).where(
            postings.c.store_id == store_id, postings.c.idempotency_key.in_(keys.values())
        )
    )
    _add_entries(connection, store_id, made, {row.order_id: row.id for row in rows})


def _add_entries(
    connection: Connection, store_id: int, made: Sequence[OrderPosting], posting_ids: Mapping[int, int]
) -> None:
    connection.execute(
        insert(entries),
        [
            {
                "store_id": store_id,
                "posting_id": posting_ids[one.order_id],
                "account": entry.account,
                "customer_id": entry.customer_id,
                "points": entry.points,
            }
            for one in made
            for entry in one.posting.entries
        ],
    )


def balances(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, int]:
    """Return the points of these customers; who never had any is not in the answer."""
    rows = connection.execute(
        select(entries.c.customer_id, func.sum(entries.c.points).label("points"))
        .where(entries.c.store_id == store_id, among(connection, entries.c.customer_id, customer_ids))
        .group_by(entries.c.customer_id)
    )
    return {row.customer_id: int(row.points) for row in rows}


def imbalance(connection: Connection, store_id: int) -> int:
    """Return how many postings do not sum to zero. Anything but 0 is a defect."""
    off = (
        select(entries.c.posting_id)
        .where(entries.c.store_id == store_id)
        .group_by(entries.c.posting_id)
        .having(func.sum(entries.c.points) != 0)
        .subquery()
    )
    return connection.execute(select(func.count()).select_from(off)).scalar_one()


def history(connection: Connection, store_id: int, customer_id: int) -> list[Row[Any]]:
    """Return a customer's entries with their posting, order and delivery, the oldest first."""
    return list(
        connection.execute(
            select(
                postings.c.posted_at,
                postings.c.kind,
                postings.c.reason,
                postings.c.rule_version,
                entries.c.points,
                orders.c.wc_id.label("order_wc_id"),
                inbox.c.delivery_id,
                inbox.c.topic,
                inbox.c.causes,
                inbox.c.received_at,
            )
            .join(entries, entries.c.posting_id == postings.c.id)
            .outerjoin(orders, orders.c.id == postings.c.order_id)
            .outerjoin(inbox, inbox.c.id == postings.c.inbox_id)
            .where(entries.c.store_id == store_id, entries.c.customer_id == customer_id)
            .order_by(postings.c.id, entries.c.id)
        )
    )
