"""The likelihood of the BG/NBD and MBG/NBD models over a store's customers, with exact derivatives."""

from __future__ import annotations

import copy

import numpy as np
from scipy.special import gammaln, psi

from connector.domain.arrays import Floats, Numbers
from connector.domain.histogram import histogram
from connector.domain.newton import Terms
from connector.domain.purchase_model import in_logarithms
from connector.domain.special import trigamma

_CHUNK = 8_192


class Sample:
    """What the likelihood needs of the histories that no parameter changes. Times are divided by `scale`.

    Gamma functions are taken once per distinct x and silence once per distinct age; only customers who may have
    left are gone through one by one, and among them the one-time buyers of one age together.
    """

    def __init__(self, x: Numbers, t_x: Numbers, age: Numbers, scale: float, first_chance: int) -> None:
        self.customers = float(len(x))
        self.first_chance = first_chance
        self.counts, self.count_weights, _ = histogram(x)
        ages, self.age_weights, self.age_purchases = histogram(age, x)
        self.ages = ages / scale
        repeat = np.flatnonzero(x)
        self.x, self.t_x, self.age = x[repeat].astype(np.float64), t_x[repeat] / scale, age[repeat] / scale
        self.weights = np.ones(len(repeat))
        if first_chance:
            ages, once, _ = histogram(age[x == 0])
            self.x, self.t_x = np.r_[np.zeros(len(ages)), self.x], np.r_[np.zeros(len(ages)), self.t_x]
            self.age, self.weights = np.r_[ages / scale, self.age], np.r_[once, self.weights]

    @property
    def rows(self) -> int:
        return len(self.x)

    def coarse(self, rows: int) -> Sample:
        """The same sample with about `rows` of its customers standing for all who may have left."""
        step = -(-self.rows // rows)
        part = copy.copy(self)
        for name in ("x", "t_x", "age", "weights"):
            setattr(part, name, np.ascontiguousarray(getattr(self, name)[::step]))
        part.weights = part.weights * (self.weights.sum() / part.weights.sum())
        return part

    def per_customer(self, point: Floats) -> Terms:
        """Mean log-likelihood with gradient and Hessian in log(r, alpha, a, b)."""
        parameters = np.exp(point)
        value, gradient, hessian = 0.0, np.zeros(4), np.zeros((4, 4))
        for part in (self._counted(parameters), self._silent(parameters), self._left(parameters)):
            value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
        return in_logarithms(parameters, value, gradient, hessian, self.customers)

    def _counted(self, parameters: Floats) -> Terms:
        """The part that depends on x alone."""
        r, alpha, a, b = parameters
        n, w, total = self.counts, self.count_weights, self.customers
        chances = n + self.first_chance
        bases = np.array([[r], [b], [a + b]])
        risen = bases + np.stack([n, chances, chances])
        bought, stayed, could = (gammaln(risen) - gammaln(bases)) @ w
        grown = (psi(risen) - psi(bases)) @ w
        bent = (trigamma(risen) - trigamma(bases)) @ w
        gradient = np.array([grown[0] + total * np.log(alpha), total * r / alpha, -grown[2], grown[1] - grown[2]])
        hessian = np.zeros((4, 4))
        hessian[0, 0] = bent[0]
        hessian[0, 1] = hessian[1, 0] = total / alpha
        hessian[1, 1] = -total * r / alpha**2
        hessian[2:, 2:] = -bent[2]
        hessian[3, 3] += bent[1]
        return float(bought + stayed - could + total * r * np.log(alpha)), gradient, hessian

    def _silent(self, parameters: Floats) -> Terms:
        """The part of having bought no more than x times until the age: (alpha + T)^-(r + x)."""
        r, alpha = parameters[:2]
        exponents = r * self.age_weights + self.age_purchases
        reach = alpha + self.ages
        log_reach, inverse = np.log(reach), 1.0 / reach
        gradient = np.array([-(self.age_weights @ log_reach), -(exponents @ inverse), 0.0, 0.0])
        hessian = np.zeros((4, 4))
        hessian[0, 1] = hessian[1, 0] = -(self.age_weights @ inverse)
        hessian[1, 1] = exponents @ inverse**2
        return -float(exponents @ log_reach), gradient, hessian

    def _left(self, parameters: Floats) -> Terms:
        """The part of possibly having left at the last purchase, a piece that fits a cache at a time."""
        value, first, second, bends = 0.0, np.zeros(4), np.zeros((4, 4)), np.zeros(3)
        for start in range(0, self.rows, _CHUNK):
            part = self._left_sums(parameters, slice(start, start + _CHUNK))
            value, first, second, bends = value + part[0], first + part[1], second + part[2], bends + part[3]
        # The sums were made with a slope of 1 in a, which is 1/a for every customer.
        a = parameters[2]
        left = first[2]
        slope = np.array([1.0, 1.0, 1.0 / a, 1.0])
        hessian = second * np.outer(slope, slope)
        hessian[0, 1] += bends[0]
        hessian[1, 0] += bends[0]
        hessian[1, 1] += bends[1]
        hessian[2, 2] -= left / a**2
        hessian[3, 3] += bends[2]
        return value, first * slope, hessian

    def _left_sums(self, parameters: Floats, rows: slice) -> tuple[float, Floats, Floats, Floats]:
        """Sums over rows of log(1 + odds), the odds of having left, and of its derivatives in r, alpha, log a, b.

        left = weight·σ(log-odds) weighs the log-odds' derivatives, left·(1 − σ) their products.
        """
        r, alpha, a, b = parameters
        x, weights = self.x[rows], self.weights[rows]
        late, soon = 1.0 / (alpha + self.age[rows]), 1.0 / (alpha + self.t_x[rows])
        slopes = np.ones((4, len(x)))
        by_r, by_alpha, _, by_b = slopes
        np.log(soon / late, out=by_r)
        shape, gap = r + x, late - soon
        np.multiply(shape, gap, out=by_alpha)
        np.divide(-1.0, x + (b + self.first_chance - 1.0), out=by_b)
        odds = np.log(-a * by_b)
        odds += shape * by_r
        small = np.exp(-np.abs(odds))
        sigma = np.where(odds > 0, 1.0, small) / (1.0 + small)
        left = weights * sigma
        bends = (left @ gap, -(left * by_alpha) @ (soon + late), (left * by_b) @ by_b)
        value = weights @ (np.maximum(odds, 0.0) + np.log1p(small))
        return float(value), slopes @ left, (slopes * (left * (1.0 - sigma))) @ slopes.T, np.array(bends)
