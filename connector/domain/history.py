"""From counted orders to one purchase history per customer."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Floats, Ints, Whole

SLOTS_PER_ROW = 4  # a table by value that has more than these for each row costs more than sorting the rows

_EPOCH = date(1970, 1, 1).toordinal()
_HALF = 2**31


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
        if self.known_from is self.known_until is None and rows.all():
            return self
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
    if not days.size:
        return summarised(days, days, days, days, days, as_of_day)
    return _histories(customers, days, values, as_of_day, lookback_days)


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


def _histories(customers: Ints, days: Ints, values: Ints, as_of_day: int, lookback_days: int | None) -> Histories:
    ids, owner = _number_customers(customers)
    orders = np.bincount(owner, minlength=len(ids)).astype(np.int64, copy=False)
    origin = int(days.min())
    starts, visit, worth = _purchase_days(owner, _distance(days, origin), values, len(ids), as_of_day - origin + 1)
    if len(starts) < len(ids):
        ids, orders = ids[orders > 0], orders[orders > 0]
    purchases = np.diff(starts, append=len(visit))
    first = visit[starts] + np.int64(origin)
    last = visit[starts + purchases - 1] + np.int64(origin)
    total = np.add.reduceat(worth, starts)
    frequency, monetary = purchases, total
    if lookback_days is not None:
        recent = visit > as_of_day - lookback_days - origin
        frequency = np.add.reduceat(recent, starts, dtype=np.int64)
        monetary = np.add.reduceat(worth * recent, starts)
    return Histories(
        customer=ids,
        x=purchases - 1,
        t_x=last - first,
        T=as_of_day - first,
        orders=orders,
        value_total=total,
        value_first=worth[starts],
        value_mean=total / purchases,
        recency_days=as_of_day - last,
        first_day=first,
        last_day=last,
        frequency=frequency,
        monetary=monetary,
        as_of_day=as_of_day,
    )


def _columns(*columns: npt.ArrayLike) -> list[Ints]:
    arrays = [np.asarray(column) for column in columns]
    if len({array.shape for array in arrays}) != 1 or arrays[0].ndim != 1:
        raise ValueError("the columns must be of one length")
    if any(array.size and array.dtype.kind not in "iu" for array in arrays):
        raise ValueError("ids, days, counts and net values must be integers")
    return [array.astype(np.int64, copy=False) for array in arrays]


def _number_customers(customers: Ints) -> tuple[Ints, Whole]:
    """Ids, ascending, and for each row the number of its customer among them. Some ids may have no row."""
    lowest, highest = int(customers.min()), int(customers.max())
    if highest - lowest > SLOTS_PER_ROW * customers.size:
        ids = distinct(customers)
        return ids, np.searchsorted(ids, customers)
    # Ids from a database are dense: how far one is from the lowest numbers it without a sort.
    return np.arange(lowest, highest + 1), _distance(customers, lowest)


def _distance(values: Ints, lowest: int) -> Whole:
    """How far each value is from the lowest: in half the memory where that is possible."""
    narrow = int(values.max()) - lowest < _HALF
    distance = np.empty(values.shape, dtype=np.int32 if narrow else np.int64)
    np.subtract(values, lowest, out=distance, casting="unsafe")
    return distance


def _purchase_days(owner: Whole, day: Whole, values: Ints, customers: int, width: int) -> tuple[Ints, Whole, Ints]:
    """Each customer's purchase days, ascending, with their net values, one customer after the other.

    Days are from 0 to below `width`. The first array says where each customer who has any begins in the other two.
    """
    from scipy import sparse

    # A matrix of customers by days: rows are put in place by counting, not by comparing, and a day's orders add up.
    visits = sparse.coo_array((values, (owner, day)), shape=(customers, width)).tocsr()
    begins = visits.indptr[:-1]
    return begins[begins < visits.indptr[1:]].astype(np.int64), visits.indices, visits.data
