"""No store breaks the engine: 120 made-up ones, each a shape of trade that has broken other fitters."""

from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain import clv
from connector.domain.assessment import assess
from connector.domain.clv import Estimates, predict_with
from connector.domain.history import Histories
from connector.domain.models import FITTERS
from connector.domain.outlook import clv_interval, next_order_window, spread, total_interval
from connector.domain.rfm import rfm_cutpoints, score_rfm
from connector.domain.segments import segments
from connector.domain.terms import ValueTerms
from tests.synthetic_stores import SHAPES, SIZES, Shape, store, stores

NAMED = [pytest.param(shape, customers, id=f"{shape.__name__}-{customers}") for shape, customers in stores()]
ASSESSED = [case for case in NAMED if case.values[1] < max(SIZES)]


def numbers(estimates: Estimates, histories: Histories) -> np.ndarray:
    """Every number that is said of a customer, one row each."""
    known = spread(estimates)
    names = "expected_orders expected_value clv p_order_30d p_order_90d p_order_365d".split()
    rows = [getattr(estimates, name) for name in names]
    rows += [*clv_interval(estimates, known), known.nothing]
    rows += [] if estimates.p_alive is None else [estimates.p_alive]
    rows += next_order_window(estimates.fitted, histories) or ()
    return np.stack(rows)


def probabilities(estimates: Estimates) -> np.ndarray:
    return np.stack([estimates.p_order_30d, estimates.p_order_90d, estimates.p_order_365d])


def test_the_sweep_has_at_least_120_stores_from_25_to_5000_customers() -> None:
    assert len(NAMED) == len(SHAPES) * len(SIZES) >= 120
    assert (min(SIZES), max(SIZES)) == (25, 5_000)


@pytest.mark.parametrize(("shape", "customers"), NAMED)
def test_every_store_is_valued_in_finite_numbers_that_are_not_negative(shape: Shape, customers: int) -> None:
    orders, as_of_day = store(shape, customers)
    histories = orders.histories(as_of_day)
    for model in FITTERS:
        fitted = FITTERS[model](histories.x, histories.t_x, histories.T, priors=True)
        assert fitted.converged
        assert fitted.at_boundary == ()
        assert len(fitted.standard_errors) == 4
    estimates = clv.estimate(histories, model="mbg-nbd")
    assert "could be fitted" not in estimates.reason
    said = numbers(estimates, histories)
    assert np.array_equal(said, numbers(clv.estimate(histories, model="mbg-nbd"), histories))
    assert np.isfinite(said).all()
    assert (said >= 0).all()
    assert (probabilities(estimates) <= 1 + 1e-12).all()
    low, total, high = total_interval(estimates, spread(estimates))
    assert 0 <= low <= total <= high
    scores = score_rfm(histories, rfm_cutpoints(histories))
    assert len(segments(scores.r, scores.f, scores.m)) == len(histories)


@pytest.mark.parametrize(("shape", "customers"), ASSESSED)
def test_every_store_is_assessed_and_twice_the_same(shape: Shape, customers: int) -> None:
    orders, as_of_day = store(shape, customers)
    first, second = assess(orders, as_of_day), assess(orders, as_of_day)
    assert json.dumps(first.report, allow_nan=False) == json.dumps(second.report, allow_nan=False)
    one, other = (predict_with(each.fitted, each.histories) for each in (first, second))
    assert np.array_equal(numbers(one, first.histories), numbers(other, second.histories))
    assert np.isfinite(numbers(one, first.histories)).all()


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_the_pareto_nbd_says_finite_things_of_every_shape(shape: Shape) -> None:
    orders, as_of_day = store(shape, 400)
    histories = orders.histories(as_of_day)
    estimates = clv.estimate(histories, ValueTerms(), model="pareto-nbd")
    assert np.isfinite(numbers(estimates, histories)).all()
    assert (numbers(estimates, histories) >= 0).all()
