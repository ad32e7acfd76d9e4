"""The Gamma-Gamma model of order values: Fader and Hardie (2013), "The Gamma-Gamma model of monetary value".

A customer's order values vary with shape p around a mean of their own; these means follow an inverse gamma
distribution with shape q and scale p·gamma over the store. Values come in one unit of money, any.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from connector.domain.arrays import Floats, Numbers
from connector.domain.histogram import histogram
from connector.domain.newton import Prior, Terms, maximise
from connector.domain.purchase_model import in_logarithms
from connector.domain.special import trigamma

_LOWER = np.array([-8.0, -5.0, -10.0])  # log p, log(q - 1), log gamma with the median value as unit
_UPPER = np.array([8.0, 8.0, 10.0])
_COARSE_ROWS = (2_000, 30_000)
_CHUNK = 8_192
_LEAST_TAIL = 0.1  # keeps the variance finite where the posterior has none
_PRIOR = Prior(mean=np.array([2.0, 1.0, -0.8]), deviation=np.array([2.0, 1.5, 2.0]))


@dataclass(frozen=True, slots=True)
class GammaGamma:
    """Parameters of a store. `gamma` is in the unit of the values; q > 1, so that the mean exists."""

    p: float
    q: float
    gamma: float

    def __post_init__(self) -> None:
        if not (np.isfinite([self.p, self.q, self.gamma]).all() and self.p > 0 and self.q > 1 and self.gamma > 0):
            raise ValueError("p and gamma must be positive, q above 1, all finite")

    @property
    def population_mean(self) -> float:
        """Mean value of an order of a customer of whom nothing is known."""
        return self.p * self.gamma / (self.q - 1.0)

    def to_json(self) -> dict[str, Any]:
        return {"p": self.p, "q": self.q, "gamma": self.gamma}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> GammaGamma:
        return cls(*(float(stored[name]) for name in ("p", "q", "gamma")))


@dataclass(frozen=True, slots=True)
class GammaGammaFit:
    """Parameters that maximise likelihood (and prior). `dropped` counts customers left out for a mean value <= 0."""

    parameters: GammaGamma
    log_likelihood: float
    customers: int
    dropped: int
    at_boundary: tuple[str, ...]
    converged: bool


def fit(orders: npt.ArrayLike, mean_value: npt.ArrayLike, *, priors: bool = False) -> GammaGammaFit:
    """Fit to one row per customer: number of orders and their mean value. Deterministic.

    Maximum likelihood, or with `priors` the mode under weak log-normal priors in units of the store's median value.
    Customers without an order or with a mean value <= 0 are left out. Raises ValueError where nobody is left.
    """
    count, mean = _columns(orders, mean_value)
    usable = (count > 0) & (mean > 0)
    dropped = int(count.size - np.count_nonzero(usable))
    if dropped == count.size:
        raise ValueError("a fit needs at least one customer with a positive order value")
    if dropped:
        count, mean = count[usable], mean[usable]
    scale = float(np.median(mean[:: -(-count.size // _COARSE_ROWS[-1])]))
    sample = _Sample(count, mean, scale)
    start = _PRIOR.mean
    for rows in _COARSE_ROWS:
        if count.size > 2 * rows:
            step = -(-count.size // rows)
            coarse = _Sample(count[::step], mean[::step], scale)
            start = maximise(coarse.per_customer, start, _LOWER, _UPPER, precision=1e-2).point
    objective = _PRIOR.added_to(sample.per_customer, sample.customers) if priors else sample.per_customer
    found = maximise(objective, start, _LOWER, _UPPER)
    p, above, gamma = np.exp(found.point).tolist()
    prior = _PRIOR.at(found.point) if priors else 0.0
    return GammaGammaFit(
        parameters=GammaGamma(p, 1.0 + above, gamma * scale),
        log_likelihood=float((found.value - np.log(scale)) * sample.customers - prior),
        customers=sample.customers,
        dropped=dropped,
        at_boundary=tuple(name for name, edge in zip(("p", "q", "gamma"), found.edges, strict=True) if edge),
        converged=found.converged,
    )


def log_likelihood(parameters: GammaGamma, orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> float:
    """Log-likelihood of mean values (their equation 1a), summed; every mean must be positive."""
    sample = _Sample(*_columns(orders, mean_value), scale=1.0)
    point = np.log([parameters.p, parameters.q - 1.0, parameters.gamma])
    return sample.per_customer(point)[0] * sample.customers


def expected_value(parameters: GammaGamma, orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> Floats:
    """Expected value of a customer's next order (their equation 5): their mean drawn towards the population's.

    Without an order it is the population mean. A mean value below 0 counts as 0.
    """
    count, mean = np.asarray(orders, np.float64), np.maximum(np.asarray(mean_value, np.float64), 0.0)
    p, q, gamma = parameters.p, parameters.q, parameters.gamma
    value: Floats = p * (gamma + count * mean) / (p * count + q - 1.0)
    return value


def expected_square(
    parameters: GammaGamma, orders: npt.ArrayLike, mean_value: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """Expected squares of a customer's own mean and of one order's value: how uncertain `expected_value` is."""
    count, mean = np.asarray(orders, np.float64), np.maximum(np.asarray(mean_value, np.float64), 0.0)
    p, q = parameters.p, parameters.q + parameters.p * count
    scale = p * (parameters.gamma + count * mean)
    of_mean: Floats = scale**2 / ((q - 1.0) * np.maximum(q - 2.0, _LEAST_TAIL))
    return of_mean, of_mean * (1.0 + 1.0 / p)


def _columns(orders: npt.ArrayLike, mean_value: npt.ArrayLike) -> tuple[Numbers, Floats]:
    count, mean = np.asarray(orders), np.asarray(mean_value, dtype=np.float64)
    if count.dtype.kind != "i":
        count = count.astype(np.float64)
    if count.shape != mean.shape or count.ndim != 1:
        raise ValueError("orders and mean_value must be columns of one length")
    if count.size and not np.isfinite([count.min(), count.max(), mean.min(), mean.max()]).all():
        raise ValueError("orders and mean_value must be finite")
    return count, mean


class _Sample:
    """Order counts and mean values, and the sums of them that no parameter changes."""

    def __init__(self, count: Numbers, mean: Floats, scale: float) -> None:
        self.customers = len(count)
        self.count, self.mean, self.scale = count, mean, scale
        self.n, self.weights, _ = histogram(count)
        self.sum_log_mean = -self.customers * float(np.log(scale))
        sum_n_log_mean = -float(self.n @ self.weights) * float(np.log(scale))
        for start in range(0, self.customers, _CHUNK):
            log_mean = np.log(mean[start : start + _CHUNK])
            self.sum_log_mean += float(log_mean.sum())
            sum_n_log_mean += float(count[start : start + _CHUNK] @ log_mean)
        self.sum_n_log_spent = sum_n_log_mean + float((self.weights * self.n) @ np.log(self.n))

    def per_customer(self, point: Floats) -> Terms:
        """Mean log-likelihood with gradient and Hessian in log p, log(q − 1), log gamma."""
        p, above, gamma = np.exp(point)
        q = 1.0 + above
        value, gradient, hessian = self._counted(p, q, gamma)
        sums = np.zeros((3, 2))
        for start in range(0, self.customers, _CHUNK):
            sums += self._spent_sums(gamma, slice(start, start + _CHUNK))
        (log_reach, n_log_reach), (inverse, n_inverse), (square, n_square) = sums.tolist()
        value += p * (self.sum_n_log_spent - n_log_reach) - self.sum_log_mean - q * log_reach
        gradient += [self.sum_n_log_spent - n_log_reach, -log_reach, -p * n_inverse - q * inverse]
        hessian[0, 2] -= n_inverse
        hessian[1, 2] -= inverse
        hessian[2, 2] += p * n_square + q * square
        hessian[2, :2] = hessian[:2, 2]
        return in_logarithms(np.array([p, above, gamma]), value, gradient, hessian, self.customers)

    def _spent_sums(self, gamma: float, rows: slice) -> Floats:
        """Sums of log(gamma + spent), its inverse and its inverse square, each also times the order count."""
        mean = self.mean[rows]
        powers, counts = np.empty((3, len(mean))), np.ones((2, len(mean)))
        counts[1] = self.count[rows]
        reach = counts[1] * mean
        reach /= self.scale
        reach += gamma
        np.log(reach, out=powers[0])
        np.divide(1.0, reach, out=powers[1])
        np.multiply(powers[1], powers[1], out=powers[2])
        sums: Floats = powers @ counts.T
        return sums

    def _counted(self, p: float, q: float, gamma: float) -> Terms:
        """The part that depends on the order count alone: gamma functions once per distinct count."""
        n, w = self.n, self.weights
        shape = p * n + q
        grown, bent = psi(shape), trigamma(shape)
        value = w @ (gammaln(shape) - gammaln(p * n)) - self.customers * (gammaln(q) - q * np.log(gamma))
        gradient = np.array(
            [
                (w * n) @ (grown - psi(p * n)),
                w @ grown - self.customers * (psi(q) - np.log(gamma)),
                self.customers * q / gamma,
            ]
        )
        hessian = np.zeros((3, 3))
        hessian[0, 0] = (w * n**2) @ (bent - trigamma(p * n))
        hessian[0, 1] = hessian[1, 0] = (w * n) @ bent
        hessian[1, 1] = w @ bent - self.customers * trigamma(q)
        hessian[1, 2] = self.customers / gamma
        hessian[2, 2] = -self.customers * q / gamma**2
        return float(value), gradient, hessian
