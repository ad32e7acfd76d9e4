"""Fit of the Pareto/NBD model by Newton steps on exact derivatives: finite, deterministic, for any x."""

from __future__ import annotations

import copy

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from connector.domain.arrays import Floats, Numbers
from connector.domain.histogram import histogram
from connector.domain.newton import Maximum, Objective, Prior, Terms, maximise, standard_errors
from connector.domain.pareto_nbd import ParetoNbd
from connector.domain.purchase_model import ModelFit, PurchaseModel, columns, in_logarithms, logarithms
from connector.domain.quadrature import LOG_WEIGHTS, NODES, reach
from connector.domain.special import trigamma

_BOX = np.full(4, 12.0)  # log-parameters, with the mean age as unit of time, are searched in ±12
_STARTS = (np.array([-0.5, -1.5, -0.5, -0.5]), np.zeros(4))
_PRIOR = Prior(mean=np.array([-0.5, -1.0, -0.5, -1.0]), deviation=np.full(4, 2.5))
_COARSE_ROWS = (1_000, 10_000, 60_000)
_CHUNK = 256


def fit(
    x: npt.ArrayLike,
    t_x: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    unit: str = "day",
    priors: bool = False,
    near: PurchaseModel | None = None,
) -> ModelFit:
    """Pareto/NBD parameters from one row per customer. Deterministic.

    Maximum likelihood, or with `priors` the mode under weak log-normal priors in units of the store's mean age.
    `near` is one fitted to much the same histories, in the same unit: it only saves the search some way.
    Raises ValueError where columns differ in length, are empty, or break 0 <= t_x <= age or (x = 0) = (t_x = 0).
    """
    count, last, end = columns(x, t_x, age)
    scale = float(np.mean(end)) or 1.0
    sample = Sample(count, last, end, scale)
    best = _maximum(sample, priors, None if near is None else logarithms(near, np.array([1.0, scale, 1.0, scale])))
    r, alpha, s, beta = np.exp(best.point).tolist()
    prior = _PRIOR.at(best.point) if priors else 0.0
    return ModelFit.of(
        ParetoNbd(r, alpha * scale, s, beta * scale, unit),
        log_likelihood=best.value * sample.customers - prior - float(np.sum(count)) * np.log(scale),
        customers=len(count),
        log_errors=standard_errors(best, sample.customers),
        edges=best.edges,
        converged=best.converged,
    )


def _maximum(sample: Sample, priors: bool, near: Floats | None) -> Maximum:
    def objective_of(part: Sample) -> Objective:
        return _PRIOR.added_to(part.per_customer, part.customers) if priors else part.per_customer

    start = _STARTS[0] if near is None else near
    for rows in _COARSE_ROWS:
        if near is None and sample.repeaters > 2 * rows:
            # One-time buyers, a part of the repeaters and the exact sums of all: near enough to start from.
            start = maximise(objective_of(sample.coarse(rows)), start, -_BOX, _BOX, precision=1e-2).point
    objective = objective_of(sample)
    best = maximise(objective, start, -_BOX, _BOX)
    if not best.converged or best.edges.any():
        best = max(best, maximise(objective, _STARTS[1], -_BOX, _BOX), key=lambda found: found.value)
    return best


