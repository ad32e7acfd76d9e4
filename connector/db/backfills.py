"""Backfills: how far the reading of a store's history has come. The cursor is the checkpoint a kill resumes at."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from connector.db.tables import backfills
from connector.domain.troubles import say

RUNNING, DONE = "running", "done"


def start(connection: Connection, store_id: int, now: datetime, *, anew: bool = False) -> int:
    """Start a backfill and return its id; one that is running already goes on as it is.

    ``anew``: one that is running is left behind, because its cursor would pass by what the store has done since.
    """
    current = latest(connection, store_id)
    if current is not None and current.state == RUNNING and not anew:
        return int(current.id)
    return int(
        connection.execute(
            insert(backfills)
            .values(
                store_id=store_id,
                state=RUNNING,
                phase="customers",
                cursor={},
                customers_done=0,
                customers_total=0,
                orders_done=0,
                orders_total=0,
                unreadable=[],
                started_at=now,
                updated_at=now,
            )
            .returning(backfills.c.id)
        ).scalar_one()
    )


def latest(connection: Connection, store_id: int) -> Row[Any] | None:
    """Return the store's newest backfill, or None where it never had one."""
    return connection.execute(
        select(backfills).where(backfills.c.store_id == store_id).order_by(backfills.c.id.desc()).limit(1)
    ).one_or_none()


def checkpoint(connection: Connection, store_id: int, backfill_id: int, now: datetime, **progress: Any) -> None:
    """Store progress (columns of the table) in the transaction that made it."""
    named = backfills.c.store_id == store_id, backfills.c.id == backfill_id
    connection.execute(update(backfills).where(*named).values(updated_at=now, **progress))


def complaint(row: Row[Any]) -> str | None:
    """Return the sentence an owner should read about a backfill, or None where everything could be read."""
    if not row.unreadable:
        return None
    more = len(row.unreadable) - 1
    return say(
        "many_unreadable" if more else "some_unreadable", first=row.unreadable[0].removesuffix("."), number=more
    )


def is_complete(connection: Connection, store_id: int) -> bool:
    """Say whether the store's history has been read to its end at least once."""
    return (
        connection.execute(
            select(backfills.c.id).where(backfills.c.store_id == store_id, backfills.c.state == DONE).limit(1)
        ).first()
        is not None
    )
