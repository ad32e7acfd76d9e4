"""Integrals of positive functions that may fall off steeply, in logarithms."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from connector.domain.arrays import Floats

LogIntegrand = Callable[[Floats], Floats]

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(32)
NODES: Floats = (_NODES + 1.0) / 2.0
LOG_WEIGHTS: Floats = np.log(_WEIGHTS / 2.0)
_NEGLIGIBLE = 40.0  # e^-40 of the peak does not change a double
_HALVINGS = 24


def reach(log_integrand: LogIntegrand, length: Floats) -> Floats:
    """How far from 0, at most `length`, the integrand stays above e^-40 of its value at 0.

    `log_integrand` takes distances of shape (rows, k) and gives the same shape; once it has fallen that far it must
    not rise again. The 32 Gauss nodes then resolve what is left to rounding.
    """
    zero = np.zeros((len(length), 1))
    floor = log_integrand(zero) - _NEGLIGIBLE
    far = length[:, None].copy()
    steep = log_integrand(far) < floor
    if not steep.any():
        return length
    low, high = zero, far
    for _ in range(_HALVINGS):
        middle = 0.5 * (low + high)
        below = log_integrand(middle) < floor
        low, high = np.where(below, low, middle), np.where(below, middle, high)
    return np.where(steep, high, far)[:, 0]


def log_integral(log_integrand: LogIntegrand, length: Floats) -> Floats:
    """Logarithm of the integral from 0 to `length`, row by row; -inf where the length is 0."""
    within = reach(log_integrand, length)[:, None]
    heights = log_integrand(within * NODES) + LOG_WEIGHTS
    peak = heights.max(axis=1, keepdims=True)
    with np.errstate(divide="ignore"):
        total: Floats = np.log(within[:, 0]) + peak[:, 0] + np.log(np.exp(heights - peak).sum(axis=1))
    return total
