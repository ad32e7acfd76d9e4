"""Work that is owed: committed with what caused it, claimed by one worker at a time, gone when it is done.

Redis only carries the ids. A claim is a lease: a worker that dies loses it when ``due_at`` passes, and another
one takes over. What a disconnected store is owed waits, as it is, until the store connects again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Update, and_, case, delete, func, null, or_, select, update

from connector.db.session import insert_into
from connector.db.tables import stores, work

# So far may the clock of who asks be ahead of the one of who works, and it is worth waiting for.
_CLOCKS_APART = timedelta(seconds=5)
_FIRST_DELAY = timedelta(seconds=5)
LONGEST_DELAY = timedelta(hours=1)


class ClaimLost(Exception):
    """Another worker holds this work now; whatever this one did since must be rolled back."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One worker's hold on one piece of work. ``taken_over``: from a worker that fell silent.

    ``place``: how far it had come, see `progressed`.
    """

    id: int
    store_id: int
    job: str
    subject: str
    wanted: int
    attempts: int
    place: int | None
    claimed_by: str
    taken_over: bool = False


def want(connection: Connection, store_id: int, job: str, subject: str, now: datetime) -> int:
    """Ask for a job, once however often it is asked for; return the id to offer to the queue after commit.

    Asking while it runs makes it run once more. Asking while it waits out a failure does not shorten the wait.
    """
    statement = insert_into(connection, work).values(
        store_id=store_id,
        job=job,
        subject=subject,
        wanted=1,
        due_at=now,
        offered_at=now,
        attempts=0,
    )
    sooner = and_(work.c.claimed_by.is_(None), or_(work.c.attempts == 0, work.c.parked_at.is_not(None)))
    upsert = statement.on_conflict_do_update(
        index_elements=[work.c.store_id, work.c.job, work.c.subject],
        set_={
            "wanted": work.c.wanted + 1,
            # Never later: who is asked for again and again must not lose their turn.
            "due_at": case((and_(sooner, work.c.due_at > now), now), else_=work.c.due_at),
            "parked_at": None,
            "place": None,
        },
    ).returning(work.c.id)
    return int(connection.execute(upsert).scalar_one())


def claim(connection: Connection, work_id: int, claimed_by: str, now: datetime, lease: timedelta) -> Claim | None:
    """Take the work for the length of a lease, or return None where it is done, not due or somebody else's.

    None also where its store is disconnected.

    Taking it over from a worker that fell silent counts as an attempt: work that kills its workers must be noticed.
    """
    silent = connection.execute(select(work.c.claimed_by).where(work.c.id == work_id)).scalar_one_or_none()
    row: Any = connection.execute(
        update(work)
        .where(work.c.id == work_id, work.c.due_at <= now, work.c.parked_at.is_(None), of_connected())
        .values(
            claimed_by=claimed_by,
            due_at=now + lease,
            attempts=work.c.attempts + case((work.c.claimed_by.is_not(None), 1), else_=0),
        )
        .returning(
            work.c.id, work.c.store_id, work.c.job, work.c.subject, work.c.wanted, work.c.attempts, work.c.place
        )
    ).one_or_none()
    return Claim(**row._mapping, claimed_by=claimed_by, taken_over=silent is not None) if row else None


def due_in(connection: Connection, work_id: int, now: datetime) -> timedelta | None:
    """Return how long work that was just asked for is not due yet by a clock that is behind, None for any other work.

    It is to be waited out, never begun before: what holds from its moment on must hold when it is done. Work that
    rests or was put off is not waited for.
    """
    fresh = work.c.claimed_by.is_(None), work.c.attempts == 0, work.c.last_error.is_(None)
    soon = work.c.due_at > now, work.c.due_at <= now + _CLOCKS_APART
    due_at = connection.execute(select(work.c.due_at).where(work.c.id == work_id, *fresh, *soon)).scalar_one_or_none()
    return due_at and due_at - now


def of_connected() -> ColumnElement[bool]:
    """Return the condition that work is of a store that is connected."""
    return work.c.store_id.in_(select(stores.c.id).where(stores.c.state == "connected"))


def renew(connection: Connection, held: Claim, now: datetime, lease: timedelta) -> None:
    """Extend a lease, in a transaction that must not store anything beside who took the work over. Raises ClaimLost.

    For work that a broken-off run begins anew: how often it failed is remembered until it is done.
    """
    _update_held(connection, held, due_at=now + lease)


def progressed(connection: Connection, held: Claim, place: int | None = None) -> None:
    """Keep how far the work has come, in the transaction that brought it there. Raises ClaimLost.

    So nothing is stored beside whoever took the work over. Earlier interruptions are forgotten, because the next run
    begins further on; for work that would not, there is `renew`. Where it was asked for again meanwhile no place is
    kept: it is to begin anew.
    """
    _update_held(connection, held, attempts=0, place=_place(held, place))


def finish(connection: Connection, held: Claim, now: datetime) -> bool:
    """Record that the work is done, in the transaction that did it. Raises ClaimLost.

    Returns True where it was asked for again meanwhile: the row stays, due at once.
    """
    gone = connection.execute(
        delete(work).where(work.c.id == held.id, work.c.claimed_by == held.claimed_by, work.c.wanted == held.wanted)
    )
    if gone.rowcount:
        return False
    go_on(connection, held, now)
    return True


def go_on(connection: Connection, held: Claim, now: datetime, place: int | None = None) -> None:
    """Give the work back after a checkpoint, due at once, so that other stores get their turn. Raises ClaimLost.

    ``place``: as in `progressed`.
    """
    _update_held(
        connection,
        held,
        claimed_by=None,
        due_at=now,
        offered_at=now,
        attempts=0,
        last_error=None,
        place=_place(held, place),
    )


def _place(held: Claim, place: int | None) -> Any:
    return None if place is None else case((work.c.wanted == held.wanted, place), else_=null())


def put_off(
    connection: Connection,
    held: Claim,
    now: datetime,
    error: str | None,
    retry_after: float | None = None,
    longest: timedelta = LONGEST_DELAY,
) -> datetime:
    """Give the work back after a failure that may pass; return when it is due. Raises ClaimLost.

    Delays double from 5 seconds to the longest; a store that says how long to wait is obeyed.
    """
    ours = select(work.c.attempts).where(work.c.id == held.id, work.c.claimed_by == held.claimed_by)
    # Not the claim's: the work may have got on since, see `progressed`.
    attempts = connection.execute(ours).scalar_one_or_none() or 0
    due_at: datetime = now + max(min(delay_after(attempts), longest), timedelta(seconds=retry_after or 0))
    _update_held(
        connection,
        held,
        claimed_by=None,
        due_at=due_at,
        offered_at=None,
        attempts=attempts + 1,
        last_error=error,
    )
    return due_at


def delay_after(failures: int) -> timedelta:
    """Return how long to wait after one more failure than these: 5 seconds, doubled each time, up to an hour."""
    delay: timedelta = _FIRST_DELAY * 2 ** min(failures, 12)
    return min(delay, LONGEST_DELAY)


def rest(connection: Connection, held: Claim, now: datetime, until: datetime, error: str) -> bool:
    """Give the work back to be gone on with at a time; asking for it again shortens the wait. Raises ClaimLost.

    Returns True where it was asked for again meanwhile: it is due at once. ``error`` is for the store's owner.
    """
    resting = connection.execute(
        _held(held)
        .where(work.c.wanted == held.wanted)
        .values(claimed_by=None, due_at=until, offered_at=None, attempts=0, last_error=error)
    )
    if resting.rowcount:
        return False
    go_on(connection, held, now)
    return True


def park(connection: Connection, held: Claim, now: datetime, error: str) -> None:
    """Set the work aside after a failure that will not pass by itself. Raises ClaimLost.

    Where it was asked for again meanwhile it is due at once instead: what stood in its way may be gone.
    """
    parked = connection.execute(
        _held(held)
        .where(work.c.wanted == held.wanted)
        .values(claimed_by=None, attempts=held.attempts + 1, last_error=error, parked_at=now)
    )
    if not parked.rowcount:
        go_on(connection, held, now)


def unpark(connection: Connection, store_id: int, now: datetime) -> None:
    """Let a store's parked, put-off and resting work be tried again: what stood in its way may be gone.

    Work that is being done counts as asked for again: it may still fail over what it began with, such as an old key.
    """
    # Not what never failed: it may be wanted at a time to come.
    stopped = or_(work.c.attempts > 0, work.c.last_error.is_not(None))
    connection.execute(
        update(work)
        .where(work.c.store_id == store_id, work.c.claimed_by.is_(None), stopped)
        .values(parked_at=None, due_at=now, offered_at=None, attempts=0, last_error=None)
    )
    connection.execute(
        update(work)
        .where(work.c.store_id == store_id, work.c.claimed_by.is_not(None))
        .values(wanted=work.c.wanted + 1)
    )


def _update_held(connection: Connection, held: Claim, **values: Any) -> None:
    if not connection.execute(_held(held).values(**values)).rowcount:
        raise ClaimLost(f"{held.job} {held.subject} is another worker's now")


def _held(held: Claim) -> Update:
    return update(work).where(work.c.id == held.id, work.c.claimed_by == held.claimed_by)


def owed(connection: Connection, store_id: int) -> dict[str, int]:
    """Return how much work of each job a store is owed."""
    rows = connection.execute(
        select(work.c.job, func.count().label("owed")).where(work.c.store_id == store_id).group_by(work.c.job)
    )
    return {row.job: row.owed for row in rows}


def is_owed(connection: Connection, store_id: int, job: str, subject: str) -> bool:
    """Say whether a job about a subject waits or is being done."""
    owed = select(work.c.id).where(work.c.store_id == store_id, work.c.job == job, work.c.subject == subject)
    return connection.execute(owed).first() is not None


def is_parked(connection: Connection, store_id: int, job: str) -> bool:
    """Say whether a job of the store is set aside until something changes."""
    parked = select(work.c.id).where(work.c.store_id == store_id, work.c.job == job, work.c.parked_at.is_not(None))
    return connection.execute(parked.limit(1)).first() is not None


def last_error(connection: Connection, store_id: int) -> str | None:
    """Return the sentence of the latest failure among work still owed, or None."""
    return connection.execute(
        select(work.c.last_error)
        .where(work.c.store_id == store_id, work.c.last_error.is_not(None))
        .order_by(work.c.due_at.desc())
        .limit(1)
    ).scalar_one_or_none()
