"""Breakage: the points that will expire unspent, told from what became of those that were earned before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from connector.domain.arrays import Floats

# Below this the end of so few lots says nothing about the next ones.
LEAST_EXPIRED_LOTS: Final = 20


@dataclass(frozen=True, slots=True)
class Cohort:
    """The lots earned in one month of the store, ``age`` months ago, by what has become of their points so far.

    ``watched_*``: of those alone that were earned since the programme runs. Points of an older history, which expired
    before anybody was told of them, say nothing about what customers do with theirs.
    """

    age: int
    points: int
    spent: int
    expired: int
    watched_points: int = 0
    watched_spent: int = 0
    watched_expired: int = 0
    watched_expired_lots: int = 0

    @property
    def remaining(self) -> int:
        return self.points - self.spent - self.expired


@dataclass(frozen=True, slots=True)
class Breakage:
    """The share of a point of each age (in months) that is expected to expire unspent, and how that is known.

    ``shares`` ends with the oldest age that was watched; what is older is not expected to expire.
    """

    shares: tuple[float, ...]
    basis: str

    def of(self, age: int) -> float:
        return self.shares[age] if age < len(self.shares) else 0.0


def expected_breakage(cohorts: Sequence[Cohort]) -> Breakage:
    """The share of points of each age that will expire, from what became of earlier months' points.

    As in a life table for two ways to end, with one look at each month's points, now: the share expired by an age
    never falls with the age and the share still there never rises (isotonic regression, weighted by points), and of
    the points still there at an age those expire that expire later. What the oldest watched month still holds is
    taken to be spent, so the estimate errs on the side of owing too much. Without enough expired lots it is nothing.
    """
    # Here, because commands that ask for no breakage should not wait for scipy.
    from scipy.optimize import isotonic_regression

    watched = {cohort.age: cohort for cohort in cohorts if cohort.watched_points > 0}
    if sum(cohort.watched_expired_lots for cohort in watched.values()) < LEAST_EXPIRED_LOTS:
        return Breakage((), "too few points have come to their end yet; none is expected to expire")
    ages = np.array(sorted(watched))
    points = np.array([watched[age].watched_points for age in ages], dtype=np.float64)
    expired = np.array([watched[age].watched_expired for age in ages]) / points
    left = 1.0 - expired - np.array([watched[age].watched_spent for age in ages]) / points
    gone: Floats = isotonic_regression(expired, weights=points).x
    there: Floats = isotonic_regression(left, weights=points, increasing=False).x
    shares = np.divide(gone[-1] - gone, there, out=np.zeros_like(gone), where=there > 0)
    every_age = np.interp(np.arange(ages[-1] + 1), ages, np.clip(shares, 0.0, 1.0))
    watched_expired = sum(cohort.watched_expired for cohort in watched.values())
    basis = f"{watched_expired:,} of {int(points.sum()):,} points earned since the programme runs have expired"
    return Breakage(tuple(every_age.tolist()), basis)
