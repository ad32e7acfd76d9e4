"""What the store told us, kept before it is acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Row, null, select, update

from connector.db.bulk import keyed
from connector.db.session import insert_into
from connector.db.tables import inbox

UNREADABLE: Final = "could not be read"
_PAYLOADS_KEPT: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message about one resource.

    ``source`` is "plugin" (signed, carries the state) or "native" (a hint to look); ``observed_at`` is the store's
    clock just before the state was read, or ours at receipt for a hint.
    """

    delivery_id: str
    source: str
    topic: str
    resource: str
    wc_id: int
    observed_at: datetime
    payload: dict[str, Any]
    causes: tuple[str, ...] = ()


def keep(connection: Connection, store_id: int, delivery: Delivery, now: datetime) -> int | None:
    """Store a delivery; return its row id, or None where the same delivery is already there."""
    statement = (
        insert_into(connection, inbox)
        .values(
            store_id=store_id,
            delivery_id=delivery.delivery_id,
            source=delivery.source,
            topic=delivery.topic,
            resource=delivery.resource,
            wc_id=delivery.wc_id,
            observed_at=delivery.observed_at,
            payload=delivery.payload,
            causes=list(delivery.causes),
            received_at=now,
        )
        .on_conflict_do_nothing(index_elements=[inbox.c.store_id, inbox.c.delivery_id])
        .returning(inbox.c.id)
    )
    return connection.execute(statement).scalar_one_or_none()


def waiting(connection: Connection, store_id: int, resource: str, wc_id: int) -> list[Row[Any]]:
    """Return the deliveries about one resource that are not settled, in the order the store observed them."""
    return list(
        connection.execute(
            select(inbox)
            .where(
                inbox.c.store_id == store_id,
                inbox.c.resource == resource,
                inbox.c.wc_id == wc_id,
                inbox.c.done_at.is_(None),
            )
            .order_by(inbox.c.observed_at, inbox.c.id)
        )
    )


def settle(connection: Connection, store_id: int, ids: Sequence[int], outcome: str, now: datetime) -> None:
    """Record what became of deliveries, in a few words that `regulars explain` shows."""
    connection.execute(
        update(inbox).where(keyed(connection, inbox.c.id, store_id, ids)).values(done_at=now, outcome=outcome)
    )


def unread(connection: Connection, store_id: int, limit: int) -> list[str]:
    """Return what the store told us of last in a way that could not be read ("order 12"), up to a limit."""
    later = inbox.alias()
    read_since = select(later.c.id).where(
        later.c.store_id == store_id,
        later.c.resource == inbox.c.resource,
        later.c.wc_id == inbox.c.wc_id,
        later.c.outcome != UNREADABLE,
        later.c.observed_at >= inbox.c.observed_at,
    )
    found = connection.execute(
        select(inbox.c.resource, inbox.c.wc_id)
        # What could not be read keeps its payload, and those are indexed.
        .where(inbox.c.payload.is_not(None), inbox.c.store_id == store_id, inbox.c.outcome == UNREADABLE)
        .where(~read_since.exists())
        .distinct()
        .order_by(inbox.c.resource, inbox.c.wc_id)
        .limit(limit)
    )
    return [f"{row.resource} {row.wc_id}" for row in found]


def forget_payloads(connection: Connection, now: datetime, limit: int) -> int:
    """Forget what deliveries carried, of any store, that were settled 30 days ago; return how many, the oldest first.

    All else of them stays: repetitions are known by it, and points are explained by it. What waits stays as it came,
    and so does what could not be read.
    """
    settled = (
        select(inbox.c.id)
        .where(
            inbox.c.payload.is_not(None),
            inbox.c.done_at <= now - _PAYLOADS_KEPT,
            inbox.c.outcome != UNREADABLE,
        )
        .order_by(inbox.c.done_at)
        .limit(limit)
    )
    return connection.execute(update(inbox).where(inbox.c.id.in_(settled)).values(payload=null())).rowcount
