"""The seasons of a store as a time of their own: it runs fast in busy weeks and slowly in quiet ones.

Models of repeat purchases know steady rates only. Measured in this time a store with seasons looks steady, so
they are fitted and asked in it; without a season it is plain days.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Floats, Ints, Numbers
from connector.domain.history import Histories
from connector.domain.purchase_model import PurchaseModel

WEEKS = 52  # whole weeks, so that weekdays stay in step
CYCLE_DAYS = 7 * WEEKS
_PRIOR_ORDERS = 10.0  # a week's intensity counts as much as ten orders before it is believed


@dataclass(frozen=True, slots=True)
class Season:
    """Intensity of each of the 52 weeks that end on `anchor_day`, mean 1; `strength` 0 is a store without seasons."""

    intensity: tuple[float, ...]
    anchor_day: int
    strength: float

    def at(self, day: npt.ArrayLike) -> Floats:
        """How fast the store's time runs on each day, in days a day."""
        weeks = (np.asarray(day, dtype=np.int64) - self.anchor_day - 1) // 7 % WEEKS
        return np.asarray(self.intensity)[weeks]

    def time(self, day: npt.ArrayLike) -> Floats:
        """The store's time at the end of each day, which may be a fraction; differences of it are durations."""
        since = np.asarray(day, dtype=np.float64) - self.anchor_day
        if self.strength == 0:
            return since
        years, rest = np.divmod(since, CYCLE_DAYS)
        elapsed = np.concatenate([[0.0], 7.0 * np.cumsum(self.intensity)])
        time: Floats = years * elapsed[-1] + np.interp(rest, 7.0 * np.arange(WEEKS + 1), elapsed)
        return time

    def ages(self, as_of_day: int, oldest: int) -> Floats:
        """The store's time since 0, 1, … `oldest` days before the end of `as_of_day`."""
        ages: Floats = self.time(as_of_day) - self.time(as_of_day - np.arange(oldest + 1))
        return ages

    def ahead(self, as_of_day: int, days: npt.ArrayLike) -> Floats:
        """How much of the store's time the `days` after `as_of_day` are."""
        return np.asarray(self.time(as_of_day + np.asarray(days, dtype=np.float64)) - self.time(as_of_day))

    def columns(self, histories: Histories, ages: Floats | None = None) -> tuple[Ints, Numbers, Numbers]:
        """x, t_x and T of the histories in the store's time; `ages` spares working it out again for a part."""
        if self.strength == 0:
            return histories.x, histories.t_x, histories.T
        if ages is None:
            ages = self.ages(histories.as_of_day, int(histories.T.max(initial=0)))
        age = ages[histories.T]
        return histories.x, np.where(histories.x > 0, age - ages[histories.recency_days], 0.0), age

    def to_json(self) -> dict[str, Any] | None:
        if self.strength == 0:
            return None
        return {"intensity": list(self.intensity), "anchor_day": self.anchor_day, "strength": self.strength}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Season:
        if stored is None:
            return NO_SEASON
        return cls(tuple(map(float, stored["intensity"])), int(stored["anchor_day"]), float(stored["strength"]))


NO_SEASON = Season((1.0,) * WEEKS, 0, 0.0)


def observe(steady: PurchaseModel, visits: tuple[Ints, Ints], as_of_day: int) -> Floats | None:
    """How busy each of the 52 weeks before `as_of_day` was against what a steady model expected; None before a year.

    `visits` are customer and day of each purchase day, sorted by customer and day; `steady` is fitted to them in
    days. New customers are thereby no season, nor is a cohort that thins out.
    """
    customer, day = visits
    if not len(day) or as_of_day - int(day.min()) < CYCLE_DAYS:
        return None
    first = np.r_[True, customer[1:] != customer[:-1]]
    edges = as_of_day - 7 * np.arange(WEEKS, -1, -1)
    repeat = day[~first]
    happened = np.histogram(repeat, edges + 1)[0]
    starts, newcomers = np.unique(day[first], return_counts=True)
    since = np.maximum(edges[None, :] - starts[:, None], 0)
    by_age = steady.expected_orders_new(np.arange(since.max() + 1))
    expected = np.diff(newcomers @ by_age[since])
    busy: Floats = (happened + _PRIOR_ORDERS) / (np.maximum(expected, 0.0) + _PRIOR_ORDERS)
    return busy


def season(busy: Floats, as_of_day: int, strength: float) -> Season:
    """The season of observed weeks, shrunk: strength 0 leaves none of it, 1 all."""
    intensity = np.maximum(busy, 1e-3) ** strength
    intensity /= intensity.mean()
    return Season(tuple(intensity.tolist()), as_of_day, strength)
