"""How far customers who spend more per order also order more often, which the models of the two leave out.

The models of purchases and Gamma-Gamma take frequency and value to be independent. In most shops they are not: what
is expected of orders is then too even, and what is expected of one order's value too uneven, by the same factor.
Their product, the expected revenue, stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from connector.domain.arrays import Floats, Ints

_MOST = 0.5
_USUAL = 0.25
_SURE = 2.0  # standard errors away from nothing
_FARTHEST = 3.0  # of a value's logarithm from the typical one: a giant order says no more than e^3 times that
_STEPS = 30
_SMALL = 1e-9
_LEAST = 1e-12
_CERTAIN = 1.0 - 1e-15


@dataclass(frozen=True, slots=True)
class Slope:
    """In one period of the past: by which power of their expected value customers' orders exceeded expectation."""

    exponent: float
    error: float


@dataclass(frozen=True, slots=True)
class Dependence:
    """Expected orders are multiplied by (value / typical)^exponent, expected values divided by it."""

    exponent: float = 0.0
    typical: float = 1.0

    def factors(self, value: Floats) -> Floats:
        """The factor on each customer's expected orders; `value` is by Gamma-Gamma, in minor units."""
        if self.exponent == 0.0:
            return np.ones_like(value)
        factors: Floats = np.exp(self.exponent * np.clip(np.log(value / self.typical), -_FARTHEST, _FARTHEST))
        return factors

    def to_json(self) -> dict[str, Any] | None:
        return {"exponent": self.exponent, "typical": self.typical} if self.exponent else None

    @classmethod
    def from_json(cls, stored: Mapping[str, Any] | None) -> Dependence:
        return cls(float(stored["exponent"]), float(stored["typical"])) if stored else INDEPENDENT


INDEPENDENT = Dependence()


def observe(expected: Floats, value: Floats, orders: Ints) -> Slope | None:
    """Slope of what customers ordered over what was expected, by the value expected of each; None where none shows.

    A Poisson regression with log(expected) as offset. The standard error is the robust one (White 1982, "Maximum
    Likelihood Estimation of Misspecified Models"), since counts vary more than Poisson's. One row per customer.
    """
    known = (expected > _LEAST) & (value > 0)
    mean, bought = expected[known], orders[known]
    if not bought.any():
        return None
    away = np.log(value[known])
    away = np.clip(away - np.average(away, weights=mean), -_FARTHEST, _FARTHEST)
    if np.ptp(away) < _SMALL:
        return None
    rows = np.stack([np.ones_like(away), away])
    point = np.array([np.log(bought.sum() / mean.sum()), 0.0])
    for _ in range(_STEPS):
        fitted = mean * np.exp(point @ rows)
        curvature = (rows * fitted) @ rows.T
        if not np.linalg.cond(curvature) < 1 / _SMALL:
            return None
        step = np.linalg.solve(curvature, rows @ (bought - fitted))
        point = point + np.clip(step, -1.0, 1.0)
        if np.abs(step).max() < _SMALL:
            break
    else:
        return None
    inverse = np.linalg.inv(curvature)
    varied = inverse @ ((rows * (bought - fitted) ** 2) @ rows.T) @ inverse
    slope = Slope(float(point[1]), float(np.sqrt(varied[1, 1])))
    return slope if np.isfinite([slope.exponent, slope.error]).all() else None


def pooled(slopes: Sequence[Slope]) -> Slope:
    """Their mean, the surer the heavier, with an error that also covers how much they differ from each other."""
    usable = [slope for slope in slopes if slope.error > _SMALL]
    if not usable:
        return Slope(0.0, float("inf"))
    exponents = np.array([slope.exponent for slope in usable])
    weights = np.array([slope.error**-2.0 for slope in usable])
    mean = float(np.average(exponents, weights=weights))
    misfit = float(weights @ (exponents - mean) ** 2) / max(len(usable) - 1, 1)
    return Slope(mean, float(np.sqrt(max(misfit, 1.0) / weights.sum())))


def dependence(slope: Slope, expected: Floats, value: Floats) -> Dependence:
    """The dependence by a pooled slope, at which the store's expected orders are in all what they were.

    Only a slope two standard errors from nothing counts. It is drawn to nothing as by a prior of deviation 1/4, which
    is about what shops show, and taken for no more than half a power either way.
    """
    if abs(slope.exponent) <= _SURE * slope.error or not (value > 0).all() or not expected.any():
        return INDEPENDENT
    drawn = slope.exponent / (1.0 + (slope.error / _USUAL) ** 2)
    exponent = float(np.clip(drawn, -_MOST, _MOST))
    middle = float(np.exp(np.average(np.log(value), weights=expected)))
    grown = float(expected @ Dependence(exponent, middle).factors(value)) / float(expected.sum())
    return Dependence(exponent, middle * grown ** (1.0 / exponent))


def oftener(chance: Floats, factor: Floats) -> Floats:
    """The chance of an order at a rate of `factor` times the one that gives `chance`."""
    chances: Floats = -np.expm1(factor * np.log1p(-np.minimum(chance, _CERTAIN)))
    return chances
