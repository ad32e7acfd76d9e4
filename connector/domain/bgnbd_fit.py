"""Maximum-likelihood fit of the BG/NBD model."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.special import expit, gammaln, polygamma, psi

from connector.domain.bgnbd import BgNbd
from connector.domain.newton import Prior, maximise

Floats = npt.NDArray[np.float64]

_BOX = 12.0  # log-parameters, with the mean age as unit of time, are searched in ±12
_PRIOR = Prior(mean=np.array([-0.5, -1.0, 0.0, 0.5]), deviation=np.full(4, 2.5))


@dataclass(frozen=True, slots=True)
class BgNbdFit:
    """Parameters that maximise the likelihood. `at_boundary` names those the search could not bound from inside."""

    parameters: BgNbd
    log_likelihood: float
    customers: int
    at_boundary: tuple[str, ...]
    converged: bool


def fit(
    x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, *, unit: str = "day", priors: bool = False
) -> BgNbdFit:
    """Parameters from one row per customer. Deterministic.

    Maximum likelihood, or with `priors` the mode under weak log-normal priors in units of the store's mean age.
    Raises ValueError where columns differ in length, are empty, or break 0 <= t_x <= age or (x = 0) = (t_x = 0).
    """
    rows, weights = _distinct(x, t_x, age)
    scale = float(np.average(rows[2], weights=weights)) or 1.0
    sample = _Sample(rows[0], rows[1] / scale, rows[2] / scale, weights)
    objective = _PRIOR.added_to(sample.per_customer, sample.customers) if priors else sample.per_customer
    box = np.full(4, _BOX)
    best = maximise(objective, np.array([-0.5, -1.5, 0.0, 1.0]), -box, box)
    if not best.converged or best.edges.any():
        best = max(best, maximise(objective, np.zeros(4), -box, box), key=lambda found: found.value)
    r, alpha, a, b = np.exp(best.point)
    found_parameters = BgNbd(float(r), float(alpha * scale), float(a), float(b), unit)
    edges = tuple(name for name, edge in zip(("r", "alpha", "a", "b"), best.edges, strict=True) if edge)
    likelihood = sample.per_customer(best.point)[0] * sample.customers - float(weights @ rows[0]) * float(
        np.log(scale)
    )
    return BgNbdFit(found_parameters, likelihood, int(sample.customers), edges, best.converged)


def log_likelihood(parameters: BgNbd, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> float:
    """Log-likelihood of the customers' histories, summed (their equation 6)."""
    rows, weights = _distinct(x, t_x, age)
    sample = _Sample(rows[0], rows[1], rows[2], weights)
    point = np.log([parameters.r, parameters.alpha, parameters.a, parameters.b])
    return sample.per_customer(point)[0] * sample.customers


