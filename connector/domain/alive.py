"""What is expected of customers who are still alive: it depends on x and T alone, so each pair is worked out once."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from connector.domain.purchase_model import Floats

OfXAndAge = Callable[[Floats, Floats], Sequence[Floats]]

_SLOTS_PER_ROW = 4
_LEAST = 1e-300
_DIGITS = 34.0  # e^-34 is below the rounding of a double


def for_each(
    function: OfXAndAge, x: npt.NDArray[np.int64], age_days: npt.NDArray[np.int64], ages: Floats, age_scale: float
) -> list[Floats]:
    """Columns of positive functions of x and age, by customer, each worked out once per distinct pair or fewer.

    `function` takes x and age of one length and returns columns of that length; `ages` is the model's time for each
    whole day of age. Over many ages the logarithm is interpolated in log(age_scale + age), where it is smooth:
    `age_scale` is the smallest scale that the model adds to ages. The interpolation is exact to rounding.
    """
    width = int(age_days.max(initial=0)) + 1
    slots = (int(x.max(initial=0)) + 1) * width
    if slots > _SLOTS_PER_ROW * len(x) + 100_000:
        pairs, owner = np.unique(x * width + age_days, return_inverse=True)
        return [column[owner] for column in function((pairs // width).astype(np.float64), ages[pairs % width])]
    keys = x * width
    keys += age_days
    seen = np.bincount(keys, minlength=slots)
    pairs = np.flatnonzero(seen)
    counts = np.flatnonzero(seen.reshape(-1, width).any(axis=1))
    nodes = _node_count(age_scale, float(ages[width - 1]))
    table = np.zeros(slots)
    result = []
    if pairs.size <= counts.size * nodes:
        columns = function((pairs // width).astype(np.float64), ages[pairs % width])
    else:
        columns = _interpolated(function, counts, pairs, ages[:width], age_scale, nodes)
    for column in columns:
        table[pairs] = column
        result.append(table[keys])
    return result


def _node_count(age_scale: float, oldest: float) -> int:
    """Chebyshev nodes for full precision: the nearest singularities lie π off the real axis."""
    half = 0.5 * np.log1p(oldest / age_scale)
    height = np.pi / half
    return int(np.ceil(_DIGITS / np.log(height + np.sqrt(1.0 + height**2)))) + 2


def _interpolated(
    function: OfXAndAge,
    counts: npt.NDArray[np.int64],
    pairs: npt.NDArray[np.int64],
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
