"""Texts of a file as days. Each distinct text is read once, so a million rows cost little."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

from connector.domain.history import epoch_day
from connector.orderfile.chunks import UNBELIEVABLE, UNREADABLE

_REMEMBERED = 200_000

_DAY = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(
    r"[T ] ?([01]?\d|2[0-3])(:[0-5]\d){1,2}([.,]\d{1,9})?( ?(Z|UTC|[+-]\d{2}:?(\d{2})?))?", re.ASCII | re.IGNORECASE
)
_SECOND = re.compile(r"(?<!\d)(?!0?0:00:00)\d{1,2}:\d\d:\d\d", re.ASCII)


class Days(dict[str, int]):
    """Text -> days since 1970-01-01, UNREADABLE, or UNBELIEVABLE for a day before that.

    Read are 1997-09-30, 1997/09/30 and 19970930, or what a strptime `pattern` says. The day is that which is
    written: a time of day and a zone behind it are checked, not converted.
    """

    def __init__(self, pattern: str | None = None) -> None:
        super().__init__()
        self._pattern = pattern

    def __missing__(self, text: str) -> int:
        day = self._pattern_day(text) if self._pattern else _written_day(text)
        if len(self) < _REMEMBERED:
            self[text] = day
        return day

    def _pattern_day(self, text: str) -> int:
        try:
            found = datetime.strptime(text.strip(), self._pattern or "").replace(tzinfo=UTC).date()
        except ValueError:
            return UNREADABLE
        return _believed(found)


def day_and_time(text: str) -> tuple[str, str]:
    """A written date cut into the day and what follows it."""
    plain = text.strip()
    length = 8 if plain[:8].isdigit() else 10
    return plain[:length], plain[length:]


def tells_the_second(text: str) -> bool:
    """Whether a written date has a time of day to the second; midnight is what days without one are written as."""
    return _SECOND.search(text) is not None


class Times(dict[str, bool]):
    """What follows a day -> whether it is a time of day, or nothing."""

    def __missing__(self, text: str) -> bool:
        rest = text.rstrip()
        fine = not rest or _TIME.fullmatch(rest) is not None
        if len(self) < _REMEMBERED:
            self[text] = fine
        return fine


def _written_day(text: str) -> int:
    found = _DAY.fullmatch(text)
    if found is None:
        return UNREADABLE
    year, month, day = (int(found[group] or found[other]) for group, other in ((1, 5), (3, 6), (4, 7)))
    try:
        return _believed(date(year, month, day))
    except ValueError:
        return UNREADABLE


def _believed(day: date) -> int:
    return epoch_day(day) if day.year >= 1970 else UNBELIEVABLE
