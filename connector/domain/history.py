"""From counted orders to one purchase history per customer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]

_EPOCH = date(1970, 1, 1).toordinal()
_EXACT_FLOAT = 2**53
_SLOTS_PER_ROW = 4
_CHUNK = 65_536


def epoch_day(day: date) -> int:
    """Days from 1970-01-01 to `day`; negative before it."""
    return day.toordinal() - _EPOCH


@dataclass(frozen=True, slots=True, eq=False)
class Histories:
    """Purchase histories as of the end of `as_of_day`, one row per customer, sorted by customer id.

    A purchase is a day with at least one counted order. Days are days since 1970-01-01 in the store's time
    zone, durations are in days, amounts in minor units of the store's currency.

    customer: id. x: repeat purchase days. t_x: first to last purchase. T: first purchase to `as_of_day`.
    orders: counted orders. value_total: their net value. value_first: net value of the first purchase day.
    value_mean: net value per purchase day. recency_days: last purchase to `as_of_day`.
    frequency, monetary: purchase days and net value inside the look-back window.
    """

    customer: Ints
    x: Ints
    t_x: Ints
    T: Ints
    orders: Ints
    value_total: Ints
    value_first: Ints
    value_mean: Floats
    recency_days: Ints
    first_day: Ints
    last_day: Ints
    frequency: Ints
    monetary: Ints
    as_of_day: int

    def __len__(self) -> int:
        return len(self.customer)

    def take(self, rows: npt.NDArray[np.bool_] | Ints | slice) -> Histories:
        """The histories of the chosen rows (a mask, row numbers or a slice), in that order."""
        columns: dict[str, Any] = {f.name: getattr(self, f.name)[rows] for f in fields(self) if f.name != "as_of_day"}
        return Histories(**columns, as_of_day=self.as_of_day)


@dataclass(frozen=True, slots=True, eq=False)
class Orders:
    """A store's counted orders: customer id, store-local day, net value in minor units, one row per order.

    Where refunds and cancellations matter to the past, an order has one row for each state it was in: a row holds
    from the day `known_from` until the day before `known_until` (never: a day far ahead). Left out, every row has
    been known since its own day.
    """

    customer: Ints
    day: Ints
    value: Ints
    known_from: Ints | None = None
    known_until: Ints | None = None

    def known_on(self, day: int) -> Orders:
        """What the store looked like at the end of `day`: no later order, no later refund."""
        rows = self.day <= day
        if self.known_from is not None:
            rows &= self.known_from <= day
        if self.known_until is not None:
            rows &= self.known_until > day
        return Orders(self.customer[rows], self.day[rows], self.value[rows])

    def of_customers(self, customers: Ints) -> Orders:
        """The rows of these customers, sorted ids."""
        at = np.searchsorted(customers, self.customer)
        rows = customers[np.minimum(at, len(customers) - 1)] == self.customer if len(customers) else at < 0
        kept = [None if column is None else column[rows] for column in (self.known_from, self.known_until)]
        return Orders(self.customer[rows], self.day[rows], self.value[rows], *kept)

    def histories(self, as_of_day: int, *, lookback_days: int | None = None) -> Histories:
        """Purchase histories as known at the end of `as_of_day`."""
        known = self.known_on(as_of_day)
        return purchase_histories(known.customer, known.day, known.value, as_of_day, lookback_days=lookback_days)


def purchase_histories(
    customer: npt.ArrayLike,
    day: npt.ArrayLike,
    value: npt.ArrayLike,
    as_of_day: int,
    *,
    lookback_days: int | None = None,
) -> Histories:
    """Purchase histories from one row per counted order: customer id, store-local day, net value in minor units.

    Rows later than `as_of_day` are not used. Rows may come in any order and the result does not depend on it.
    `lookback_days` limits frequency and monetary to the days after `as_of_day - lookback_days`; without it they
    count everything. Sums are exact. Raises ValueError where the columns differ in length or are not integers.
    """
    customers, days, values = _columns(customer, day, value)
    if lookback_days is not None and lookback_days < 1:
        raise ValueError("lookback_days must be at least 1")
    known = days <= as_of_day
    if not known.all():
        customers, days, values = customers[known], days[known], values[known]
    ids, owner = _number_customers(customers)
    first, last, purchase_days, frequency = _day_counts(owner, days, len(ids), as_of_day, lookback_days)
    total = _sum_by(owner, values, len(ids))
    recent = slice(None) if lookback_days is None else days > as_of_day - lookback_days
    return Histories(
        customer=ids,
        x=purchase_days - 1,
        t_x=last - first,
        T=as_of_day - first,
        orders=np.bincount(owner, minlength=len(ids)).astype(np.int64, copy=False),
        value_total=total,
        value_first=_sum_by(owner, _only_on(first, owner, days, values), len(ids)),
        value_mean=total / np.maximum(purchase_days, 1),
        recency_days=as_of_day - last,
        first_day=first,
        last_day=last,
        frequency=frequency,
        monetary=total if lookback_days is None else _sum_by(owner[recent], values[recent], len(ids)),
        as_of_day=as_of_day,
    )


def summarised(
    customer: npt.ArrayLike,
    x: npt.ArrayLike,
    t_x: npt.ArrayLike,
    age: npt.ArrayLike,
    value_mean: npt.ArrayLike,
    as_of_day: int,
) -> Histories:
    """Histories from somebody else's summary: repeat purchases, days to the last, days since the first, mean value.

    Days and counts are integers, `value_mean` is net value per purchase in minor units, rounded where totals need
    it. Rows are sorted by customer. Raises ValueError for a customer twice, or unless 0 <= t_x <= age and x = 0 just
    where t_x = 0.
    """
    ids, counts, seen, ages = _columns(customer, x, t_x, age)
    mean = np.asarray(value_mean, dtype=np.float64)
    order = np.argsort(ids, kind="stable")
    ids, counts, seen, ages, mean = ids[order], counts[order], seen[order], ages[order], mean[order]
    if not (ids[1:] > ids[:-1]).all():
        raise ValueError("a customer may be in a summary once")
    if not ((seen >= 0) & (seen <= ages) & (counts >= 0) & ((counts == 0) == (seen == 0))).all():
        raise ValueError("every customer needs 0 <= t_x <= age, and x = 0 just where t_x = 0")
    total = np.rint(mean * (counts + 1)).astype(np.int64)
    first = as_of_day - ages
    return Histories(
        customer=ids,
        x=counts,
        t_x=seen,
        T=ages,
        orders=counts + 1,
        value_total=total,
        value_first=np.rint(mean).astype(np.int64),
        value_mean=mean,
        recency_days=ages - seen,
        first_day=first,
        last_day=first + seen,
        frequency=counts + 1,
        monetary=total,
        as_of_day=as_of_day,
    )


def distinct(values: Ints) -> Ints:
    """Distinct values, ascending: by sorting, which for millions of rows is far faster than numpy's hash table."""
    ordered = np.sort(values)
    new = np.ones(ordered.size, dtype=bool)
    np.not_equal(ordered[1:], ordered[:-1], out=new[1:])
    return ordered[new]


