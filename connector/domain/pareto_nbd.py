"""The Pareto/NBD model: Schmittlein, Morrison and Colombo (1987), "Counting Your Customers".

While alive a customer buys at a rate drawn from Gamma(r, alpha); they leave for good at a moment of its own, at a
rate drawn from Gamma(s, beta).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln

from connector.domain.arrays import Floats
from connector.domain.purchase_model import PurchaseModel
from connector.domain.quadrature import log_integral

_CHUNK = 4096


@dataclass(frozen=True, slots=True)
class ParetoNbd(PurchaseModel):
    """Pareto/NBD parameters of a store."""

    name: ClassVar[str] = "pareto-nbd"
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "s", "beta")

    r: float
    alpha: float
    s: float
    beta: float
    unit: str = "day"

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        probability: Floats = 1.0 / (1.0 + np.exp(np.minimum(self.log_odds_left(x, t_x, age), 700.0)))
        return probability

    @property
    def age_scale(self) -> float:
        return min(self.alpha, self.beta)

    def log_odds_left(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Log-odds that a customer has left; -inf for one who bought this moment."""
        return _by_chunks(self._log_odds_left, x, t_x, age)

    def order_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        return np.minimum(_by_chunks(self._order_if_alive, horizon, x, age), 1.0)

    def log_density(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        count, end = np.asarray(x, dtype=np.float64), np.asarray(age, dtype=np.float64)
        bought = gammaln(self.r + count) - gammaln(self.r)
        stayed = self.s * -np.log1p(end / self.beta)
        silent = self.r * np.log(self.alpha) - (self.r + count) * np.log(self.alpha + end)
        density: Floats = bought + stayed + silent + np.logaddexp(0.0, self.log_odds_left(x, t_x, age))
        return density

    def orders_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        ahead, count, end = (np.asarray(column, dtype=np.float64) for column in (horizon, x, age))
        growth = np.log1p(ahead / (self.beta + end))
        d = self.s - 1.0
        lived = growth if d == 0.0 else -np.expm1(-d * growth) / d
        orders: Floats = (self.r + count) * (self.beta + end) / (self.alpha + end) * lived
        return orders

    def discounted_residual_orders(
        self, rate: float, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Expected orders from `age` on for ever, discounted continuously at `rate` per unit of time (DERT).

        Fader, Hardie and Lee (2005), RFM and CLV. Raises ValueError for a rate that is not positive.
        """
        if rate <= 0:
            raise ValueError("only a positive rate makes the sum finite")
        count, end = np.asarray(x, dtype=np.float64), np.asarray(age, dtype=np.float64)
        lifetime = _by_chunks(self._discounted_lifetime, rate, end, 0.0)
        orders: Floats = self.p_alive(x, t_x, age) * (self.r + count) / (self.alpha + end) * lifetime
        return orders

    def _log_odds_left(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Logarithm of s·∫ (A/(α+u))^(r+x)·(B/(β+u))^s/(β+u) du from t_x to T, with A = α+T and B = β+T.

        In y = log((m+u)/(m+t_x)), m the smaller of α and β, the integrand is largest near y = 0 and has no
        singularity near.
        """
        n, m = self.r + x[:, None], min(self.alpha, self.beta)
        buying, living = (age[:, None] + self.alpha), (age[:, None] + self.beta)

        def log_integrand(y: Floats) -> Floats:
            u = (m + t_x[:, None]) * np.exp(y) - m
            falls = n * np.log(buying / (self.alpha + u)) + self.s * np.log(living / (self.beta + u))
            heights: Floats = falls + np.log((m + u) / (self.beta + u))
            return heights

        odds: Floats = np.log(self.s) + log_integral(log_integrand, np.log((m + age) / (m + t_x)))
        return odds

    def _order_if_alive(self, horizon: Floats, x: Floats, age: Floats) -> Floats:
        """(r+x)·∫ (A/(A+u))^(r+x)·(B/(B+u))^s/(A+u) du from 0 to the horizon."""
        n = self.r + x[:, None]
        buying, living = (age[:, None] + self.alpha), (age[:, None] + self.beta)
        m = np.minimum(buying, living)

        def log_integrand(y: Floats) -> Floats:
            u = m * np.expm1(y)
            heights: Floats = (
                np.log((m + u) / (buying + u)) - n * np.log1p(u / buying) - self.s * np.log1p(u / living)
            )
            return heights

        return n[:, 0] * np.exp(log_integral(log_integrand, np.log1p(horizon / m[:, 0])))

    def _discounted_lifetime(self, rate: Floats, age: Floats, _: Floats) -> Floats:
        """∫ e^(−rate·u)·(B/(B+u))^s du from 0 on; beyond 50/rate nothing is left of it."""
        living, pace = self.beta + age[:, None], rate[:, None]

        def log_integrand(y: Floats) -> Floats:
            heights: Floats = np.log(living) + y - self.s * y - pace * living * np.expm1(y)
            return heights

        return np.exp(log_integral(log_integrand, np.log1p(50.0 / (rate * living[:, 0]))))


def _by_chunks(function: Callable[[Floats, Floats, Floats], Floats], *values: npt.ArrayLike) -> Floats:
    """The function over broadcast columns, a few thousand rows at a time: its nodes need memory."""
    columns = np.broadcast_arrays(*(np.asarray(value, dtype=np.float64) for value in values))
    flat = [column.ravel() for column in columns]
    result = np.empty(flat[0].size)
    for start in range(0, result.size, _CHUNK):
        first, second, third = (column[start : start + _CHUNK] for column in flat)
        result[start : start + _CHUNK] = function(first, second, third)
    return result.reshape(columns[0].shape)
