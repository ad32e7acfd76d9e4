"""Fit of the Pareto/NBD model by Newton steps on exact derivatives: finite, deterministic, for any x."""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from connector.domain.histogram import histogram
from connector.domain.newton import Prior, Terms, maximise, standard_errors
from connector.domain.pareto_nbd import ParetoNbd
from connector.domain.purchase_model import Floats, ModelFit, Numbers, columns, in_logarithms
from connector.domain.quadrature import LOG_WEIGHTS, NODES, reach
from connector.domain.special import trigamma

_BOX = np.full(4, 12.0)  # log-parameters, with the mean age as unit of time, are searched in ±12
_STARTS = (np.array([-0.5, -1.5, -0.5, -0.5]), np.zeros(4))
_PRIOR = Prior(mean=np.array([-0.5, -1.0, -0.5, -1.0]), deviation=np.full(4, 2.5))
_COARSE_ROWS = (1_000, 10_000)
_CHUNK = 256


def fit(
    x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, *, unit: str = "day", priors: bool = False
) -> ModelFit:
    """Pareto/NBD parameters from one row per customer. Deterministic.

    Maximum likelihood, or with `priors` the mode under weak log-normal priors in units of the store's mean age.
    Raises ValueError where columns differ in length, are empty, or break 0 <= t_x <= age or (x = 0) = (t_x = 0).
    """
    count, last, end = columns(x, t_x, age)
    scale = float(np.mean(end)) or 1.0
    sample = Sample(count, last, end, scale)
    start = _STARTS[0]
    for rows in _COARSE_ROWS:
        if sample.rows > 2 * rows:
            # A stratified part of those who may have left, with the exact sums of all: near enough to start from.
            start = maximise(sample.coarse(rows).per_customer, start, -_BOX, _BOX, precision=1e-2).point
    objective = _PRIOR.added_to(sample.per_customer, sample.customers) if priors else sample.per_customer
    best = maximise(objective, start, -_BOX, _BOX)
    if not best.converged or best.edges.any():
        best = max(best, maximise(objective, _STARTS[1], -_BOX, _BOX), key=lambda found: found.value)
    r, alpha, s, beta = np.exp(best.point).tolist()
    model = ParetoNbd(r, alpha * scale, s, beta * scale, unit)
    prior = _PRIOR.at(best.point) if priors else 0.0
    return ModelFit.of(
        model,
        log_likelihood=best.value * sample.customers - prior - float(np.sum(count)) * np.log(scale),
        customers=len(count),
        log_errors=standard_errors(best, sample.customers),
        edges=best.edges,
        converged=best.converged,
    )


