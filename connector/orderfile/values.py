"""Texts of a file as days and amounts. Each distinct text is read once, so a million rows cost little."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime

from connector.domain.history import epoch_day
from connector.domain.money import exponent, parse_amount

UNREADABLE = -(2**62)
UNBELIEVABLE = UNREADABLE + 1

LARGEST_AMOUNT = 10**12  # minor units; sums of nine million such orders still fit 64 bits
_LONGEST_PRICE = 64  # characters
_REMEMBERED = 200_000

_DAY = re.compile(r"(\d{4})([-/])(\d{2})\2(\d{2})|(\d{4})(\d{2})(\d{2})", re.ASCII)
_TIME = re.compile(
    r"[T ] ?([01]?\d|2[0-3])(:[0-5]\d){1,2}([.,]\d{1,9})?( ?(Z|UTC|[+-]\d{2}:?(\d{2})?))?", re.ASCII | re.IGNORECASE
)
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)(E[+-]?\d{1,3})?", re.ASCII | re.IGNORECASE)
_PRICE = re.compile(r"(-?)\s*([^\d\s.,-]{0,5}\.?)\s*(-?)\s*(\d[\d.,' ]*?)\s*([^\d\s.,-]{0,5}\.?)", re.ASCII)
_SIGNS = frozenset("kr kr. zł Kč Ft lei лв лв. Fr Fr. CHF Rs Rs. RM Rp R ден. din. дин.".split())
_FORMULA_STARTS = ("=", "+", "-", "@")


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


class Times(dict[str, bool]):
    """What follows a day -> whether it is a time of day, or nothing."""

    def __missing__(self, text: str) -> bool:
        rest = text.rstrip()
        fine = not rest or _TIME.fullmatch(rest) is not None
        if len(self) < _REMEMBERED:
            self[text] = fine
        return fine


class Amounts(dict[str, int]):
    """Text -> minor units of a currency, UNREADABLE, or UNBELIEVABLE. `empty` is what no text at all stands for."""

    def __init__(self, currency: str, *, empty: int = UNREADABLE) -> None:
        super().__init__()
        self._currency = currency
        self[""] = empty

    def __missing__(self, text: str) -> int:
        amount = self._read(text)
        if len(self) < _REMEMBERED:
            self[text] = amount
        return amount

    def _read(self, text: str) -> int:
        plain = text.strip()
        if not plain:
            return self[""]
        number = plain_number(plain, self._currency)
        if number is None:
            return UNREADABLE
        try:
            minor = parse_amount(number, self._currency)
        except ValueError:
            return UNBELIEVABLE
        return minor if abs(minor) <= LARGEST_AMOUNT else UNBELIEVABLE


def plain_number(text: str, currency: str) -> str | None:
    """A price as a shop formats it, as a plain decimal number; None where it is none or could be two.

    1,234.56 and 1.234,56 and 1 234,56 are told by which sign comes last. One sign before three digits groups
    thousands, unless the currency has three decimals; only 1.234 by itself is a plain number.
    """
    if len(text) > _LONGEST_PRICE:
        return None
    if text.startswith("'") and text[1:2] in _FORMULA_STARTS:
        text = text[1:]  # spreadsheet protection that exporters put before a minus
    if _NUMBER.fullmatch(text):
        return text
    found = _PRICE.fullmatch(re.sub("[\u00a0\u202f\u2009]", " ", text).replace("’", "'").replace("−", "-"))
    if found is None or (found[1] and found[3]) or not all(_is_unit(found[group], currency) for group in (2, 5)):
        return None
    number = _ungrouped(re.sub("[' ]", "", found[4]), exponent(currency))
    return number and ("-" if found[1] or found[3] else "") + number


def _is_unit(text: str, currency: str) -> bool:
    return (
        not text
        or text in _SIGNS
        or text.upper() == currency.upper()
        or any(unicodedata.category(sign) == "Sc" for sign in text)
    )


def _ungrouped(number: str, decimals: int) -> str | None:
    """Digits with points and commas as one number with at most one point; None where it cannot be told."""
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return number
    sign, other = number[last], "," if number[last] == "." else "."
    whole, _, rest = number.rpartition(sign)
    if other in whole:
        return None if sign in whole else _joined(whole, other, rest)
    if sign in whole:
        return _joined(number, sign, "")
    if len(rest) == 3 and len(whole) <= 3:
        return None if decimals == 3 else whole + rest
    return f"{whole}.{rest}"


def _joined(whole: str, sign: str, rest: str) -> str | None:
    first, *groups = whole.split(sign)
    if not 1 <= len(first) <= 3 or any(len(group) != 3 for group in groups):
        return None
    return f"{first}{''.join(groups)}.{rest}"


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
