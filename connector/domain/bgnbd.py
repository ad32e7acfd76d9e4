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
from scipy.special import betaln, expit

Floats = npt.NDArray[np.float64]

_SERIES_TERMS = 300
_SETTLED = 1e-16
_MOST_CANCELLED = 1e-4
_QUADRATURE_STEP = 1 / 48
_QUADRATURE_TAIL = 40.0


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
        r, alpha, a, b = (float(stored[name]) for name in ("r", "alpha", "a", "b"))
        return cls(r, alpha, a, b, str(stored["unit"]))


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
    """Expected orders in the `horizon` of a customer who has not left at `age`; t_x no longer matters.

    With Euler's transformation the published form becomes, in d = a − 1 and c = a + b + x − 1,
    −c·expm1(−d·L)/d − e^(−d·L)·c·G: nothing overflows and a = 1 is no special case.
    """
    reach, count, end = np.broadcast_arrays(*(np.asarray(column, dtype=np.float64) for column in (horizon, x, age)))
    r, a, b = parameters.r, parameters.a, parameters.b
    pace = reach / (parameters.alpha + end)
    growth = np.log1p(pace)
    z = pace / (1.0 + pace)
    c = a + b + count - 1.0
    d = a - 1.0
    left = c * (growth if d == 0.0 else -np.expm1(-d * growth) / d)
    tail, settled = _tail(r, a, b, c.ravel(), z.ravel())
    tail = np.exp(-d * growth) * tail.reshape(z.shape)
    orders = np.atleast_1d(left - tail)
    slow = ~settled.reshape(orders.shape) | (orders < _MOST_CANCELLED * np.abs(tail))
    if slow.any():
        chosen = [np.atleast_1d(column)[slow] for column in (pace, count)]
        orders[slow] = _by_quadrature(parameters, *chosen)
    most = (r + count) * pace  # what they would buy if they never left
    return np.clip(orders.reshape(z.shape), 0.0, most)


def _tail(r: float, a: float, b: float, c: Floats, z: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """c·G = Σ_{k≥1} (a)_{k−1} (a + b − 1 − r)_k / ((c + 1)_{k−1} k!) · z^k, and where the series settled."""
    total = np.zeros_like(z)
    settled = np.zeros(z.shape, dtype=bool)
    first = a + b - 1.0 - r
    live = np.arange(z.size)
    term = first * z
    for k in range(1, _SERIES_TERMS):
        sums = total[live] + term
        total[live] = sums
        term = term * ((a + k - 1.0) * (first + k) / (k + 1.0)) / (c[live] + k) * z[live]
        done = np.abs(term) <= _SETTLED * (1.0 - z[live]) * np.abs(sums)
        settled[live[done]] = True
        live, term = live[~done], term[~done]
        if not live.size:
            break
    return total, settled


def _by_quadrature(parameters: BgNbd, pace: Floats, x: Floats) -> Floats:
    """The same expectation as the mean of (1 − (1 + p·pace)^−(r + x))/p over the posterior of p, by tanh-sinh.

    Every summand is positive, so it holds where the series is slow (z near 1) or cancels; it costs far more.
    """
    r, a, b = parameters.r, parameters.a, parameters.b
    reach = np.arcsinh((_QUADRATURE_TAIL / min(a, b, 1.0)) / np.pi)
    nodes = np.arange(-reach, reach, _QUADRATURE_STEP)
    logit = np.pi * np.sinh(nodes)
    log_p, log_q = -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)
    p = np.maximum(np.exp(log_p), 1e-300)
    spacing = np.log(_QUADRATURE_STEP * np.pi * np.cosh(nodes))
    orders = np.empty_like(pace)
    for rows in np.array_split(np.arange(pace.size), -(-pace.size // 256)):
        count = x[rows, None]
        density = np.exp(a * log_p + (b + count) * log_q + spacing - betaln(a, b + count))
        bought = -np.expm1(-(r + count) * np.log1p(p * pace[rows, None])) / p
        orders[rows] = np.sum(density * bought, axis=1) / np.sum(density, axis=1)
    return orders


def _odds(parameters: BgNbd, x: Floats, t_x: Floats, age: Floats) -> Floats:
    """Log-odds that a repeat buyer has left; x must be at least 1."""
    silence = np.log((parameters.alpha + age) / (parameters.alpha + t_x))
    return np.log(parameters.a / (parameters.b + x - 1.0)) + (parameters.r + x) * silence
