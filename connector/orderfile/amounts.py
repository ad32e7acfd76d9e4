"""Amounts as shops write them, read one by one and understood together: a file shows which sign its decimals have."""

from __future__ import annotations

import re
from decimal import ROUND_DOWN, Decimal
from enum import IntEnum

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Ints
from connector.domain.money import exponent
from connector.orderfile.chunks import NOTHING, UNBELIEVABLE, UNREADABLE, Texts
from connector.orderfile.currencies import Units, unit

LARGEST_AMOUNT = 10**12  # minor units; sums of nine million such orders still fit 64 bits
_PLACES = 6  # beyond them nothing decides how an amount is rounded to at most three decimals
_LARGEST = 2 * 10**18  # millionths; above those of the largest amount of any currency, and within 64 bits
_LONGEST_PRICE = 64  # characters
_REMEMBERED = 200_000

_PLAIN = re.compile(r"([+-]?)(\d*)(\.?)(\d*)", re.ASCII)
_POWER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)E[+-]?\d{1,3}", re.ASCII | re.IGNORECASE)
_PRICE = re.compile(r"(-?)\s*([^\d\s.,-]{0,5}\.?)\s*(-?)\s*(\d[\d.,' ]*?)\s*([^\d\s.,-]{0,5}\.?)", re.ASCII)
_FORMULA_STARTS = ("=", "+", "-", "@")


class Spelling(IntEnum):
    """What an amount shows of its file's signs, or what could be meant by it: 1.234 may be a thousand times 1.234."""

    TELLS_NOTHING = 0
    POINT_BEFORE_DECIMALS = 1
    COMMA_BEFORE_DECIMALS = 2
    PLAIN_OR_GROUPED = 3  # 1.234, as computers write numbers
    GROUPED_BY_POINT = 4  # €1.234, as people write prices
    GROUPED_BY_COMMA = 5  # 1,234
    BELOW_A_THOUSAND = 6  # 500, where no sign is needed
    UNGROUPED = 7  # 2000


Read = tuple[int, Spelling, frozenset[str]]
Spellings = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]


class Amounts:
    """Reads amounts of one file; `empty` is what nothing written stands for."""

    def __init__(self, units: Units, *, empty: int = UNREADABLE) -> None:
        self._units = units
        self._known: dict[str, tuple[int, int, int]] = {"": (empty, Spelling.TELLS_NOTHING, 0)}

    def read(self, texts: Texts) -> tuple[Ints, Spellings, Ints]:
        """Of each row the millionths, the Spelling, and the number of its currency among the units.

        Instead of millionths UNREADABLE or UNBELIEVABLE; of a grouped number they are those of 1.234.
        """
        found = np.array([self._one(text) for text in texts.distinct], dtype=np.int64).reshape(-1, 3)
        millionths, spelling, said = found[texts.codes].T
        return millionths, spelling.astype(np.int8), said

    def _one(self, text: str) -> tuple[int, int, int]:
        known = self._known.get(text)
        if known is None:
            plain = text.strip()
            if plain in NOTHING:
                known = self._known[""]
            else:
                millionths, spelling, names = read_amount(plain)
                known = millionths, int(spelling), self._units.number(names)
            if len(self._known) < _REMEMBERED:
                self._known[text] = known
        return known


