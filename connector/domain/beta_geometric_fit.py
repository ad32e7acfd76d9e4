"""Fit of the BG/NBD and MBG/NBD models by Newton steps on exact derivatives."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from connector.domain.beta_geometric import BetaGeometric
from connector.domain.beta_geometric_sample import Sample
from connector.domain.newton import Prior, maximise, standard_errors
from connector.domain.purchase_model import ModelFit, PurchaseModel, columns, logarithms

_BOX = np.full(4, 12.0)  # log-parameters, with the mean age as unit of time, are searched in ±12
_STARTS = (np.array([-1.2, -1.7, -0.2, 0.8]), np.zeros(4))
_PRIOR = Prior(mean=np.array([-0.5, -1.0, 0.0, 0.5]), deviation=np.full(4, 2.5))
_COARSE_ROWS = (2_000, 30_000)


def fit(
    model: type[BetaGeometric],
    x: npt.ArrayLike,
    t_x: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    unit: str = "day",
    priors: bool = False,
    near: PurchaseModel | None = None,
) -> ModelFit:
    """Parameters of `model` from one row per customer. Deterministic.

    Maximum likelihood, or with `priors` the mode under weak log-normal priors in units of the store's mean age.
    `near` is one fitted to much the same histories, in the same unit: it only saves the search some way.
    Raises ValueError where columns differ in length, are empty, or break 0 <= t_x <= age or (x = 0) = (t_x = 0).
    """
    count, last, end = columns(x, t_x, age)
    scale = float(np.mean(end)) or 1.0
    sample = Sample(count, last, end, scale, model.first_chance)
    start = _STARTS[0] if near is None else logarithms(near, np.array([1.0, scale, 1.0, 1.0]))
    for rows in _COARSE_ROWS:
        if near is None and sample.rows > 2 * rows:
            # A stratified part of those who may have left, with the exact sums of all: near enough to start from.
            start = maximise(sample.coarse(rows).per_customer, start, -_BOX, _BOX, precision=1e-2).point
    objective = _PRIOR.added_to(sample.per_customer, sample.customers) if priors else sample.per_customer
    best = maximise(objective, start, -_BOX, _BOX)
    if not best.converged or best.edges.any():
        best = max(best, maximise(objective, _STARTS[1], -_BOX, _BOX), key=lambda found: found.value)
    r, alpha, a, b = np.exp(best.point).tolist()
    prior = _PRIOR.at(best.point) if priors else 0.0
    return ModelFit.of(
        model(r, alpha * scale, a, b, unit),
        log_likelihood=best.value * sample.customers - prior - float(np.sum(count)) * np.log(scale),
        customers=len(count),
        log_errors=standard_errors(best, sample.customers),
        edges=best.edges,
        converged=best.converged,
    )