def _distinct(x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Checked (x, t_x, age) as three rows without repetition, and how many customers have each."""
    columns = [np.asarray(column, dtype=np.float64) for column in (x, t_x, age)]
    if len({column.shape for column in columns}) != 1 or columns[0].ndim != 1 or not columns[0].size:
        raise ValueError("x, t_x and age must be columns of one length, with at least one customer")
    count, last, end = columns
    if not (np.isfinite(count) & (count >= 0) & (last >= 0) & (last <= end) & np.isfinite(end)).all():
        raise ValueError("every customer needs x >= 0 and 0 <= t_x <= age, all finite")
    if not ((count == 0) == (last == 0)).all():
        raise ValueError("t_x must be 0 for one-time buyers and positive for the others")
    order = np.lexsort((end, last, count))
    rows = np.stack(columns)[:, order]
    first = np.r_[True, np.any(rows[:, 1:] != rows[:, :-1], axis=0)]
    starts = np.flatnonzero(first)
    return rows[:, starts], np.diff(np.r_[starts, rows.shape[1]]).astype(np.float64)


class _Sample:
    """Distinct histories, and what the likelihood needs of them that no parameter changes."""

    def __init__(self, x: Floats, t_x: Floats, age: Floats, weights: Floats) -> None:
        self.x, self.age, self.weights = x, age, weights
        self.customers = float(weights.sum())
        self.counts, owner = np.unique(x, return_inverse=True)
        self.count_weights = np.bincount(owner, weights=weights)
        repeat = x > 0
        self.x_repeat, self.t_x, self.age_repeat = x[repeat], t_x[repeat], age[repeat]
        self.weights_repeat = weights[repeat]

    def per_customer(self, point: Floats) -> tuple[float, Floats, Floats]:
        """Mean log-likelihood with gradient and Hessian in log(r, alpha, a, b)."""
        parameters = np.exp(point)
        value, gradient, hessian = self._counted(parameters)
        for part in (self._silent(parameters), self._left(parameters)):
            value, gradient, hessian = value + part[0], gradient + part[1], hessian + part[2]
        in_logs = parameters * gradient
        curvature = np.outer(parameters, parameters) * hessian + np.diag(in_logs)
        return value / self.customers, in_logs / self.customers, curvature / self.customers

    def _counted(self, parameters: Floats) -> tuple[float, Floats, Floats]:
        """The part that depends on x alone: gamma functions once per distinct count."""
        r, alpha, a, b = parameters
        n, w = self.counts, self.count_weights
        value = w @ (_log_rising(r, n) + _log_rising(b, n) - _log_rising(a + b, n)) + w.sum() * r * np.log(alpha)
        grown = [w @ (psi(base + n) - psi(base)) for base in (r, b, a + b)]
        bent = [w @ (polygamma(1, base + n) - polygamma(1, base)) for base in (r, b, a + b)]
        total = w.sum()
        gradient = np.array([grown[0] + total * np.log(alpha), total * r / alpha, -grown[2], grown[1] - grown[2]])
        hessian = np.zeros((4, 4))
        hessian[0, 0] = bent[0]
        hessian[0, 1] = hessian[1, 0] = total / alpha
        hessian[1, 1] = -total * r / alpha**2
        hessian[2:, 2:] = -bent[2]
        hessian[3, 3] += bent[1]
        return float(value), gradient, hessian

    def _silent(self, parameters: Floats) -> tuple[float, Floats, Floats]:
        """The part of having bought no more than x times until the age: (alpha + T)^-(r + x)."""
        r, alpha = parameters[:2]
        w, exponent, reach = self.weights, r + self.x, alpha + self.age
        log_reach = np.log(reach)
        gradient = np.array([-(w @ log_reach), -(w @ (exponent / reach)), 0.0, 0.0])
        hessian = np.zeros((4, 4))
        hessian[0, 1] = hessian[1, 0] = -(w @ (1.0 / reach))
        hessian[1, 1] = w @ (exponent / reach**2)
        return -float(w @ (exponent * log_reach)), gradient, hessian

    def _left(self, parameters: Floats) -> tuple[float, Floats, Floats]:
        """The part of possibly having left after the last purchase, for repeat buyers."""
        r, alpha, a, b = parameters
        w, exponent, rest = self.weights_repeat, r + self.x_repeat, b + self.x_repeat - 1.0
        reach, seen = alpha + self.age_repeat, alpha + self.t_x
        silence, shrink = np.log(reach / seen), 1.0 / reach - 1.0 / seen
        odds = np.log(a / rest) + exponent * silence
        gone = expit(odds)
        slopes = np.stack([silence, exponent * shrink, np.full_like(rest, 1.0 / a), -1.0 / rest])
        hessian = (slopes * (w * gone * (1.0 - gone))) @ slopes.T
        pull = w * gone
        hessian[0, 1] += pull @ shrink
        hessian[1, 0] += pull @ shrink
        hessian[1, 1] += pull @ (exponent * (1.0 / seen**2 - 1.0 / reach**2))
        hessian[2, 2] -= pull.sum() / a**2
        hessian[3, 3] += pull @ (1.0 / rest**2)
        return float(w @ np.logaddexp(0.0, odds)), slopes @ pull, hessian


def _log_rising(base: float, n: Floats) -> Floats:
    """Logarithm of base·(base + 1)···(base + n − 1)."""
    rising: Floats = gammaln(base + n) - gammaln(base)
    return rising
