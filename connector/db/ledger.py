"""The points ledger: postings and their entries, added and never changed. Balances are sums over entries."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, insert, select

from connector.db import bulk
from connector.db.bulk import among, among_texts, given, insert_rows
from connector.db.session import insert_into
from connector.db.tables import entries, inbox, orders, postings
from connector.domain.ledger import Posting


def booked(
    connection: Connection, store_id: int, customer_ids: Sequence[int]
) -> dict[str, dict[tuple[int, str], int]]:
    """Return what is booked in these customers' accounts, by source, leaving out what sums to nothing."""
    rows = bulk.of_customers(connection, _booked, store_id, customer_ids)
    found: dict[str, dict[tuple[int, str], int]] = defaultdict(dict)
    for source, customer, account, points in rows:
        found[source][customer, account] = int(points)
    return found


@cache
def _booked(dialect: str) -> Select[Any]:
    mine = entries.c.store_id == bindparam("store"), given(dialect, entries.c.customer_id)
    by = postings.c.source, entries.c.customer_id, entries.c.account
    summed = select(*by, func.sum(entries.c.points)).join(postings, postings.c.id == entries.c.posting_id)
    return summed.where(*mine).group_by(*by).having(func.sum(entries.c.points) != 0)


def counts(connection: Connection, store_id: int, sources: Sequence[str]) -> dict[str, int]:
    """Return how many postings there are about each of these sources; those without are not in the answer."""
    rows = connection.execute(
        select(postings.c.source, func.count())
        .where(postings.c.store_id == store_id, among_texts(connection, postings.c.source, sources))
        .group_by(postings.c.source)
    )
    return {source: count for source, count in rows}  # noqa: C416 - a row is no pair to the type checker


@dataclass(frozen=True, slots=True)
class Booking:
    """A posting with what it is filed under: the how-manieth of its source, its order, delivery, money and rules.

    ``currency`` is what the points were earned in, ``rate`` what one unit of it was worth in the store's.
    """

    posting: Posting
    number: int
    currency: str
    rate: Decimal
    rule_version: int
    order_id: int | None = None
    inbox_id: int | None = None

    @property
    def key(self) -> str:
        """What makes the posting happen once."""
        return f"{self.posting.source}:{self.number}"


def post(connection: Connection, store_id: int, made: Sequence[Booking], now: datetime) -> None:
    """Add postings with their entries.

    The idempotency key is the source and the posting's number, so that two workers who both saw the same balance
    cannot both post: the second one's transaction fails and its work is done again on what the first one left.
    """
    if not made:
        return
    rows = connection.execute(
        insert(postings).returning(postings.c.idempotency_key, postings.c.id),
        [
            {
                "store_id": store_id,
                "kind": one.posting.kind,
                "idempotency_key": one.key,
                "reason": one.posting.reason,
                "order_id": one.order_id,
                "source": one.posting.source,
                "currency": one.currency,
                "rate": one.rate,
                "inbox_id": one.inbox_id,
                "rule_version": one.rule_version,
                "posted_at": now,
            }
            for one in made
        ],
    )
    _add_entries(connection, store_id, made, {row.idempotency_key: row.id for row in rows})


def _add_entries(
    connection: Connection, store_id: int, made: Sequence[Booking], posting_ids: Mapping[str, int]
) -> None:
    insert_rows(
        connection,
        insert_into(connection, entries),
        [
            {
                "store_id": store_id,
                "posting_id": posting_ids[one.key],
                "account": entry.account,
                "customer_id": entry.customer_id,
                "points": entry.points,
            }
            for one in made
            for entry in one.posting.entries
        ],
    )


def sums(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, dict[str, int]]:
    """Return what the entries of these customers sum to, by account; who never had any is not in the answer."""
    rows = connection.execute(
        select(entries.c.customer_id, entries.c.account, func.sum(entries.c.points))
        .where(entries.c.store_id == store_id, among(connection, entries.c.customer_id, customer_ids))
        .group_by(entries.c.customer_id, entries.c.account)
    )
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for customer, account, points in rows:
        found[customer][account] = int(points)
    return dict(found)


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
                postings.c.id.label("posting_id"),
                postings.c.posted_at,
                postings.c.kind,
                postings.c.source,
                postings.c.reason,
                postings.c.rule_version,
                entries.c.account,
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
