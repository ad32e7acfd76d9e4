"""Recency, frequency and monetary scores from 1 to 5."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from connector.domain.history import Histories

Scores = npt.NDArray[np.int8]

LOWEST, HIGHEST = 1, 5


@dataclass(frozen=True, slots=True)
class Cutpoints:
    """What a value must reach to score 2, 3, 4 and 5: at least the bound, or at most where fewer is better."""

    bounds: tuple[float, float, float, float]
    higher_is_better: bool = True

    def __post_init__(self) -> None:
        steps = np.diff(self.bounds) if self.higher_is_better else -np.diff(self.bounds)
        if len(self.bounds) != HIGHEST - LOWEST or not np.all(steps >= 0):
            raise ValueError("four bounds are needed, each at least as hard to reach as the one before")

    def to_json(self) -> dict[str, Any]:
        return {"bounds": list(self.bounds), "higher_is_better": self.higher_is_better}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Cutpoints:
        two, three, four, five = (float(bound) for bound in stored["bounds"])
        return cls((two, three, four, five), bool(stored["higher_is_better"]))


@dataclass(frozen=True, slots=True)
class RfmCutpoints:
    """The cut-points of the three dimensions: what a later order is scored against without the whole store."""

    recency: Cutpoints
    frequency: Cutpoints
    monetary: Cutpoints

    def instead(self, **chosen: Sequence[float] | None) -> RfmCutpoints:
        """Cut-points with a merchant's own bounds, by dimension, where there are any."""
        given = {name: bounds for name, bounds in chosen.items() if bounds is not None}
        return replace(
            self, **{name: thresholds(own, higher_is_better=name != "recency") for name, own in given.items()}
        )

    def to_json(self) -> dict[str, Any]:
        return {name: getattr(self, name).to_json() for name in ("recency", "frequency", "monetary")}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RfmCutpoints:
        return cls(*(Cutpoints.from_json(stored[name]) for name in ("recency", "frequency", "monetary")))


@dataclass(frozen=True, slots=True, eq=False)
class RfmScores:
    """Scores from 1 to 5, one row per customer."""

    r: Scores
    f: Scores
    m: Scores

    @property
    def code(self) -> npt.NDArray[np.int16]:
        """The three scores as one number, for example 543."""
        return self.r.astype(np.int16) * 100 + self.f * 10 + self.m

    def text(self) -> list[str]:
        """The three scores as strings, for example "543"."""
        return [str(code) for code in self.code.tolist()]


def cutpoints(values: npt.ArrayLike, *, higher_is_better: bool = True) -> Cutpoints:
    """Cut-points that score a population by rank quintiles; equal values share the average rank and so one score.

    A value of average rank k (1 is worst) among n scores 1 + floor(5·(k − ½)/n): scoring `values` against the
    result gives exactly these. A population of equals scores 3. A later value better than all of them scores 5, one
    worse than all of them 1. Magnitudes must stay below 2**53. Raises ValueError for an empty population or NaN.
    """
    population = _numbers(values).ravel()
    if not population.size or np.isnan(population).any():
        raise ValueError("cut-points need at least one value and no NaN")
    distinct, counts = _tally(population)
    if not higher_is_better:
        distinct, counts = -distinct[::-1], counts[::-1]
    below = np.cumsum(counts) - counts
    # Twice the average rank is below + (below + count) + 1: integers keep the quintile edges exact.
    quintile = LOWEST + (HIGHEST * (2 * below + counts)) // (2 * population.size)
    beyond = np.nextafter(distinct[-1], np.inf)
    first = np.searchsorted(quintile, np.arange(LOWEST + 1, HIGHEST + 1))
    two, three, four, five = np.append(distinct, beyond)[first].tolist()
    if higher_is_better:
        return Cutpoints((two, three, four, five), True)
    return Cutpoints((-two, -three, -four, -five), False)


def thresholds(bounds: Sequence[float], *, higher_is_better: bool = True) -> Cutpoints:
    """Cut-points a merchant chose: what it takes to score 2, 3, 4 and 5. Raises ValueError where out of order."""
    two, three, four, five = (float(bound) for bound in bounds)
    return Cutpoints((two, three, four, five), higher_is_better)


def score(values: npt.ArrayLike, cuts: Cutpoints) -> Scores:
    """Scores from 1 to 5, in the shape of `values`. A better value never scores lower."""
    observed = _numbers(values)
    reached = np.full(observed.shape, LOWEST, dtype=np.int8)
    for bound in cuts.bounds:
        reached += observed >= bound if cuts.higher_is_better else observed <= bound
    return reached


def rfm_cutpoints(histories: Histories) -> RfmCutpoints:
    """Rank quintiles of a store's customers: recency in days (fewer is better), frequency and monetary."""
    return RfmCutpoints(
        cutpoints(histories.recency_days, higher_is_better=False),
        cutpoints(histories.frequency),
        cutpoints(histories.monetary),
    )


def score_rfm(histories: Histories, cuts: RfmCutpoints) -> RfmScores:
    """R, F and M of each customer against cut-points, which may be those of an earlier run."""
    return RfmScores(
        score(histories.recency_days, cuts.recency),
        score(histories.frequency, cuts.frequency),
        score(histories.monetary, cuts.monetary),
    )


def _numbers(values: npt.ArrayLike) -> npt.NDArray[Any]:
    """Whole numbers as they are, anything else as floats."""
    given = np.asarray(values)
    return given if given.dtype.kind == "i" else given.astype(np.float64)


def _tally(values: npt.NDArray[Any]) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.intp]]:
    """Distinct values, ascending, and how often each occurs."""
    lowest = values.min()
    if values.dtype.kind == "i" and int(values.max()) - int(lowest) <= values.size:
        seen = np.bincount(values - lowest)  # days and counts: no sort
        there = np.flatnonzero(seen)
        return (there + lowest).astype(np.float64), seen[there]
    found, counts = np.unique(values, return_counts=True)
    return found.astype(np.float64), counts