class Notation:
    """How a file writes its amounts, shown by all of them together, and the decimals of its currency."""

    def __init__(self, currency: str | None, *spellings: Spellings) -> None:
        shown = np.zeros(len(Spelling), dtype=bool)
        for spelling in spellings:
            shown[np.unique(spelling)] = True
        self._places = exponent(currency or "")
        decimals, thousands = _meanings(shown, self._places)
        self._factor = np.where(thousands & ~decimals, 1000, 1)
        self._doubtful = thousands & decimals

    def minor(self, millionths: Ints, spelling: Spellings) -> Ints:
        """Minor units of the currency, rounded half up, UNREADABLE where it could be two, or UNBELIEVABLE."""
        believed = millionths > UNBELIEVABLE
        size = np.abs(np.where(believed, millionths, 0)) * self._factor[spelling]
        unit_size = 10 ** (_PLACES - self._places)
        minor = (size + unit_size // 2) // unit_size
        minor = np.where(minor > LARGEST_AMOUNT, UNBELIEVABLE, np.sign(millionths) * minor)
        minor = np.where(believed & self._doubtful[spelling], UNREADABLE, minor)
        return np.where(believed, minor, millionths)


def _meanings(shown: Flags, places: int) -> tuple[Flags, Flags]:
    """Of each Spelling whether three digits behind its one sign can be decimals, and whether thousands."""
    points, commas = shown[Spelling.POINT_BEFORE_DECIMALS], shown[Spelling.COMMA_BEFORE_DECIMALS]
    decimals, thousands = np.zeros(len(Spelling), dtype=bool), np.zeros(len(Spelling), dtype=bool)
    for spelling, here, elsewhere in (
        (Spelling.GROUPED_BY_POINT, points, commas),
        (Spelling.GROUPED_BY_COMMA, commas, points),
    ):
        decimals[spelling] = here or (places == 3 and not elsewhere)
        thousands[spelling] = places < 3 or elsewhere or not here
    plain = Spelling.PLAIN_OR_GROUPED
    if places:
        decimals[plain], thousands[plain] = points or not commas, commas
    else:
        grouped = commas or shown[Spelling.GROUPED_BY_POINT]
        ungrouped = shown[Spelling.UNGROUPED]
        decimals[plain] = points or (not grouped and (ungrouped or shown[Spelling.BELOW_A_THOUSAND]))
        thousands[plain] = grouped or not (points or ungrouped)
    return decimals, thousands


def read_amount(text: str) -> Read:
    """Millionths of an amount (UNREADABLE, UNBELIEVABLE), how it is spelt, and the codes and signs beside it.

    1,234.56 and 1.234,56 and 1 234,56 are told by which sign comes last. One sign before three digits is left to
    the Notation of the file, and read here as if decimals came after it.
    """
    none: Read = UNREADABLE, Spelling.TELLS_NOTHING, frozenset()
    if len(text) > _LONGEST_PRICE:
        return none
    if text.startswith("'") and text[1:2] in _FORMULA_STARTS:
        text = text[1:]  # spreadsheet protection that exporters put before a minus
    plain = _PLAIN.fullmatch(text)
    if plain and (plain[2] or plain[4]):
        return _millionths(plain[1] == "-", plain[2], plain[4]), _plainly(plain[2], plain[4]), frozenset()
    if _POWER.fullmatch(text):
        return _power(text), Spelling.TELLS_NOTHING, frozenset()
    found = _PRICE.fullmatch(re.sub("[\u00a0\u202f\u2009]", " ", text).replace("’", "'").replace("−", "-"))
    if found is None or (found[1] and found[3]):
        return none
    names = [unit(beside) for beside in (found[2], found[5]) if beside]
    parts = _ungrouped(re.sub("[' ]", "", found[4]))
    if parts is None or None in names:
        return none
    whole, decimals, spelling = parts
    millionths = _millionths(bool(found[1] or found[3]), whole, decimals)
    return millionths, spelling, frozenset(name for name in names if name)


def _plainly(whole: str, decimals: str) -> Spelling:
    if not decimals:
        return _wholly(whole)
    return Spelling.PLAIN_OR_GROUPED if _could_be_grouped(whole, decimals) else Spelling.POINT_BEFORE_DECIMALS


def _wholly(digits: str) -> Spelling:
    size = len(digits.lstrip("0"))
    if size > 3:
        return Spelling.UNGROUPED
    return Spelling.BELOW_A_THOUSAND if size else Spelling.TELLS_NOTHING


def _could_be_grouped(whole: str, rest: str) -> bool:
    return len(rest) == 3 and 1 <= len(whole) <= 3 and whole[0] != "0"


def _ungrouped(number: str) -> tuple[str, str, Spelling] | None:
    """Digits with points and commas as a whole number, its decimals and how that is spelt; None where it is none."""
    last = max(number.rfind("."), number.rfind(","))
    if last < 0:
        return number, "", _wholly(number)
    sign, other = number[last], "," if number[last] == "." else "."
    before = Spelling.POINT_BEFORE_DECIMALS if sign == "." else Spelling.COMMA_BEFORE_DECIMALS
    whole, _, rest = number.rpartition(sign)
    if other in whole:
        joined = None if sign in whole else _joined(whole, other)
        return None if joined is None else (joined, rest, before)
    if sign in whole:
        grouped = _joined(number, sign)
        after = Spelling.COMMA_BEFORE_DECIMALS if sign == "." else Spelling.POINT_BEFORE_DECIMALS
        return None if grouped is None else (grouped, "", after)
    if _could_be_grouped(whole, rest):
        return whole, rest, Spelling.GROUPED_BY_POINT if sign == "." else Spelling.GROUPED_BY_COMMA
    return whole, rest, before if rest else Spelling.TELLS_NOTHING


def _joined(whole: str, sign: str) -> str | None:
    first, *groups = whole.split(sign)
    if not 1 <= len(first) <= 3 or first[0] == "0" or any(len(group) != 3 for group in groups):
        return None
    return first + "".join(groups)


def _millionths(negative: bool, whole: str, decimals: str) -> int:
    """Cut off behind the sixth decimal, not rounded: the rounding to come is then that of the whole number."""
    size = int(whole + decimals[:_PLACES].ljust(_PLACES, "0"))
    if size > _LARGEST:
        return UNBELIEVABLE
    return -size if negative else size


def _power(text: str) -> int:
    number = Decimal(text)
    if abs(number) > _LARGEST // 10**_PLACES:
        return UNBELIEVABLE
    return int(number.quantize(Decimal(1).scaleb(-_PLACES), rounding=ROUND_DOWN).scaleb(_PLACES))
