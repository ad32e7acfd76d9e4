"""The NBD model: Ehrenberg (1959), The Pattern of Consumer Purchases. Customers differ in rate and never leave."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
from scipy.special import gammaln, psi

from connector.domain.arrays import Floats
from connector.domain.histogram import histogram
from connector.domain.newton import Terms, maximise, standard_errors
from connector.domain.purchase_model import ModelFit, PurchaseModel, columns, in_logarithms
from connector.domain.special import trigamma

_BOX = np.full(2, 12.0)


@dataclass(frozen=True, slots=True)
class Nbd(PurchaseModel):
    """NBD parameters of a store."""

    name: ClassVar[str] = "nbd"
    parameter_names: ClassVar[tuple[str, ...]] = ("r", "alpha")

    r: float
    alpha: float
    unit: str = "day"

    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        return np.ones(np.broadcast_shapes(np.shape(x), np.shape(t_x), np.shape(age)))

    @property
    def age_scale(self) -> float:
        return self.alpha

    def orders_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        ahead, count, end = (np.asarray(column, dtype=np.float64) for column in (horizon, x, age))
        return (self.r + count) * ahead / (self.alpha + end)

    def order_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        ahead, count, end = (np.asarray(column, dtype=np.float64) for column in (horizon, x, age))
        probability: Floats = -np.expm1(-(self.r + count) * np.log1p(ahead / (self.alpha + end)))
        return probability

    def log_density(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        count, end = np.asarray(x, dtype=np.float64), np.asarray(age, dtype=np.float64)
        bought = gammaln(self.r + count) - gammaln(self.r) + self.r * np.log(self.alpha)
        density: Floats = bought - (self.r + count) * np.log(self.alpha + end)
        return density


def fit(x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, *, unit: str = "day") -> ModelFit:
    """NBD fitted by maximum likelihood to one row per customer. Deterministic; ValueError as the other models."""
    count, _, end = columns(x, t_x, age)
    scale = float(np.mean(end)) or 1.0
    counts, weights, _ = histogram(count)
    ages, seen, bought = histogram(end, count)
    ages, customers = ages / scale, float(len(count))

    def per_customer(point: Floats) -> Terms:
        r, alpha = parameters = np.exp(point)
        exponents, reach = r * seen + bought, alpha + ages
        value = weights @ (gammaln(r + counts) - gammaln(r)) + customers * r * np.log(alpha)
        slope = weights @ (psi(r + counts) - psi(r)) + customers * np.log(alpha) - seen @ np.log(reach)
        gradient = np.array([slope, customers * r / alpha - exponents @ (1.0 / reach)])
        bend = weights @ (trigamma(r + counts) - trigamma(r))
        cross = customers / alpha - seen @ (1.0 / reach)
        last = exponents @ reach**-2.0 - customers * r / alpha**2
        hessian = np.array([[bend, cross], [cross, last]])
        return in_logarithms(parameters, float(value - exponents @ np.log(reach)), gradient, hessian, customers)

    best = maximise(per_customer, np.array([-0.5, -0.5]), -_BOX, _BOX)
    r, alpha = np.exp(best.point).tolist()
    return ModelFit.of(
        Nbd(r, alpha * scale, unit),
        log_likelihood=best.value * customers - float(np.sum(count)) * np.log(scale),
        customers=len(count),
        log_errors=standard_errors(best, customers),
        edges=best.edges,
        converged=best.converged,
    )
