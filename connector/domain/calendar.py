"""Days as the store counts them."""

import re
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_BIRTHDAY: Final = re.compile(r"(?P<year>\d{4}-)?\d\d-\d\d", re.ASCII)
_OFFSET: Final = re.compile(r"(?P<sign>[+-])(?P<hours>[01]?\d|2[0-3])(:(?P<minutes>[0-5]\d))?", re.ASCII)


def store_zone(name: str) -> tzinfo:
    """Return the zone WordPress names: an IANA name, or a bare offset such as ``+02:00``.

    Raises ValueError for anything else.
    """
    if offset := _OFFSET.fullmatch(name):
        ahead = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
        return timezone(-ahead if offset["sign"] == "-" else ahead)
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone") from error


def local_day(moment: datetime, zone: tzinfo) -> date:
    """Return the store's calendar day at an aware moment."""
    return moment.astimezone(zone).date()


def months_before(day: date, months: int) -> date:
    """Return the same day of the month ``months`` earlier, or that month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 - months
    first = date(index // 12, index % 12 + 1, 1)
    following = date((index + 1) // 12, (index + 1) % 12 + 1, 1)
    return first + timedelta(days=min(day.day, (following - first).days) - 1)


def months_after(day: date, months: int) -> date:
    """Return the same day of the month ``months`` later, or that month's last day where it is shorter."""
    return months_before(day, -months)


def end_of_day(day: date, zone: tzinfo) -> datetime:
    """Return the last second of the store's day, in UTC."""
    # Where clocks are set back at midnight the last hour comes twice; the day ends with the second one.
    return datetime(day.year, day.month, day.day, 23, 59, 59, tzinfo=zone, fold=1).astimezone(UTC)


def first_moment_of(day: date, zone: tzinfo) -> datetime:
    """Return the first moment of the store's day, in UTC."""
    return first_moment_after(day - timedelta(days=1), zone)


def first_moment_after(day: date, zone: tzinfo) -> datetime:
    """Return the first moment that is not the store's day any more, in UTC."""
    return end_of_day(day, zone) + timedelta(seconds=1)


def from_epoch_day(day: int) -> date:
    """Return the calendar day that is ``day`` days after 1970-01-01."""
    return date(1970, 1, 1) + timedelta(days=day)


def birthday(text: str) -> tuple[int, int] | None:
    """Return the month and day of "MM-DD" or "YYYY-MM-DD", or None where that is no day there is."""
    written = _BIRTHDAY.fullmatch(text)
    if written is None:
        return None
    try:
        # Without a year any year with a 29 February will do.
        day = date.fromisoformat(text if written["year"] else f"2000-{text}")
    except ValueError:
        return None
    return day.month, day.day
