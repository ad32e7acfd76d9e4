"""What is expected of customers who are still alive: it depends on x and T alone, so each pair is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from connector.domain.arrays import Floats, Ints
from connector.domain.history import SLOTS_PER_ROW, distinct

OfXAndAge = Callable[[Floats, Floats], Sequence[Floats]]

CHUNK = 16_384  # customers at a time: their columns fit a cache

_FREE_SLOTS = 100_000
_LEAST = 1e-300
_NARROWEST = 0.01
_DIGITS = 30.0  # e^-30 is near the rounding of a double


class Table:
    """Columns of positive functions of x and age, worked out once per pair that some customer has, or fewer.

    `function` takes x and age of one length and returns columns of that length; `ages` is the model's time for each
    whole day of age. Over many ages the logarithm is interpolated in log(age_scale + age), where it is smooth:
    `age_scale` is the smallest scale that the model adds to ages. The interpolation is exact to rounding for what
    has no singularity within π of the real axis there, as all that the models expect of a given horizon.
    """

    def __init__(self, function: OfXAndAge, x: Ints, age_days: Ints, ages: Floats, age_scale: float) -> None:
        self._width = int(age_days.max(initial=0)) + 1
        slots = (int(x.max(initial=0)) + 1) * self._width
        self._sparse: Ints | None = None
        if slots > SLOTS_PER_ROW * len(x) + _FREE_SLOTS:
            self._sparse = distinct(self._keys(x, age_days))
            self._columns = _evaluated(function, self._sparse, ages[: self._width], age_scale)
            return
        seen = np.zeros(slots, dtype=np.bool_)
        for start in range(0, len(x), CHUNK):
            rows = slice(start, start + CHUNK)
            seen[self._keys(x[rows], age_days[rows])] = True
        pairs = np.flatnonzero(seen)
        self._columns = []
        for column in _evaluated(function, pairs, ages[: self._width], age_scale):
            table = np.zeros(slots)
            table[pairs] = column
            self._columns.append(table)

    def rows(self, x: Ints, age_days: Ints) -> list[Floats]:
        """The columns for customers with these x and ages; only pairs that the table was made for."""
        keys = self._keys(x, age_days)
        if self._sparse is not None:
            keys = np.searchsorted(self._sparse, keys)
        return [column[keys] for column in self._columns]

    def _keys(self, x: Ints, age_days: Ints) -> Ints:
        keys = x * self._width
        keys += age_days
        return keys


def for_each(function: OfXAndAge, x: Ints, age_days: Ints, ages: Floats, age_scale: float) -> list[Floats]:
    """The columns of a `Table`, by customer."""
    return Table(function, x, age_days, ages, age_scale).rows(x, age_days)


def _evaluated(function: OfXAndAge, pairs: Ints, ages: Floats, age_scale: float) -> list[Floats]:
    """The function at each pair x·len(ages) + age: at nodes for an x of many ages, else at the ages themselves."""
    count, day = np.divmod(pairs, len(ages))
    if not pairs.size:
        return list(function(ages[:0], ages[:0]))
    there = distinct(day)
    nodes, basis = _interpolation(ages[there], age_scale)
    counts, number = np.unique(count, return_counts=True)
    many = number > len(nodes)
    single = np.flatnonzero(~np.repeat(many, number))
    smooth = np.flatnonzero(np.repeat(many, number))
    row = np.repeat(np.cumsum(many) - 1, number)[smooth]
    columns = function(
        np.concatenate([count[single], np.repeat(counts[many], len(nodes))]).astype(np.float64),
        np.concatenate([ages[day[single]], np.tile(nodes, int(many.sum()))]),
    )
    place = np.searchsorted(there, day[smooth])
    result = []
    for column in columns:
        values = np.empty(pairs.size)
        values[single] = column[: single.size]
        logs = np.log(np.maximum(column[single.size :], _LEAST)).reshape(-1, len(nodes))
        values[smooth] = np.exp(logs @ basis)[row, place]
        result.append(values)
    return result


def _interpolation(ages: Floats, age_scale: float) -> tuple[Floats, Floats]:
    """Chebyshev nodes in log(age_scale + age), as ages, and what turns values there into values at all `ages`."""
    low, high = np.log(age_scale + ages[0]), np.log(age_scale + ages[-1])
    half = max(0.5 * float(high - low), _NARROWEST)
    height = np.pi / half  # of the nearest singularities over the real axis, which lie at ±iπ
    count = int(np.ceil(_DIGITS / np.log(height + np.sqrt(1.0 + height**2)))) + 2
    angles = np.pi * (np.arange(count) + 0.5) / count
    nodes = np.maximum(np.exp(low + half * (np.cos(angles) + 1.0)) - age_scale, 0.0)
    days = np.arccos(np.clip((np.log(age_scale + ages) - low) / half - 1.0, -1.0, 1.0))
    degrees = np.arange(count)
    weights = np.cos(np.outer(angles, degrees)) * (2.0 / count)
    weights[:, 0] /= 2.0
    return nodes, weights @ np.cos(np.outer(degrees, days))
