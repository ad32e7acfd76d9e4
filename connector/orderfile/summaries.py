"""Rows that are purchase histories already: customer_id, x, t_x, T, monetary_value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from math import isfinite, isnan

import numpy as np

from connector.domain.arrays import Floats, Ints
from connector.domain.history import epoch_day
from connector.domain.money import exponent
from connector.orderfile.amounts import LARGEST_AMOUNT
from connector.orderfile.chunks import NOTHING, Chunk
from connector.orderfile.customers import NOBODY, Customers
from connector.orderfile.errors import FileRefused
from connector.orderfile.reasons import Reason
from connector.orderfile.tally import Rejects, Tally

UNIT_DAYS = {"day": 1, "week": 7}
_MOST_DAYS = 50_000
_MOST_PURCHASES = 1_000_000


@dataclass(frozen=True, slots=True, eq=False)
class SummaryRows:
    """Purchase histories, one row per customer in order of `labels`; durations in days, values in minor units.

    counted: how many purchases the mean value is of: all of them, or the repeat purchases only, as the literature
    has it; none where no value is known. `as_of_day` is None where the person did not say when the histories end.
    """

    labels: list[str]
    x: Ints
    t_x: Ints
    T: Ints
    value_mean: Floats
    counted: Ints
    as_of_day: int | None
    currency: str | None
    tally: Tally


class SummaryReader:
    """Takes a file's chunks and, after the last, tells the histories."""

    def __init__(self, roles: Mapping[str, int], unit: str, as_of: date | None, currency: str | None) -> None:
        self.columns = sorted(set(roles.values()))
        self._roles, self._days, self._as_of, self._currency = roles, UNIT_DAYS[unit], as_of, currency
        self._customers = Customers(emails=False)
        self._seen: set[int] = set()
        self._rejects = Rejects()
        self._rows = [np.zeros((0, 5))]

    def add(self, chunk: Chunk) -> None:
        """Check the rows of the next chunk."""
        self._rejects.add_pairs(chunk.broken)
        texts = {role: chunk.columns[self.columns.index(number)] for role, number in self._roles.items()}
        customer, _ = self._customers.number(texts["customer"], None)
        cells = zip(*(texts[role].rows() for role in ("x", "t_x", "T", "monetary")), strict=True)
        good, bad = [], []
        for line, number, row in zip(chunk.lines.tolist(), customer.tolist(), cells, strict=True):
            found = self._row(number, row)
            if isinstance(found, Reason):
                bad.append((line, found))
            else:
                self._seen.add(number)
                good.append(found)
        self._rejects.add_pairs(bad)
        if good:
            self._rows.append(np.array(good, dtype=np.float64))

    def finish(self) -> SummaryRows:
        """The histories. Where a one-time buyer has a value, values are means of all purchases, else of repeats."""
        rows = np.concatenate(self._rows)
        number, x, t_x, age = (rows[:, column].astype(np.int64) for column in range(4))
        value = rows[:, 4]
        labels, place = self._customers.in_order(number)
        order = np.argsort(place)
        x, value = x[order], value[order]
        counted = np.where(np.isnan(value), 0, x + 1) if np.any(value[x == 0] > 0) else x
        as_of_day = epoch_day(self._as_of) if self._as_of else None
        tally = self._rejects.tally(len(x), 0, 0)
        return SummaryRows(
            labels, x, t_x[order], age[order], np.nan_to_num(value), counted, as_of_day, self._currency, tally
        )

    def _row(self, number: int, cells: tuple[str, ...]) -> tuple[int, int, int, int, float] | Reason:
        if number == NOBODY:
            return Reason.NO_CUSTOMER
        try:
            x, t_x, age, value = (float("nan" if cell.strip() in NOTHING else cell) for cell in cells)
        except ValueError:
            return Reason.HISTORY_UNREADABLE
        unknown = x == 0 and isnan(value)  # there is no mean of no repeat purchases
        if not (isfinite(x) and isfinite(t_x) and isfinite(age) and (isfinite(value) or unknown)):
            return Reason.HISTORY_UNREADABLE
        minor = value * float(10 ** exponent(self._currency or ""))
        if x != int(x) or not 0 <= x <= _MOST_PURCHASES or not (unknown or 0 <= minor <= LARGEST_AMOUNT):
            return Reason.HISTORY_IMPOSSIBLE
        if not 0 <= age * self._days <= _MOST_DAYS or not 0 <= t_x <= age:
            return Reason.HISTORY_IMPOSSIBLE
        last, whole = round(t_x * self._days), round(age * self._days)
        if (x > 0) != (last > 0):
            return Reason.HISTORY_IMPOSSIBLE
        return Reason.REPEATED_CUSTOMER if number in self._seen else (number, int(x), last, whole, minor)


def refuse_unusable(tally: Tally, name: str) -> None:
    """Raise FileRefused where no row of the file can be used."""
    if tally.used == 0:
        why = tally.sentence()
        raise FileRefused(f"No row of {name} can be used: " + (f"{why}." if why else "there are none."))
