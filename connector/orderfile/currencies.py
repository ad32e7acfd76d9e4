"""Which currency a file's amounts are in: by its currency column, and by the codes and signs beside the amounts."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
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
_CODES = _LIKELY | frozenset(
    "AED ALL ANG AOA AWG BAM BHD BOB BTN BWP BYN BYR CDF CLF DZD ERN ETB GMD GTQ HNL HRK HTG HUF IQD IRT JOD KES KWD "
    "LSL LYD MAD MGA MMK MRU MVR MWK MZN PAB PEN PGK PRB RWF SLE SLL SOS STN SVC SZL TJS TMT TND TZS UGX VED VEF VES "
    "VUV XCG XDR ZMW ZWG".split()
)
_ALSO_CALLED = {"NTD": "TWD", "RMB": "CNY", "NIS": "ILS"}


def unit(text: str) -> str | None:
    """What stands beside an amount, as a sign or a code that is known; None where it is neither."""
    if text in _SIGNS:
        return text
    known = code(text)
    if known and (text.isupper() or known in _LIKELY):
        return known
    signs = [letter for letter in text if unicodedata.category(letter) == "Sc"]
    return signs[0] if len(signs) == 1 and signs[0] in _SIGNS else None


def code(text: str) -> str | None:
    """A cell of a currency column as a known code; empty where nothing is written, None where something else is."""
    found = text.strip()
    if found in NOTHING:
        return ""
    found = _ALSO_CALLED.get(found.upper(), found.upper())
    return found if found in _CODES else None


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
        asked = _ALSO_CALLED.get(asked or "", asked)
        names = list(self._numbers)
        rows = Counter(dict(zip(*(part.tolist() for part in np.unique(said, return_counts=True)), strict=True)))
        spoken = {names[number]: count for number, count in rows.items() if number}
        possible = [set(_codes(name)) for name in frozenset().union(*spoken)]
        left = set.intersection(*possible) if possible else set()
        if asked is None and spoken and not left:
            raise FileRefused(_mixed(spoken, nameless=rows[0] > 0))
        currency = asked or (left.pop() if len(left) == 1 else None)
        others = [currency is not None and any(currency not in _codes(name) for name in each) for each in names]
        return Decided(currency, np.array(others))


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """The currency of a file, None where it is not told, and for each number of Units whether it is another one."""

    currency: str | None
    other: npt.NDArray[np.bool_]


def _mixed(spoken: Mapping[frozenset[str], int], *, nameless: bool) -> str:
    """Why rows that say these names, so often each, are refused, and the code that leaves most of them."""
    counts: Counter[str] = Counter()
    left: Counter[str] = Counter()
    for each, count in spoken.items():
        counts.update(dict.fromkeys(each, count))
        left.update(dict.fromkeys(set.intersection(*(set(_codes(name)) for name in each)), count))
    names = sorted(counts, key=lambda name: (-counts[name], name))
    listed = f"{', '.join(names[:-1])} and {names[-1]}"
    if not left:
        return (
            f"The orders are in {listed}, with two of them in every row that names one, so that none can be scored."
        )
    likeliest = [code for name in names for code in _codes(name)]
    return (
        f"The orders are in {listed}, which cannot be added up. "
        f"Say --currency {max(likeliest, key=left.__getitem__)}, for example, to score those orders"
        f"{' and those that name no currency' if nameless else ''} and reject the others."
    )
