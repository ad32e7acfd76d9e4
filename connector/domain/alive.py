"""What is expected of customers who are still alive: it depends on x and T alone, so each pair is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from connector.domain.history import Floats, Ints

OfXAndAge = Callable[[Floats, Floats], Sequence[Floats]]

CHUNK = 16_384  # customers at a time: their columns fit a cache

_SLOTS_PER_ROW = 4
_FREE_SLOTS = 100_000
_LEAST = 1e-300
_DIGITS = 34.0  # e^-34 is below the rounding of a double


class Table:
    """Columns of positive functions of x and age, worked out once per pair that some customer has, or fewer.

    `function` takes x and age of one length and returns columns of that length; `ages` is the model's time for each
    whole day of age. Over many ages the logarithm is interpolated in log(age_scale + age), where it is smooth:
    `age_scale` is the smallest scale that the model adds to ages. The interpolation is exact to rounding.
    """

    def __init__(self, function: OfXAndAge, x: Ints, age_days: Ints, ages: Floats, age_scale: float) -> None:
        self._width = int(age_days.max(initial=0)) + 1
        slots = (int(x.max(initial=0)) + 1) * self._width
        self._sparse: Ints | None = None
        if slots > _SLOTS_PER_ROW * len(x) + _FREE_SLOTS:
            pairs = np.unique(self._keys(x, age_days))
            self._sparse = pairs
            self._columns = list(function((pairs // self._width).astype(np.float64), ages[pairs % self._width]))
            return
        seen = np.zeros(slots, dtype=np.bool_)
        for start in range(0, len(x), CHUNK):
            rows = slice(start, start + CHUNK)
            seen[self._keys(x[rows], age_days[rows])] = True
        pairs = np.flatnonzero(seen)
        counts = np.flatnonzero(seen.reshape(-1, self._width).any(axis=1))
        nodes = _node_count(age_scale, float(ages[self._width - 1]))
        if pairs.size <= counts.size * nodes:
            columns = function((pairs // self._width).astype(np.float64), ages[pairs % self._width])
        else:
            columns = _interpolated(function, counts, pairs, ages[: self._width], age_scale, nodes)
        self._columns = []
        for column in columns:
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


def _node_count(age_scale: float, oldest: float) -> int:
    """Chebyshev nodes for full precision: the nearest singularities lie π off the real axis."""
    half = 0.5 * np.log1p(oldest / age_scale)
    height = np.pi / half
    return int(np.ceil(_DIGITS / np.log(height + np.sqrt(1.0 + height**2)))) + 2


def _interpolated(
    function: OfXAndAge,
    counts: Ints,
    pairs: Ints,
    ages: Floats,
    age_scale: float,
    nodes: int,
) -> list[Floats]:
    width = len(ages)
    low, high = np.log(age_scale), np.log(age_scale + ages[-1])
    angles = np.pi * (np.arange(nodes) + 0.5) / nodes
    chosen = np.maximum(np.exp(low + (high - low) * (np.cos(angles) + 1.0) / 2.0) - age_scale, 0.0)
    at_nodes = function(np.repeat(counts * 1.0, nodes), np.tile(chosen, len(counts)))
    # Rows of cosines turn values at the nodes into values at whole days.
    days = np.arccos(np.clip(2.0 * (np.log(age_scale + ages) - low) / (high - low) - 1.0, -1.0, 1.0))
    degrees = np.arange(nodes)
    weights = np.cos(np.outer(degrees, angles)) * 2.0 / nodes
    weights[0] /= 2.0
    basis = weights.T @ np.cos(np.outer(degrees, days))
    which = np.searchsorted(counts, pairs // width) * width + pairs % width
    return [
        np.exp(np.log(np.maximum(column, _LEAST)).reshape(len(counts), nodes) @ basis).ravel()[which]
        for column in at_nodes
    ]