class Sample:
    """What the likelihood needs of the histories that no parameter changes. Times are divided by `scale`."""

    def __init__(self, x: Numbers, t_x: Numbers, age: Numbers, scale: float) -> None:
        self.customers = float(len(x))
        self.counts, self.count_weights, _ = histogram(x)
        ages, self.age_weights, self.age_purchases = histogram(age, x)
        self.ages = ages / scale
        once, once_weights, _ = histogram(age[x == 0])
        repeated, seen = _alike(x[x > 0], t_x[x > 0], age[x > 0])
        self.x = np.r_[np.zeros(len(once)), repeated[0]]
        self.t_x = np.r_[np.zeros(len(once)), repeated[1] / scale]
        self.age = np.r_[once, repeated[2]] / scale
        self.weights = np.r_[once_weights, seen]
        self.repeaters = len(seen)

    @property
    def rows(self) -> int:
        return len(self.x)

    def coarse(self, repeaters: int) -> Sample:
        """The same sample with about so many of its repeaters standing for all of them."""
        once, step = self.rows - self.repeaters, -(-self.repeaters // repeaters)
        kept = np.r_[np.arange(once), np.arange(once, self.rows, step)]
        part = copy.copy(self)
        part.x, part.t_x, part.age, part.weights = (
            column[kept] for column in (self.x, self.t_x, self.age, self.weights)
        )
        part.repeaters = len(kept) - once
        part.weights[once:] *= self.weights[once:].sum() / max(part.weights[once:].sum(), 1.0)
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
        u = since * np.exp(within * NODES) - m
        buying, living = alpha + u, beta + u
        fallen = log_buying - np.log(buying), log_living - np.log(living)
        heights = shape * fallen[0] + s * fallen[1] + LOG_WEIGHTS
        if alpha < beta:
            heights += (log_buying - fallen[0]) - (log_living - fallen[1])
        peak = heights.max(axis=1, keepdims=True)
        density = np.exp(heights - peak)
        area = density.sum(axis=1, keepdims=True)
        with np.errstate(divide="ignore"):
            odds = np.log(s) + np.log(within[:, 0]) + peak[:, 0] + np.log(area[:, 0])
        density /= area
        return _moments(s, odds, weights, density, shape, fallen, (buying, alpha + age), (living, beta + age))


def _alike(x: Numbers, t_x: Numbers, age: Numbers) -> tuple[tuple[Numbers, Numbers, Numbers], Floats]:
    """Histories and how many customers have each; where they are not whole days, one row per customer."""
    width = int(age.max(initial=0)) + 1
    if any(column.dtype.kind != "i" for column in (x, t_x, age)) or int(x.max(initial=0)) >= 2**62 // width**2:
        return (x, t_x, age), np.ones(len(x))
    keys, seen = np.unique((x * width + t_x) * width + age, return_counts=True)
    rest, ages = np.divmod(keys, width)
    counts, last = np.divmod(rest, width)
    return (counts, last, ages), seen.astype(np.float64)


def _moments(
    s: float,
    odds: Floats,
    weights: Floats,
    density: Floats,
    shape: Floats,
    fallen: tuple[Floats, Floats],
    buying: tuple[Floats, Floats],
    living: tuple[Floats, Floats],
) -> Terms:
    """Σ weights·log(1 + e^odds) with derivatives in r, alpha, s, beta.

    Pairs hold α+u and α+T, β+u and β+T; `fallen` the logarithms of the second over the first.
    """
    now, then = 1.0 / buying[0], 1.0 / buying[1]
    fade, faded = 1.0 / living[0], 1.0 / living[1]
    slopes = np.empty((4, *density.shape))
    slopes[0] = fallen[0]
    np.multiply(shape, then - now, out=slopes[1])
    np.add(fallen[1], 1.0 / s, out=slopes[2])
    np.subtract(s * faded, (s + 1.0) * fade, out=slopes[3])
    means = np.einsum("ij,nij->ni", density, slopes)
    small = np.exp(-np.abs(odds))
    left = np.where(odds > 0, 1.0, small) / (1.0 + small)
    pull = weights * left
    pulled = density * pull[:, None]
    flat, flat_pulled = slopes.reshape(4, -1), pulled.ravel()
    hessian = (flat * flat_pulled) @ flat.T - (means * (pull * left)) @ means.T
    bends = {
        (0, 1): then - now,
        (1, 1): shape * (now**2 - then**2),
        (2, 3): faded - fade,
        (3, 3): (s + 1.0) * fade**2 - s * faded**2,
    }
    for (i, j), bend in bends.items():
        hessian[i, j] += flat_pulled @ bend.ravel()
        hessian[j, i] = hessian[i, j]
    hessian[2, 2] -= pull.sum() / s**2
    value = float(weights @ (np.maximum(odds, 0.0) + np.log1p(small)))
    return value, means @ pull, hessian
