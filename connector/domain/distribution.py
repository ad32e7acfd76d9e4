"""How a store's revenue is spread over its customers, and its customers' orders over time."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Ints
from connector.domain.history import Orders

TOP_PERCENT = (1, 5, 10, 20)


def concentration(values: npt.ArrayLike, top_percent: tuple[int, ...] = TOP_PERCENT) -> dict[int, float] | None:
    """Share of all net value that the best 1, 5, 10 and 20 % of customers brought; None where nobody brought any.

    `values` is net value per customer, negatives counting as nothing; the top is rounded up to whole customers.
    """
    worth = np.sort(np.maximum(np.asarray(values, dtype=np.float64).ravel(), 0.0))[::-1]
    total = float(worth.sum())
    if not total > 0:
        return None
    return {share: float(worth[: -(-worth.size * share // 100)].sum()) / total for share in top_percent}


@dataclass(frozen=True, slots=True)
class Gaps:
    """Days between one purchase day of a customer and the next, over all customers.

    count: gaps seen. quantiles: days by percent (10, 25, 50, 75, 90). by_week: gaps of 1–7 days, 8–14 days, … Only
    finished gaps are counted, so a young store looks quicker than it is.
    """

    count: int
    mean: float
    quantiles: dict[int, float]
    by_week: tuple[int, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def days_between_orders(orders: Orders, as_of_day: int) -> Gaps | None:
    """The gaps as known at the end of `as_of_day`; None where nobody came back."""
    days = gaps(orders, as_of_day)
    if not days.size:
        return None
    percents = (10, 25, 50, 75, 90)
    quantiles = np.percentile(days, percents).tolist()
    return Gaps(
        count=days.size,
        mean=float(days.mean()),
        quantiles=dict(zip(percents, quantiles, strict=True)),
        by_week=tuple(np.bincount((days - 1) // 7).tolist()),
    )


def gaps(orders: Orders, as_of_day: int) -> Ints:
    """Every gap between consecutive purchase days of one customer, in days."""
    known = orders.known_on(as_of_day)
    order = np.lexsort((known.day, known.customer))
    customer, day = known.customer[order], known.day[order]
    between: Ints = np.diff(day)
    counted: Ints = between[(np.diff(customer) == 0) & (between > 0)]
    return counted
