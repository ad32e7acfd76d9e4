"""Work in nobody's hands: what is offered again, what is tried again, and what nobody takes."""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Connection, func, or_, select, update

from connector.db.tables import work
from connector.db.work import of_connected

OFFER_AGAIN_AFTER = timedelta(seconds=30)
LEFT_ALONE_AFTER = timedelta(minutes=5)
_TRY_PARKED_AFTER = timedelta(hours=6)


def offer_due(connection: Connection, now: datetime, limit: int, jobs: Collection[str]) -> list[tuple[int, str]]:
    """Return (id, job) of work of these jobs that is due and was not offered lately, and mark it offered.

    The oldest comes first.
    """
    rows = connection.execute(
        select(work.c.id, work.c.job)
        .where(
            work.c.due_at <= now,
            work.c.parked_at.is_(None),
            work.c.job.in_(jobs),
            of_connected(),
            or_(work.c.offered_at.is_(None), work.c.offered_at <= now - OFFER_AGAIN_AFTER),
        )
        .order_by(work.c.due_at, work.c.id)
        .limit(limit)
    ).all()
    if rows:
        connection.execute(update(work).where(work.c.id.in_([row.id for row in rows])).values(offered_at=now))
    return [(row.id, row.job) for row in rows]


def left_alone(connection: Connection, now: datetime) -> int:
    """Return how much work has been due for minutes while no worker holds any: none where somebody is at work."""
    held = select(work.c.id).where(work.c.claimed_by.is_not(None), work.c.due_at > now)
    if connection.execute(held.limit(1)).first() is not None:
        return 0
    waiting = (work.c.due_at <= now - LEFT_ALONE_AFTER, work.c.parked_at.is_(None), of_connected())
    return connection.execute(select(func.count()).select_from(work).where(*waiting)).scalar_one()


def try_parked(connection: Connection, now: datetime) -> int:
    """Let work of connected stores that was set aside six hours ago be tried again; return how much.

    What stood in its way may be gone without anybody telling us. The sentence for the owner stays until it is done.
    """
    tried = connection.execute(
        update(work)
        .where(work.c.parked_at <= now - _TRY_PARKED_AFTER, of_connected())
        .values(parked_at=None, due_at=now, offered_at=None)
    )
    return tried.rowcount
