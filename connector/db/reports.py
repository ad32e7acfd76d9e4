"""What ledger and lots add up to, for the report on points outstanding: whole stores, summed by the database."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, case, func, literal, select

from connector.db import programmes
from connector.db.stores import Store
from connector.db.tables import accounts, entries, lots, postings
from connector.domain.breakage import Cohort
from connector.domain.calendar import first_moment_of, local_day, months_before
from connector.domain.liability import Balances, Liability, Moved, liability

# Ten years; what is older is counted with the oldest month.
_MOST_MONTHS: Final = 120


def points_outstanding(connection: Connection, store: Store, now: datetime) -> Liability:
    """Return what the store owes in points as of now. It reads the whole ledger: ask from a reading view."""
    rules = programmes.current(connection, store.id, now).redeeming
    return liability(
        cohorts(connection, store, now),
        _moved(connection, store, now),
        _balances(connection, store.id),
        rules.points_per_unit,
        store.currency,
    )


def cohorts(connection: Connection, store: Store, now: datetime) -> list[Cohort]:
    """Lots by the store's month of earning. Those earned before the first posting were never anybody's to spend."""
    first: datetime | None = connection.execute(
        select(func.min(lots.c.earned_at)).where(lots.c.store_id == store.id)
    ).scalar_one()
    began = _first_posting(connection, store.id)
    if first is None or began is None:
        return []
    begins = _months(first, now, store.zone)
    watched = lots.c.earned_at >= began
    rows = connection.execute(
        select(
            _month_of(lots.c.earned_at, begins).label("month"),
            func.sum(lots.c.points).label("points"),
            func.sum(lots.c.spent).label("spent"),
            func.sum(lots.c.expired).label("expired"),
            func.sum(case((watched, lots.c.points), else_=0)).label("watched_points"),
            func.sum(case((watched, lots.c.spent), else_=0)).label("watched_spent"),
            func.sum(case((watched, lots.c.expired), else_=0)).label("watched_expired"),
            func.sum(case((watched & (lots.c.expired > 0), 1), else_=0)).label("watched_expired_lots"),
        )
        .where(lots.c.store_id == store.id)
        .group_by("month")
        .order_by("month")
    )
    last = len(begins) - 1
    return [
        Cohort(last - row.month, **{name: int(sum_) for name, sum_ in row._mapping.items() if name != "month"})
        for row in rows
    ]


def _moved(connection: Connection, store: Store, now: datetime) -> list[Moved]:
    """Return what each month's postings moved, from the first one on, months without any included."""
    began = _first_posting(connection, store.id)
    if began is None:
        return []
    begins = _months(began, now, store.zone)
    rows = connection.execute(
        select(
            _month_of(postings.c.posted_at, begins).label("month"),
            entries.c.account,
            func.sum(entries.c.points).label("points"),
        )
        .join(entries, entries.c.posting_id == postings.c.id)
        .where(postings.c.store_id == store.id)
        .group_by("month", entries.c.account)
    )
    held: dict[int, dict[str, int]] = {month: {} for month in range(len(begins))}
    for row in rows:
        # Points are issued out of the store's account, so that it is read the other way round.
        held[row.month][row.account] = -int(row.points) if row.account == "issued" else int(row.points)
    return [Moved(f"{local_day(begin, store.zone):%Y-%m}", **held[month]) for month, begin in enumerate(begins)]


def _balances(connection: Connection, store_id: int) -> Balances:
    row = connection.execute(
        select(
            func.coalesce(func.sum(accounts.c.pending), 0).label("pending"),
            func.coalesce(func.sum(accounts.c.available), 0).label("available"),
            func.coalesce(func.sum(accounts.c.owed), 0).label("owed"),
            func.coalesce(func.sum(case((accounts.c.available < 0, accounts.c.available), else_=0)), 0).label(
                "overdrawn"
            ),
        ).where(accounts.c.store_id == store_id)
    ).one()
    return Balances(**{name: int(points) for name, points in row._mapping.items()})


def _first_posting(connection: Connection, store_id: int) -> datetime | None:
    first: datetime | None = connection.execute(
        select(func.min(postings.c.posted_at)).where(postings.c.store_id == store_id)
    ).scalar_one()
    return first


def _months(first: datetime, now: datetime, zone: tzinfo) -> list[datetime]:
    """Return when each of the store's months began, from that of ``first`` to that of ``now``, the oldest first."""
    month = local_day(now, zone).replace(day=1)
    begins = [first_moment_of(month, zone)]
    while begins[0] > first and len(begins) < _MOST_MONTHS:
        month = months_before(month, 1)
        begins.insert(0, first_moment_of(month, zone))
    return begins


def _month_of(moment: ColumnElement[datetime], begins: Sequence[datetime]) -> ColumnElement[Any]:
    """Return the number of the month that a moment falls in; databases do not agree about time zones."""
    before = [(moment < begin, literal(number)) for number, begin in enumerate(begins[1:])]
    return case(*before, else_=literal(len(begins) - 1)) if before else literal(0)
