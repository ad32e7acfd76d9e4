"""What the store told us, kept before it is acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Row, null, or_, select, update

from connector.db.bulk import keyed
from connector.db.session import insert_into
from connector.db.tables import inbox, stores

UNREADABLE: Final = "could not be read"
STORE_LEFT: Final = "the store left"
_PAYLOADS_KEPT: Final = timedelta(days=30)
_UNREADABLE_KEPT: Final = timedelta(days=180)


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
    """Return what the store told us of last in a way that could not be read ("order 12"), up to a limit.

    As long as what was delivered is kept, see `forget_payloads`.
    """
    found = connection.execute(
        select(inbox.c.resource, inbox.c.wc_id)
        # Those that carry something yet are indexed.
        .where(inbox.c.payload.is_not(None), inbox.c.store_id == store_id, inbox.c.outcome == UNREADABLE)
        .where(~_read_since())
        .distinct()
        .order_by(inbox.c.resource, inbox.c.wc_id)
        .limit(limit)
    )
    return [f"{row.resource} {row.wc_id}" for row in found]


def _read_since() -> ColumnElement[bool]:
    """Return the condition that the store told of the same again, as late or later, and that could be read."""
    later = inbox.alias()
    return (
        select(later.c.id)
        .where(
            later.c.store_id == inbox.c.store_id,
            later.c.resource == inbox.c.resource,
            later.c.wc_id == inbox.c.wc_id,
            later.c.outcome.not_in((UNREADABLE, STORE_LEFT)),
            later.c.observed_at >= inbox.c.observed_at,
        )
        .exists()
    )


def forget_payloads(connection: Connection, now: datetime, limit: int) -> int:
    """Forget what deliveries carried, of any store, that were settled 30 days ago; return how many, the oldest first.

    All else of them stays: repetitions are known by it, and points are explained by it. What waits stays as it came,
    but is given up once its store has been disconnected for 30 days. What could not be read is forgotten once a later
    delivery of the same could be, and after 180 days in any case.
    """
    given_up = _give_up(connection, now, limit)
    gone_by = or_(inbox.c.outcome != UNREADABLE, inbox.c.done_at <= now - _UNREADABLE_KEPT, _read_since())
    settled = (
        select(inbox.c.id)
        .where(inbox.c.payload.is_not(None), inbox.c.done_at <= now - _PAYLOADS_KEPT, gone_by)
        .order_by(inbox.c.done_at)
        .limit(limit - given_up)
    )
    forgotten = connection.execute(update(inbox).where(inbox.c.id.in_(settled)).values(payload=null()))
    return given_up + forgotten.rowcount


def _give_up(connection: Connection, now: datetime, limit: int) -> int:
    left = select(stores.c.id).where(stores.c.state != "connected", stores.c.disconnected_at <= now - _PAYLOADS_KEPT)
    waiting_in_vain = select(inbox.c.id).where(inbox.c.done_at.is_(None), inbox.c.store_id.in_(left)).limit(limit)
    given_up = {"payload": null(), "done_at": now, "outcome": STORE_LEFT}
    return connection.execute(update(inbox).where(inbox.c.id.in_(waiting_in_vain)).values(**given_up)).rowcount
