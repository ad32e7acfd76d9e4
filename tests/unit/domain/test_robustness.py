"""No store breaks the engine: 120 made-up ones, each a shape of trade that has broken other fitters."""

from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain import clv
from connector.domain.assessment import assess
from connector.domain.clv import Estimates, predict_with
from connector.domain.models import FITTERS
from connector.domain.outlook import clv_interval, next_order_window, spread, total_interval
from connector.domain.rfm import rfm_cutpoints, score_rfm
from connector.domain.segments import segments
from tests.synthetic_stores import SHAPES, SIZES, Shape, store, stores

NAMED = [pytest.param(shape, customers, id=f"{shape.__name__}-{customers}") for shape, customers in stores()]


def numbers(estimates: Estimates) -> np.ndarray:
    """Every number that is said of a customer, one row each."""
    known = spread(estimates)
    names = "expected_orders expected_value clv p_order_30d p_order_90d p_order_365d".split()
    rows = [getattr(estimates, name) for name in names]
    rows += [*clv_interval(estimates, known), known.nothing]
    rows += [] if estimates.p_alive is None else [estimates.p_alive]
    rows += next_order_window(estimates.fitted, estimates.histories) or ()
    return np.stack(rows)


def assert_sound(estimates: Estimates) -> None:
    """What is said of customers and of their store is finite, not negative, and no chance is more than certain."""
    said = numbers(estimates)
    assert np.isfinite(said).all()
    assert (said >= 0).all()
    chances = np.stack([estimates.p_order_30d, estimates.p_order_90d, estimates.p_order_365d])
    assert (chances <= 1 + 1e-12).all()
    low, total, high = total_interval(estimates, spread(estimates))
    assert 0 <= low <= total <= high


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
    assert_sound(estimates)
    assert np.array_equal(numbers(estimates), numbers(clv.estimate(histories, model="mbg-nbd")))
    scores = score_rfm(histories, rfm_cutpoints(histories))
    assert len(segments(scores.r, scores.f, scores.m)) == len(histories)


@pytest.mark.parametrize(("shape", "customers"), NAMED)
def test_every_store_is_assessed_and_valued_by_what_its_past_prefers(shape: Shape, customers: int) -> None:
    found = assess(*store(shape, customers))
    assert json.dumps(found.report, allow_nan=False)
    assert found.report["trust"]
    assert_sound(predict_with(found.fitted, found.histories))


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.__name__)
def test_every_shape_is_assessed_twice_the_same(shape: Shape) -> None:
    first, second = (assess(*store(shape, 150)) for _ in range(2))
    assert json.dumps(first.report) == json.dumps(second.report)
    one, other = (predict_with(each.fitted, each.histories) for each in (first, second))
    assert np.array_equal(numbers(one), numbers(other))


@pytest.mark.parametrize(("shape", "customers"), NAMED)
def test_the_pareto_nbd_says_sound_things_of_every_store(shape: Shape, customers: int) -> None:
    orders, as_of_day = store(shape, customers)
    assert_sound(clv.estimate(orders.histories(as_of_day), model="pareto-nbd"))
