from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.bgnbd import BgNbd, fit
from connector.domain.models import model_from_json
from tests import cdnow

PUBLISHED = BgNbd(0.243, 4.414, 0.793, 2.426, unit="week")


def weekly() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    history = cdnow.calibration()
    return history.x, history.t_x / 7, history.T / 7


def test_the_fit_reproduces_the_published_parameters_and_likelihood() -> None:
    found = fit(*weekly(), unit="week")
    assert found.model.r == pytest.approx(0.24259, rel=1e-4)
    assert found.model.alpha == pytest.approx(4.41360, rel=1e-4)
    assert found.model.a == pytest.approx(0.79292, rel=1e-4)
    assert found.model.b == pytest.approx(2.42591, rel=1e-4)
    assert found.log_likelihood == pytest.approx(-9582.4292, abs=1e-4)
    assert found.converged
    assert found.at_boundary == ()
    assert found.customers == 2357


def test_the_likelihood_at_the_fitted_parameters_is_the_one_the_fit_reports() -> None:
    found = fit(*weekly(), unit="week")
    assert found.model.log_likelihood(*weekly()) == pytest.approx(found.log_likelihood, abs=1e-8)


def test_a_fit_in_days_differs_from_one_in_weeks_by_the_unit_alone() -> None:
    history = cdnow.calibration()
    days, weeks = fit(history.x, history.t_x, history.T), fit(*weekly(), unit="week")
    assert days.model.unit == "day"
    assert days.model.alpha == pytest.approx(7 * weeks.model.alpha, rel=1e-6)
    assert days.model.b == pytest.approx(weeks.model.b, rel=1e-6)


def test_the_same_histories_give_the_same_answer_to_the_last_bit() -> None:
    assert fit(*weekly()) == fit(*weekly())


def test_weak_priors_move_the_parameters_of_a_real_store_by_less_than_one_percent() -> None:
    likely, moved = fit(*weekly()).model, fit(*weekly(), priors=True).model
    assert moved.parameters == pytest.approx(likely.parameters, rel=0.01)


def test_conditional_expectation_and_survival_match_the_published_example() -> None:
    assert PUBLISHED.expected_orders(39, 2, 30.43, 38.86) == pytest.approx(1.2260282, abs=1e-6)
    assert PUBLISHED.p_alive(2, 30.43, 38.86) == pytest.approx(0.7265786, abs=1e-6)


def test_orders_of_a_new_customer_match_the_published_figures() -> None:
    expected = PUBLISHED.expected_orders_new([1, 32, 78])
    assert expected == pytest.approx([0.0532679, 1.0452433, 1.8605191], abs=1e-6)


def test_cumulative_repeat_orders_of_the_cohort_match_the_published_ones() -> None:
    history = cdnow.calibration()
    parameters = fit(*weekly(), unit="week").model
    weeks = (history.T + 1) / 7  # the cohort is counted to the end of its last day
    assert parameters.expected_orders_new(weeks).sum() == pytest.approx(2501.5, abs=0.1)
    assert parameters.expected_orders_new(weeks + 39).sum() == pytest.approx(4165.6, abs=0.1)


def test_a_one_time_buyer_is_certainly_alive_and_still_may_never_order_again() -> None:
    assert PUBLISHED.p_alive(0, 0, 500) == 1.0
    assert 0 < PUBLISHED.p_order_within(13, 0, 0, 500) < 0.01


def test_the_probability_of_an_order_follows_its_definition() -> None:
    alive = PUBLISHED.p_alive(2, 30.43, 38.86)
    ratio = (4.414 + 38.86) / (4.414 + 38.86 + 12)
    assert PUBLISHED.p_order_within(12, 2, 30.43, 38.86) == pytest.approx(alive * (1 - ratio**2.243))


def test_nothing_overflows_at_the_edges_of_history() -> None:
    x = np.array([0, 1, 127, 5000, 5000])
    t_x = np.array([0, 1, 3650, 3650, 1])
    age = np.array([3650, 3650, 3650, 3650, 3650])
    for a in (1e-3, 0.999999, 1.0, 1.000001, 30.0):
        parameters = BgNbd(0.2, 30.0, a, 2.0)
        for horizon in (0, 1, 365, 1e9):
            orders = parameters.expected_orders(horizon, x, t_x, age)
            assert np.isfinite(orders).all()
            assert (orders >= 0).all()
        assert (parameters.p_order_within(1e9, x, t_x, age) <= 1).all()


def test_a_longer_horizon_never_expects_fewer_orders() -> None:
    horizons = np.geomspace(0.01, 1e6, 400)
    for x, t_x in ((0, 0), (1, 5), (40, 38)):
        assert (np.diff(PUBLISHED.expected_orders(horizons, x, t_x, 38.86)) >= 0).all()


@pytest.mark.parametrize(
    ("x", "t_x", "age"),
    [([1], [0], [5]), ([0], [1], [5]), ([1], [6], [5]), ([-1], [0], [5]), ([1], [np.nan], [5]), ([], [], [])],
)
def test_impossible_histories_are_refused(x: list[float], t_x: list[float], age: list[float]) -> None:
    with pytest.raises(ValueError, match=r"customer|t_x"):
        fit(x, t_x, age)


def test_a_store_where_nobody_came_back_is_reported_at_the_boundary() -> None:
    found = fit([0] * 50, [0] * 50, range(50))
    assert found.at_boundary
    assert found.model.expected_orders_new(365) == pytest.approx(0, abs=1e-3)


def test_parameters_survive_json() -> None:
    assert model_from_json(json.loads(json.dumps(PUBLISHED.to_json()))) == PUBLISHED


def test_parameters_that_are_not_positive_are_refused() -> None:
    with pytest.raises(ValueError, match="positive"):
        BgNbd(0.0, 1.0, 1.0, 1.0)
