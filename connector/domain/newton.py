"""Maximum of a smooth function of a few variables by trust-region Newton steps on exact derivatives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Floats

Vector = Floats
Matrix = Floats
Terms = tuple[float, Vector, Matrix]
Objective = Callable[[Vector], Terms]

_ENOUGH = 0.1
_GOOD = 0.75
_FLAT = 1e-9
_NEARLY_FLAT = 1e-4  # where parameters run away, sums of large terms round off what such a slope could still gain
_CLOSE = 1e-3
_SMALLEST_RADIUS = 1e-6
_LARGEST_RADIUS = 8.0
_ROUNDING = 1e-15  # of a value: below it rounding decides, not the function


@dataclass(frozen=True, slots=True, eq=False)
class Maximum:
    """Where the search ended. `edges` marks the variables that rest on a bound of the box."""

    point: Vector
    value: float
    gradient: Vector
    hessian: Matrix
    edges: npt.NDArray[np.bool_]
    steps: int
    converged: bool


@dataclass(frozen=True, slots=True, eq=False)
class Prior:
    """Independent normal priors on the variables of an objective."""

    mean: Vector
    deviation: Vector

    def at(self, point: Vector) -> float:
        """The log-density (its constant left out)."""
        return -0.5 * float(np.sum(((point - self.mean) / self.deviation) ** 2))

    def added_to(self, per_customer: Objective, customers: float) -> Objective:
        """The objective plus the log-density of the prior (its constant left out), per customer."""
        precision = 1.0 / (self.deviation**2 * customers)

        def objective(point: Vector) -> Terms:
            value, gradient, hessian = per_customer(point)
            away = point - self.mean
            return (
                value - 0.5 * float(precision @ away**2),
                gradient - precision * away,
                hessian - np.diag(precision),
            )

        return objective


def maximise(
    objective: Objective,
    start: Vector,
    lower: Vector,
    upper: Vector,
    *,
    precision: float = 1e-4,
    most_steps: int = 200,
) -> Maximum:
    """Climb from `start` inside the box until the next Newton step is below `precision` in every free variable.

    That last step is still made, so the point is exact to about the square of `precision`; a step that is short only
    because longer ones did not improve is no such step. On a flat ridge, where steps stay long, a gradient below 1e-9
    ends the search: scale `objective` so that this means something. Steps that do not improve are taken back. The
    same start gives the same answer. `converged` is False where `most_steps` ran out, or where no step improved
    though the gradient was above 1e-4.
    """
    point = np.clip(start, lower, upper)
    value, gradient, hessian = objective(point)
    radius = 1.0
    for step_number in range(most_steps):
        edges = _edges(point, gradient, lower, upper)
        step, whole = _step(gradient, hessian, ~edges, radius)
        steepest = float(np.abs(gradient[~edges]).max(initial=0.0))
        moved = np.clip(point + step, lower, upper) - point
        if whole and np.abs(step).max() <= precision:
            value += float(gradient @ moved + 0.5 * moved @ hessian @ moved)
            return Maximum(point + moved, value, gradient, hessian, edges, step_number, True)
        if steepest <= _FLAT:
            return Maximum(point, value, gradient, hessian, edges, step_number, True)
        promised = float(gradient @ moved + 0.5 * moved @ hessian @ moved)
        new_value, new_gradient, new_hessian = objective(point + moved)
        gained = new_value - value if np.isfinite(new_value) else -np.inf
        radius = _radius(radius, _length(moved), gained, promised)
        lost = abs(promised) <= _ROUNDING * max(1.0, abs(value)) and gained < _ENOUGH * promised
        if lost or radius < _SMALLEST_RADIUS:
            return Maximum(point, value, gradient, hessian, edges, step_number, steepest <= _NEARLY_FLAT)
        if gained > 0:
            point, value, gradient, hessian = point + moved, new_value, new_gradient, new_hessian
    return Maximum(point, value, gradient, hessian, _edges(point, gradient, lower, upper), most_steps, False)


def _radius(radius: float, length: float, gained: float, promised: float) -> float:
    """How far the quadratic model is trusted next, by what the last step of `length` gained of what it promised."""
    if gained < _ENOUGH * promised:
        return 0.25 * min(radius, length or radius)
    if gained > _GOOD * promised and length > 0.8 * radius:
        return min(2.0 * radius, _LARGEST_RADIUS)
    return radius


def _edges(point: Vector, gradient: Vector, lower: Vector, upper: Vector) -> npt.NDArray[np.bool_]:
    """Variables that rest on a bound and would climb beyond it."""
    return ((point <= lower) & (gradient < 0)) | ((point >= upper) & (gradient > 0))


def _step(gradient: Vector, hessian: Matrix, free: npt.NDArray[np.bool_], radius: float) -> tuple[Vector, bool]:
    """The best step of the quadratic model within `radius`, in the free variables only; if it is the best of all."""
    step, whole = np.zeros_like(gradient), True
    if free.any():
        curvature, axes = np.linalg.eigh(-hessian[np.ix_(free, free)])
        slope = axes.T @ gradient[free]
        shift, whole = _shift(slope, curvature, radius)
        step[free] = axes @ (slope / (curvature + shift))
    return step, whole


def _shift(slope: Vector, curvature: Vector, radius: float) -> tuple[float, bool]:
    """What to add to every curvature so that the step is uphill and about `radius` at most; if uphill was enough.

    By Newton steps on the inverse of the length, which is almost a line: Moré and Sorensen (1983), "Computing a Trust
    Region Step". They never pass what is sought.
    """
    scale = max(float(np.abs(curvature).max()), 1e-60)
    shift = least = max(0.0, 1e-12 * scale - float(curvature[0]))
    step = slope / (curvature + shift)
    while (length := _length(step)) > (1.0 + _CLOSE) * radius:
        shift += length**2 / float(step @ (step / (curvature + shift))) * (length / radius - 1.0)
        step = slope / (curvature + shift)
    return shift, shift == least


def _length(step: Vector) -> float:
    return math.sqrt(float(step @ step))


def standard_errors(maximum: Maximum, customers: float) -> Vector:
    """Standard errors of the variables from the curvature of a per-customer objective; NaN where there is none."""
    errors = np.full(len(maximum.point), np.nan)
    free = ~maximum.edges
    curvature, axes = np.linalg.eigh(-maximum.hessian[np.ix_(free, free)] * customers)
    if curvature.size and curvature[0] > 0:
        errors[free] = np.sqrt((axes**2 / curvature).sum(axis=1))
    return errors
