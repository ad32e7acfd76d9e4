"""The BG/NBD model of repeat purchases: Fader, Hardie and Lee (2005), "Counting your customers" the easy way.

While alive a customer buys at a rate drawn from Gamma(r, alpha); after each purchase they leave for good with a
probability drawn from Beta(a, b). x, t_x and T are as in `history.Histories`, in any one unit of time.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import expit, hyp2f1

Floats = npt.NDArray[np.float64]

_SERIES_TERMS = 400
_SERIES_REACH = 0.9


@dataclass(frozen=True, slots=True)
class BgNbd:
    """Parameters of a store. `alpha` and every duration passed with it are in `unit`."""

    r: float
    alpha: float
    a: float
    b: float
    unit: str = "day"

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) and value > 0 for value in (self.r, self.alpha, self.a, self.b)):
            raise ValueError("r, alpha, a and b must be finite and positive")

    def to_json(self) -> dict[str, Any]:
        return {"r": self.r, "alpha": self.alpha, "a": self.a, "b": self.b, "unit": self.unit}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> BgNbd:
        return cls(*(float(stored[name]) for name in ("r", "alpha", "a", "b")), unit=str(stored["unit"]))


def p_alive(parameters: BgNbd, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
    """Probability, in [0, 1], that each customer has not left. Exactly 1 for every one-time buyer."""
    count, last, end = (np.asarray(column, dtype=np.float64) for column in (x, t_x, age))
    return np.where(count > 0, expit(-_odds(parameters, np.maximum(count, 1.0), last, end)), 1.0)


def p_order_within(
    parameters: BgNbd, horizon: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike
) -> Floats:
    """Probability, in [0, 1], of at least one order in the `horizon` after `age`."""
    count, end = np.asarray(x, dtype=np.float64), np.asarray(age, dtype=np.float64)
    growth = np.log1p(np.asarray(horizon, dtype=np.float64) / (parameters.alpha + end))
    return p_alive(parameters, x, t_x, age) * -np.expm1(-(parameters.r + count) * growth)


def expected_orders(
    parameters: BgNbd, horizon: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike
) -> Floats:
    """Expected orders in the `horizon` after `age`, given the history (their equation 10). Finite, never negative."""
    return p_alive(parameters, x, t_x, age) * orders_if_alive(parameters, horizon, x, age)


def expected_orders_new(parameters: BgNbd, horizon: npt.ArrayLike) -> Floats:
    """Expected repeat orders of a customer in the `horizon` after their first purchase (their equation 9)."""
    return orders_if_alive(parameters, horizon, 0.0, 0.0)


def orders_if_alive(parameters: BgNbd, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
    """Expected orders in the `horizon` of a customer who has not left at `age`; it depends on no other part of history.

    With Euler's transformation the published form becomes, in d = a − 1 and c = a + b + x − 1,
    −c·expm1(−d·L)/d − e^(−d·L)·c·G: nothing overflows and a = 1 is no special case.
    """
    reach, count, end = np.broadcast_arrays(
        *(np.asarray(column, dtype=np.float64) for column in (horizon, x, age))
    )
    r, a, b = parameters.r, parameters.a, parameters.b
    growth = np.log1p(reach / (parameters.alpha + end))
    z = -np.expm1(-growth)
    c = a + b + count - 1.0
    d = a - 1.0
    left = growth if d == 0.0 else -np.expm1(-d * growth) / d
    orders = c * left - np.exp(-d * growth) * _tail(r, a, b, c, z)
    most = (r + count) * reach / (parameters.alpha + end)  # what they would buy if they never left
    return np.clip(orders, 0.0, most)


def _tail(r: float, a: float, b: float, c: Floats, z: Floats) -> Floats:
    """c·G = Σ_{k≥1} (a)_{k−1} (a + b − 1 − r)_k / ((c + 1)_{k−1} k!) · z^k."""
    flat_c, flat_z = c.ravel(), z.ravel()
    total = np.zeros_like(flat_z)
    first = a + b - 1.0 - r
    term = first * flat_z
    live = np.arange(flat_z.size)
    for k in range(1, _SERIES_TERMS):
        total[live] += term
        term = term * ((a + k - 1.0) * (first + k) / (k + 1.0)) / (flat_c[live] + k) * flat_z[live]
        small = np.abs(term) <= 1e-17 * np.abs(total[live])
        if small.all():
            return total.reshape(z.shape)
        live, term = live[~small], term[~small]
    # What has not settled lies near z = 1, where the library's connection formulas are at home.
    slow_c, slow_z = flat_c[live], flat_z[live]
    total[live] = slow_c * (hyp2f1(first, a - 1.0, slow_c, slow_z) - 1.0) / (a - 1.0)
    return total.reshape(z.shape)


def _odds(parameters: BgNbd, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Log-odds that a repeat buyer has left; x must be at least 1."""
    silence = np.log((parameters.alpha + age) / (parameters.alpha + t_x))
    return np.log(parameters.a / (parameters.b + x - 1.0)) + (parameters.r + x) * silence


