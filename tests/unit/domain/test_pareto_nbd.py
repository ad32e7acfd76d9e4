from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.models import model_from_json
from connector.domain.pareto_nbd import ParetoNbd
from connector.domain.pareto_nbd_fit import Sample, fit
from tests import cdnow

PUBLISHED = ParetoNbd(0.55337, 10.5795, 0.60591, 11.6581, "week")
FOR_RESIDUALS = ParetoNbd(0.5629966, 12.5590370, 0.4081095, 10.5148048, "week")


def weekly() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    history = cdnow.calibration()
    return history.x, history.t_x / 7, history.T / 7


def test_the_likelihood_at_the_published_parameters_is_the_published_one() -> None:
    assert PUBLISHED.log_likelihood(*weekly()) == pytest.approx(-9594.9762, abs=1e-4)


def test_the_fit_is_as_likely_as_the_published_one_or_more() -> None:
    found = fit(*weekly(), unit="week")
    assert found.log_likelihood == pytest.approx(-9594.9762, abs=1e-4)
    assert found.log_likelihood >= PUBLISHED.log_likelihood(*weekly())
    assert found.log_likelihood == pytest.approx(found.model.log_likelihood(*weekly()), abs=1e-8)
    # Where exactly the maximum is, and the published point is not, test_pareto_nbd_maximum.py shows.
    assert found.model.parameters == pytest.approx(PUBLISHED.parameters, rel=1e-3)
    assert found.converged


def test_the_fit_is_where_the_gradient_vanishes() -> None:
    x, t_x, age = (column.astype(np.float64) for column in weekly())
    found = fit(x, t_x, age, unit="week")
    _, gradient, hessian = Sample(x, t_x, age, 1.0).per_customer(np.log(list(found.model.parameters.values())))
    assert np.abs(gradient).max() < 1e-8
    assert (np.linalg.eigvalsh(hessian) < 0).all()


def test_the_derivatives_are_those_of_the_likelihood() -> None:
    x, t_x, age = (column.astype(np.float64) for column in weekly())
    sample, point, step = Sample(x, t_x, age, 30.0), np.array([-0.4, -0.9, -0.3, -1.2]), 1e-5
    _, gradient, hessian = sample.per_customer(point)
    sides = [(sample.per_customer(point + e), sample.per_customer(point - e)) for e in step * np.eye(4)]
    assert gradient == pytest.approx([(up[0] - down[0]) / (2 * step) for up, down in sides], abs=1e-9)
    assert hessian == pytest.approx(np.array([(up[1] - down[1]) / (2 * step) for up, down in sides]), abs=1e-8)


def test_weak_priors_move_the_parameters_of_a_real_store_by_less_than_one_percent() -> None:
    likely, moved = fit(*weekly()).model, fit(*weekly(), priors=True).model
    assert moved.parameters == pytest.approx(likely.parameters, rel=0.01)


def test_discounted_residual_orders_match_the_published_example() -> None:
    orders = FOR_RESIDUALS.discounted_residual_orders(0.0027, 7, 35, 77.86)
    assert orders == pytest.approx(1.86418333, abs=1e-6)


def test_discounting_at_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="positive rate"):
        FOR_RESIDUALS.discounted_residual_orders(0.0, 7, 35, 77.86)


def test_cumulative_repeat_orders_of_the_cohort_match_the_published_ones() -> None:
    weeks = (cdnow.calibration().T + 1) / 7  # the cohort is counted to the end of its last day
    assert PUBLISHED.expected_orders_new(weeks).sum() == pytest.approx(2532.7, abs=0.1)
    assert PUBLISHED.expected_orders_new(weeks + 39).sum() == pytest.approx(4275.5, abs=0.1)


def test_the_best_customers_are_finite_where_others_give_up() -> None:
    x = np.array([127, 500, 5000, 5000, 5000])
    t_x = np.array([38, 38.9, 39, 1, 38.99])
    age = np.full(5, 39.0)
    for parameters in ((0.55, 10.6, 0.61, 11.7), (0.1, 0.001, 3.0, 50.0), (3.0, 50.0, 0.1, 0.001)):
        model = ParetoNbd(*parameters)
        for numbers in (
            model.p_alive(x, t_x, age),
            model.expected_orders(52, x, t_x, age),
            model.p_order_within(52, x, t_x, age),
        ):
            assert np.isfinite(numbers).all()
            assert (numbers >= 0).all()
        assert np.isfinite(model.log_density(x, t_x, age)).all()
    found = fit(np.r_[weekly()[0], x], np.r_[weekly()[1], t_x], np.r_[weekly()[2], age])
    assert found.converged
    assert found == fit(np.r_[weekly()[0], x], np.r_[weekly()[1], t_x], np.r_[weekly()[2], age])


def test_a_newcomer_is_expected_to_order_what_a_simulation_of_the_story_counts() -> None:
    model = ParetoNbd(0.9, 12.0, 0.8, 10.0, "week")
    random = np.random.default_rng(7)
    count = 200_000
    rate, leaving = random.gamma(model.r, 1 / model.alpha, count), random.gamma(model.s, 1 / model.beta, count)
    bought = random.poisson(rate * np.minimum(random.exponential(1 / leaving), 30))
    assert model.expected_orders_new(30) == pytest.approx(bought.mean(), rel=0.01)
    assert model.p_order_within(30, 0, 0, 0) == pytest.approx((bought > 0).mean(), rel=0.01)


def test_a_customer_who_bought_this_moment_is_alive() -> None:
    assert PUBLISHED.p_alive(3, 20, 20) == 1.0


def test_parameters_survive_json() -> None:
    assert model_from_json(json.loads(json.dumps(PUBLISHED.to_json()))) == PUBLISHED