def _columns(*columns: npt.ArrayLike) -> list[Ints]:
    arrays = [np.asarray(column) for column in columns]
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        raise ValueError("the columns must be of one length")
    if any(array.size and array.dtype.kind not in "iu" for array in arrays):
        raise ValueError("ids, days, counts and net values must be integers")
    return [array.astype(np.int64, copy=False) for array in arrays]


def _number_customers(customers: Ints) -> tuple[Ints, Ints]:
    """Distinct ids, ascending, and for each row the number of its customer among them."""
    if not customers.size:
        return customers.copy(), customers.copy()
    lowest, highest = int(customers.min()), int(customers.max())
    if highest - lowest > _SLOTS_PER_ROW * customers.size:
        ids = distinct(customers)
        return ids, np.searchsorted(ids, customers)
    # Ids from a database are dense: a table of slots numbers them without a sort.
    present = np.zeros(highest - lowest + 1, dtype=bool)
    offset = customers - lowest
    present[offset] = True
    if present.all():
        return np.arange(lowest, highest + 1), offset
    number = np.cumsum(present) - 1
    return np.flatnonzero(present) + lowest, number[offset]


def _day_counts(
    owner: Ints, days: Ints, customers: int, as_of_day: int, lookback_days: int | None
) -> tuple[Ints, Ints, Ints, Ints]:
    """First day, last day, distinct days and distinct days in the window, by customer."""
    if not days.size:
        empty = np.zeros(0, dtype=np.int64)
        return empty, empty, empty, empty
    origin = int(days.min())
    bits = (as_of_day - origin).bit_length()  # a whole number of bits a day makes key arithmetic shifts
    small = customers << bits < 2**32  # half the memory to sort
    keys: npt.NDArray[Any] = np.empty(len(days), dtype=np.uint32 if small else np.int64)
    for start in range(0, len(days), _CHUNK):
        rows = slice(start, start + _CHUNK)
        keys[rows] = (owner[rows] << bits) + (days[rows] - origin)
    if np.any(keys[1:] < keys[:-1]):
        keys.sort()
    distinct = np.empty(len(keys), dtype=bool)
    distinct[0] = True
    np.not_equal(keys[1:], keys[:-1], out=distinct[1:])
    visits = keys[distinct]
    visitor, visit_day = visits >> bits, visits & ((1 << bits) - 1)
    begins = np.empty(len(visits), dtype=bool)
    begins[0] = True
    np.not_equal(visitor[1:], visitor[:-1], out=begins[1:])
    starts = np.flatnonzero(begins)
    counts = np.diff(starts, append=len(visits))
    frequency = counts
    if lookback_days is not None:
        recent = visitor[visit_day > as_of_day - lookback_days - origin]
        frequency = np.bincount(recent, minlength=customers).astype(np.int64, copy=False)
    first = visit_day[starts].astype(np.int64) + origin
    last = visit_day[starts + counts - 1].astype(np.int64) + origin
    return first, last, counts, frequency


def _only_on(first: Ints, owner: Ints, days: Ints, values: Ints) -> Ints:
    """The values of rows on their customer's first day; 0 elsewhere."""
    opening = np.zeros_like(values)
    for start in range(0, len(days), _CHUNK):
        rows = slice(start, start + _CHUNK)
        np.multiply(values[rows], days[rows] == first[owner[rows]], out=opening[rows])
    return opening


def _sum_by(owner: Ints, values: Ints, customers: int) -> Ints:
    if not values.size:
        return np.zeros(customers, dtype=np.int64)
    if max(abs(int(values.min())), abs(int(values.max()))) * values.size < _EXACT_FLOAT:
        return np.bincount(owner, weights=values, minlength=customers).astype(np.int64)
    sums = np.zeros(customers, dtype=np.int64)
    np.add.at(sums, owner, values)
    return sums
