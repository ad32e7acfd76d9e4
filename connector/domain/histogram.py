"""Distinct values and how often they occur: what makes a million customers a few hundred terms of a sum."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Floats, Numbers
from connector.domain.history import SLOTS_PER_ROW


def histogram(values: Numbers, weights: Numbers | None = None) -> tuple[Floats, Floats, Floats]:
    """Distinct values >= 0, ascending; how many rows have each; the sum of their weights (zeros without any)."""
    few = values.max(initial=0) < SLOTS_PER_ROW * values.size + 1000
    if few and (values.dtype.kind == "i" or np.array_equal(values, np.floor(values))):
        owner = values.astype(np.int64, copy=False)  # whole days and counts: no sort
        seen = np.bincount(owner)
        there = np.flatnonzero(seen)
        return there.astype(np.float64), seen[there].astype(np.float64), _sums(owner, weights)[there]
    distinct, owner = np.unique(values, return_inverse=True)
    return distinct.astype(np.float64), np.bincount(owner).astype(np.float64), _sums(owner, weights)


def _sums(owner: npt.NDArray[np.int64], weights: Numbers | None) -> Floats:
    if weights is None:
        return np.zeros(int(owner.max(initial=-1)) + 1)
    return np.bincount(owner, weights).astype(np.float64, copy=False)
