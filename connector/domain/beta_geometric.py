"""Customers who may leave after each purchase: what the BG/NBD and the MBG/NBD model share.

While alive a customer buys at a rate drawn from Gamma(r, alpha); at each chance they leave for good with a
probability drawn from Beta(a, b). The models differ in whether the first purchase is such a chance.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import betaln, gammaln, polygamma, psi

from connector.domain.arrays import Floats
from connector.domain.purchase_model import PurchaseModel

_STEEPEST = 700.0
_SERIES_TERMS = 300
_LOOK_EVERY = 12
_SETTLED = 1e-14
_MOST_CANCELLED = 1e-4
_MOST_ALTERNATING = -8.0  # the series starts with about as many terms of changing sign
_QUADRATURE_STEP = 1 / 48
_QUADRATURE_TAIL = 40.0
_QUADRATURE_ROWS = 256


@dataclass(frozen=True, slots=True)
class BetaGeometric(PurchaseModel):
    """Parameters of a store; 1 / alpha and `unit` belong together."""

    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha", "a", "b")
    first_chance: ClassVar[int]  # 1 where a customer may leave right after the first purchase, else 0

    r: float
    alpha: float
    a: float
    b: float
    unit: str = "day"

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        odds = self.log_odds_left(*(np.asarray(column, dtype=np.float64) for column in (x, t_x, age)))
        probability: Floats = 1.0 / (1.0 + np.exp(np.minimum(odds, _STEEPEST)))
        return probability

    @property
    def age_scale(self) -> float:
        return self.alpha

    def log_odds_left(self, x: Floats, t_x: Floats, age: Floats) -> Floats:
        """Log-odds that a customer has left; -inf for one who has had no chance to."""
        chances = x + self.first_chance
        silence = np.log((self.alpha + age) / (self.alpha + t_x))
        odds = np.log(self.a / (self.b + np.maximum(chances, 1.0) - 1.0)) + (self.r + x) * silence
        return np.where(chances > 0, odds, -np.inf)

    def order_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        ahead, count, end = (np.asarray(column, dtype=np.float64) for column in (horizon, x, age))
        probability: Floats = -np.expm1(-(self.r + count) * np.log1p(ahead / (self.alpha + end)))
        return probability

    def log_density(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        count, last, end = (np.asarray(column, dtype=np.float64) for column in (x, t_x, age))
        chances = count + self.first_chance
        stayed = betaln(self.a, self.b + chances) - betaln(self.a, self.b)
        bought = gammaln(self.r + count) - gammaln(self.r) + self.r * np.log(self.alpha)
        silent = (self.r + count) * np.log(self.alpha + end)
        density: Floats = bought + stayed - silent + np.logaddexp(0.0, self.log_odds_left(count, last, end))
        return density

    def orders_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Expected orders in the `horizon` of a customer who has not left at `age`; t_x no longer matters.

        With Euler's transformation the published form becomes, in d = a − 1 and c = a + b + chances − 1,
        −c·expm1(−d·L)/d − e^(−d·L)·c·G: nothing overflows and a = 1 is no special case.
        """
        ahead, count, end = np.broadcast_arrays(*(np.asarray(each, dtype=np.float64) for each in (horizon, x, age)))
        pace = ahead / (self.alpha + end)
        growth = np.log1p(pace)
        z = pace / (1.0 + pace)
        c = self.a + self.b + count + (self.first_chance - 1.0)
        d = self.a - 1.0
        left = c * (growth if d == 0.0 else -np.expm1(np.minimum(-d * growth, _STEEPEST)) / d)
        with np.errstate(over="ignore", invalid="ignore"):
            tail, settled = self._tail(c.ravel(), z.ravel())
            tail = np.exp(-d * growth) * tail.reshape(z.shape)
            orders = np.atleast_1d(left - tail)
            slow = ~settled.reshape(orders.shape) | ~(orders >= _MOST_CANCELLED * np.abs(tail))
        if self.a + self.b - 1.0 - self.r + self.first_chance < _MOST_ALTERNATING:
            slow[:] = True
        if slow.any():
            orders[slow] = self._by_quadrature(np.atleast_1d(pace)[slow], np.atleast_1d(count)[slow])
        most = (self.r + count) * pace  # what they would buy if they never left
        return np.clip(orders.reshape(z.shape), 0.0, most)

    def _tail(self, c: Floats, z: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
        """c·G = Σ_{k≥1} (a)_{k−1} (c − r − x)_k / ((c + 1)_{k−1} k!) · z^k, and where the series settled."""
        total = np.zeros_like(z)
        settled = np.zeros(z.shape, dtype=bool)
        first = self.a + self.b - 1.0 - self.r + self.first_chance  # c − r − x, the same for all
        live = np.arange(z.size)
        sums, term = np.zeros_like(z), first * z
        for k in range(1, _SERIES_TERMS):
            sums += term
            term *= z * (((self.a + k - 1.0) * (first + k) / (k + 1.0)) / (c + k))
            if k % _LOOK_EVERY:
                continue
            done = np.abs(term) <= _SETTLED * (1.0 - z) * np.abs(sums)
            total[live[done]], settled[live[done]] = sums[done], True
            going = ~done
            live, c, z, sums, term = live[going], c[going], z[going], sums[going], term[going]
            if not live.size:
                break
        return total, settled

    def _by_quadrature(self, pace: Floats, x: Floats) -> Floats:
        """The same expectation as the mean of (1 − (1 + p·pace)^−(r + x))/p over the posterior of p, by tanh-sinh.

        Every summand is positive, so it holds where the series is slow (z near 1) or cancels; it costs far more.
        """
        stays = self.b + x + self.first_chance
        # The logit of p has this mean and deviation. Nodes lie closer where it is narrow; where it has a long flat
        # tail instead they stay around the end of the tail that bends.
        centre = np.clip(psi(self.a) - psi(stays), -np.log1p(stays), np.log1p(self.a))
        width = np.minimum(np.sqrt(polygamma(1, self.a) + polygamma(1, stays)), 1.0)
        reach = np.arcsinh(_QUADRATURE_TAIL / (np.pi * min(self.a, self.b, 1.0) * width.min()))
        nodes = np.arange(-reach, reach, _QUADRATURE_STEP)
        spread, spacing = np.pi * np.sinh(nodes), np.log(np.cosh(nodes))
        orders = np.empty_like(pace)
        for start in range(0, pace.size, _QUADRATURE_ROWS):
            rows = slice(start, start + _QUADRATURE_ROWS)
            count, stayed = x[rows, None], stays[rows, None]
            logit = centre[rows, None] + width[rows, None] * spread
            log_p, log_q = -np.logaddexp(0.0, -logit), -np.logaddexp(0.0, logit)
            p = np.maximum(np.exp(log_p), 1e-300)
            log_density = self.a * log_p + stayed * log_q + spacing
            density = np.exp(log_density - log_density.max(axis=1, keepdims=True))
            bought = -np.expm1(-(self.r + count) * np.log1p(p * pace[rows, None])) / p
            orders[rows] = np.sum(density * bought, axis=1) / np.sum(density, axis=1)
        return orders
