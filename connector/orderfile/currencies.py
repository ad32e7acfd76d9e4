"""Which currency a file's amounts are in: by its currency column, and by the codes and signs beside the amounts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Ints
from connector.orderfile.chunks import NOTHING
from connector.orderfile.errors import FileRefused

# What shops write beside an amount, and the currencies it may stand for, the likeliest first.
_SIGNS = {
    sign: tuple(codes.split())
    for signs, codes in {
        "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS BBD BMD BND BSD BZD CLP COP CUC CUP CVE DOP FJD GYD JMD KYD LRD "
        "MOP NAD NIO SBD SRD TOP TTD TVD UYU WST XCD ZWL",
        "US$": "USD",
        "C$ CA$": "CAD NIO",
        "A$ AU$": "AUD",
        "NZ$": "NZD",
        "S$ SG$": "SGD",
        "HK$": "HKD",
        "NT$": "TWD",
        "MX$": "MXN",
        "R$": "BRL",
        "€": "EUR",
        "£": "GBP EGP FKP GGP GIP IMP JEP LBP SDG SHP SSP SYP",
        "¥ ￥": "JPY CNY",
        "₹": "INR",
        "₨ Rs Rs.": "INR PKR LKR NPR MUR SCR",
        "₩ ￦": "KRW KPW",
        "₫": "VND",
        "₱": "PHP",
        "฿": "THB",
        "Rp Rp.": "IDR",
        "RM": "MYR",
        "₭": "LAK",
        "៛": "KHR",
        "৳": "BDT",
        "₮": "MNT",
        "₺": "TRY",
        "₪": "ILS",
        "₴": "UAH",
        "₽": "RUB",
        "₸": "KZT",
        "₾": "GEL",
        "₼": "AZN",
        "֏": "AMD",
        "؋": "AFN",
        "﷼": "IRR OMR QAR SAR YER",
        "₦": "NGN",
        "₵": "GHS",
        "R": "ZAR",
        "₡": "CRC",
        "₲": "PYG",
        "₿": "BTC",
        "kr kr.": "SEK NOK DKK ISK",
        "zł": "PLN",
        "Kč": "CZK",
        "Ft": "HUF",
        "lei": "RON MDL",
        "лв лв.": "BGN KGS UZS",
        "ден.": "MKD",
        "дин. din.": "RSD",
        "CFA FCFA": "XOF XAF",
        "Fr Fr.": "CHF BIF DJF GNF KMF RWF XAF XOF XPF",
    }.items()
    for sign in signs.split()
}
_LIKELY = frozenset(code for codes in _SIGNS.values() for code in codes)


def unit(text: str) -> str | None:
    """What stands beside an amount, as a sign that is known or a code in capitals; None where it is neither."""
    if text in _SIGNS:
        return text
    if len(text) == 3 and text.isascii() and text.isalpha() and (text.isupper() or text.upper() in _LIKELY):
        return text.upper()
    signs = [letter for letter in text if unicodedata.category(letter) == "Sc"]
    return signs[0] if len(signs) == 1 and signs[0] in _SIGNS else None


def code(text: str) -> str | None:
    """A cell of a currency column as three capitals; empty where nothing is written, None where something else is."""
    found = text.strip()
    if found in NOTHING:
        return ""
    found = found.upper()
    return found if (len(found) == 3 and found.isascii() and found.isalpha()) else None


def _codes(name: str) -> tuple[str, ...]:
    return _SIGNS.get(name, (name,))


class Units:
    """Numbers what rows say of their currency: a set of codes and signs, the empty set being number 0."""

    def __init__(self) -> None:
        self._numbers: dict[frozenset[str], int] = {frozenset(): 0}

    def number(self, names: frozenset[str]) -> int:
        return self._numbers.setdefault(names, len(self._numbers))

    def joined(self, columns: Sequence[Ints]) -> Ints:
        """What each row says in all of its columns together."""
        said = list(self._numbers)
        if len(columns) == 1 or not any(column.any() for column in columns[1:]):
            return columns[0]
        sets, rows = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        numbers = [self.number(frozenset().union(*(said[number] for number in row))) for row in sets.tolist()]
        found: Ints = np.array(numbers, dtype=np.int64)[rows.reshape(-1)]
        return found

    def decide(self, said: Ints, asked: str | None) -> Decided:
        """The currency that was asked for, or else the one that is left by all that the usable rows say.

        It is None where they say nothing, or a sign that several currencies share. Raises FileRefused where
        currencies mix and none was asked for.
        """
        names = list(self._numbers)
        rows = Counter(dict(zip(*(part.tolist() for part in np.unique(said, return_counts=True)), strict=True)))
        counts: Counter[str] = Counter()
        for number, count in rows.items():
            counts.update(dict.fromkeys(names[number], count))
        possible = [set(_codes(name)) for name in counts]
        left = set.intersection(*possible) if possible else set()
        if asked is None and counts and not left:
            raise FileRefused(_mixed(counts, nameless=rows[0] > 0))
        currency = asked or (left.pop() if len(left) == 1 else None)
        others = [currency is not None and any(currency not in _codes(name) for name in each) for each in names]
        return Decided(currency, np.array(others))


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """The currency of a file, None where it is not told, and for each number of Units whether it is another one."""

    currency: str | None
    other: npt.NDArray[np.bool_]


def _mixed(counts: Counter[str], *, nameless: bool) -> str:
    names = sorted(counts, key=lambda name: (-counts[name], name))
    return (
        f"The orders are in {', '.join(names[:-1])} and {names[-1]}, which cannot be added up. "
        f"Say --currency {_codes(names[0])[0]}, for example, to score those orders"
        f"{' and those that name no currency' if nameless else ''} and reject the others."
    )
