"""Customers by the month of their first order, and what became of each month's newcomers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from connector.domain.arrays import Ints
from connector.domain.history import Orders, distinct, purchase_histories


@dataclass(frozen=True, slots=True, eq=False)
class Cohorts:
    """One row per calendar month with newcomers, one column per calendar month since (0 is the month itself).

    month: "1997-01". customers: newcomers. active: of them, who ordered in the column's month. orders: how often
    (order rows). revenue: for how much net value, in minor units. observed: how many columns of the row have begun
    by the as-of day; what lies beyond is 0 and means nothing, and the last observed month may be unfinished.
    """

    month: tuple[str, ...]
    customers: Ints
    active: Ints
    orders: Ints
    revenue: Ints
    observed: Ints

    def retention(self) -> list[list[float]]:
        """Share of each cohort active in each observed month."""
        return [
            (self.active[row, : self.observed[row]] / self.customers[row]).tolist() for row in range(len(self.month))
        ]

    def to_json(self) -> list[dict[str, Any]]:
        return [
            {
                "month": month,
                "customers": int(self.customers[row]),
                "active": self.active[row, :seen].tolist(),
                "orders": self.orders[row, :seen].tolist(),
                "revenue": self.revenue[row, :seen].tolist(),
            }
            for row, (month, seen) in enumerate(zip(self.month, self.observed.tolist(), strict=True))
        ]


def cohorts(orders: Orders, as_of_day: int) -> Cohorts:
    """The cohort table of a store as known at the end of `as_of_day`, oldest cohort first."""
    known = orders.known_on(as_of_day)
    histories = purchase_histories(known.customer, known.day, known.value, as_of_day)
    started = _months(histories.first_day)
    born, cohort, newcomers = np.unique(started, return_inverse=True, return_counts=True)
    now = int(_months(np.array([as_of_day]))[0])
    width = now - int(born.min()) + 1 if born.size else 0
    owner = np.searchsorted(histories.customer, known.customer)
    since = _months(known.day) - started[owner]
    cell = cohort[owner] * width + since
    shape = (born.size, width)
    visited = distinct(owner * width + since) if width else owner
    return Cohorts(
        month=tuple(np.datetime_as_string(born.astype("datetime64[M]")).tolist()),
        customers=newcomers.astype(np.int64),
        active=_counted(cohort[visited // width] * width + visited % width if width else cell, shape),
        orders=_counted(cell, shape),
        revenue=np.bincount(cell, known.value, minlength=shape[0] * shape[1]).astype(np.int64).reshape(shape),
        observed=now - born + 1,
    )


def payback_months(table: Cohorts, acquisition_cost: Mapping[str, Decimal], margin: Decimal) -> dict[str, int | None]:
    """Months until a cohort's margin has paid for winning it, by cohort month; 0 is the month itself.

    `acquisition_cost` is what was spent on each cohort as a whole, in minor units; months without one are left out.
    None: not paid back yet. The cost is sunk: it says what the next newcomers may cost, not whom to give a coupon.
    """
    result: dict[str, int | None] = {}
    for row, month in enumerate(table.month):
        if month not in acquisition_cost:
            continue
        earned = np.cumsum(table.revenue[row, : table.observed[row]]).tolist()
        paid = (since for since, revenue in enumerate(earned) if revenue * margin >= acquisition_cost[month])
        result[month] = next(paid, None)
    return result


def _months(days: Ints) -> Ints:
    """Months since January 1970 of days since 1970-01-01."""
    return days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)


def _counted(cells: Ints, shape: tuple[int, int]) -> Ints:
    return np.bincount(cells, minlength=shape[0] * shape[1]).astype(np.int64).reshape(shape)