class Sample:
    """What the likelihood needs of the histories that no parameter changes. Times are divided by `scale`."""

    def __init__(self, x: Numbers, t_x: Numbers, age: Numbers, scale: float) -> None:
        self.customers = float(len(x))
        self.counts, self.count_weights, _ = histogram(x)
        ages, self.age_weights, self.age_purchases = histogram(age, x)
        self.ages = ages / scale
        repeat = np.flatnonzero(x)
        once, once_weights, _ = histogram(age[x == 0])
        self.x = np.r_[np.zeros(len(once)), x[repeat]]
        self.t_x = np.r_[np.zeros(len(once)), t_x[repeat] / scale]
        self.age = np.r_[once, age[repeat]] / scale
        self.weights = np.r_[once_weights, np.ones(len(repeat))]

    @property
    def rows(self) -> int:
        return len(self.x)

    def coarse(self, rows: int) -> Sample:
        """The same sample with about `rows` of its customers standing for all."""
        step = -(-self.rows // rows)
        part = copy.copy(self)
        part.x, part.t_x, part.age = self.x[::step], self.t_x[::step], self.age[::step]
        part.weights = self.weights[::step] * (self.weights.sum() / self.weights[::step].sum())
        return part

    def per_customer(self, point: Floats) -> Terms:
        """Mean log-likelihood with gradient and Hessian in log(r, alpha, s, beta)."""
        parameters = np.exp(point)
        value, gradient, hessian = self._counted(parameters)
        for start in range(0, self.rows, _CHUNK):
            part = self._left(parameters, slice(start, start + _CHUNK))
            value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
        return in_logarithms(parameters, value, gradient, hessian, self.customers)

    def _counted(self, parameters: Floats) -> Terms:
        """The part of having bought x times and, alive, of silence and survival until the age."""
        r, alpha, s, beta = parameters
        n, w, total = self.counts, self.count_weights, self.customers
        exponents = r * self.age_weights + self.age_purchases
        buying, living = 1.0 / (alpha + self.ages), 1.0 / (beta + self.ages)
        value = w @ (gammaln(r + n) - gammaln(r)) + total * (r * np.log(alpha) + s * np.log(beta))
        value += exponents @ np.log(buying) + s * (self.age_weights @ np.log(living))
        gradient = np.array(
            [
                w @ (psi(r + n) - psi(r)) + total * np.log(alpha) + self.age_weights @ np.log(buying),
                total * r / alpha - exponents @ buying,
                total * np.log(beta) + self.age_weights @ np.log(living),
                total * s / beta - s * (self.age_weights @ living),
            ]
        )
        hessian = np.zeros((4, 4))
        hessian[0, 0] = w @ (trigamma(r + n) - trigamma(r))
        hessian[0, 1] = hessian[1, 0] = total / alpha - self.age_weights @ buying
        hessian[1, 1] = exponents @ buying**2 - total * r / alpha**2
        hessian[2, 3] = hessian[3, 2] = total / beta - self.age_weights @ living
        hessian[3, 3] = s * (self.age_weights @ living**2 - total / beta**2)
        return float(value), gradient, hessian

    def _left(self, parameters: Floats, rows: slice) -> Terms:
        """The part of possibly having left at some moment u between the last purchase and the age.

        Derivatives of the integral's logarithm are moments of its integrand's over the same nodes.
        """
        r, alpha, s, beta = parameters
        weights, age = self.weights[rows], self.age[rows, None]
        shape, m = r + self.x[rows, None], min(alpha, beta)
        since = m + self.t_x[rows, None]
        log_buying, log_living = np.log(alpha + age), np.log(beta + age)

        def log_integrand(y: Floats) -> Floats:
            u = since * np.exp(y) - m
            falls = shape * (log_buying - np.log(alpha + u)) + s * (log_living - np.log(beta + u))
            heights: Floats = falls + np.log((m + u) / (beta + u))
            return heights

        within = reach(log_integrand, np.log((m + age) / since)[:, 0])[:, None]
        y = within * NODES
        heights = log_integrand(y) + LOG_WEIGHTS
        peak = heights.max(axis=1, keepdims=True)
        density = np.exp(heights - peak)
        area = density.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            odds = np.log(s) + np.log(within[:, 0]) + peak[:, 0] + np.log(area[:, 0])
        u = since * np.exp(y) - m
        return _moments(
            parameters, odds, weights, density / area, shape, (alpha + u, alpha + age), (beta + u, beta + age)
        )


def _moments(
    parameters: Floats,
    odds: Floats,
    weights: Floats,
    density: Floats,
    shape: Floats,
    buying: tuple[Floats, Floats],
    living: tuple[Floats, Floats],
) -> Terms:
    """Σ weights·log(1 + e^odds) with derivatives in r, alpha, s, beta. Pairs hold α+u and α+T, β+u and β+T."""
    s = float(parameters[2])
    shrink, fade = 1.0 / buying[1] - 1.0 / buying[0], 1.0 / living[0]
    slopes = (
        np.log(buying[1] / buying[0]),
        shape * shrink,
        1.0 / s + np.log(living[1] / living[0]),
        s / living[1] - (s + 1.0) * fade,
    )
    means = [np.einsum("ij,ij->i", density, slope) for slope in slopes]
    small = np.exp(-np.abs(odds))
    left = np.where(odds > 0, 1.0, small) / (1.0 + small)
    pull = weights * left
    hessian = np.empty((4, 4))
    for i, slope in enumerate(slopes):
        tilted = density * slope
        for j in range(i + 1):
            second = np.einsum("ij,ij->i", tilted, slopes[j]) - left * means[i] * means[j]
            hessian[i, j] = hessian[j, i] = pull @ second
    bends = {
        (0, 1): shrink,
        (1, 1): shape * (1.0 / buying[0] ** 2 - 1.0 / buying[1] ** 2),
        (2, 2): np.full_like(shrink, -1.0 / s**2),
        (2, 3): 1.0 / living[1] - fade,
        (3, 3): (s + 1.0) * fade**2 - s / living[1] ** 2,
    }
    for (i, j), bend in bends.items():
        hessian[i, j] += pull @ np.einsum("ij,ij->i", density, bend)
        hessian[j, i] = hessian[i, j]
    value = float(weights @ (np.maximum(odds, 0.0) + np.log1p(small)))
    return value, np.array([pull @ mean for mean in means]), hessian
