from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.clv import FittedValue, fit, predict_with
from connector.domain.dependence import INDEPENDENT, Dependence, Slope, dependence, observe, oftener, pooled
from connector.domain.outlook import clv_interval, spread
from connector.domain.terms import ValueTerms
from tests import cdnow

COUNT = 40_000


def made_up(exponent: float, seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Expectations, values and orders of customers whose rate goes with a power of their value, and with luck."""
    random = np.random.default_rng(seed)
    expected, value = random.gamma(0.5, 1.0, COUNT), random.lognormal(8.0, 0.6, COUNT)
    rate = expected * (value / np.exp(8.0)) ** exponent * random.gamma(1.5, 1 / 1.5, COUNT)
    return expected, value, random.poisson(rate)


@pytest.mark.parametrize("exponent", [-0.3, 0.0, 0.25])
def test_the_slope_is_found_to_within_its_standard_error(exponent: float) -> None:
    found = [observe(*made_up(exponent, seed)) for seed in range(12)]
    away = [(slope.exponent - exponent) / slope.error for slope in found if slope]
    assert len(away) == 12
    assert np.abs(away).max() < 3
    assert 0.5 < np.std(away) < 1.6


def test_the_unit_of_money_and_of_the_expectation_change_no_slope() -> None:
    expected, value, orders = made_up(0.25)
    plain, other = observe(expected, value, orders), observe(2 * expected, 100 * value, orders)
    assert plain
    assert other
    assert (other.exponent, other.error) == pytest.approx((plain.exponent, plain.error), rel=1e-6)


def test_nothing_shows_where_all_spend_alike_or_nobody_ordered() -> None:
    expected, value, orders = made_up(0.25)
    assert observe(expected, np.full_like(value, 1999.0), orders) is None
    assert observe(expected, value, np.zeros_like(orders)) is None
    assert observe(np.zeros_like(expected), value, orders) is None


def test_periods_are_pooled_by_how_sure_they_are() -> None:
    assert pooled([Slope(0.2, 0.1), Slope(0.2, 0.1)]) == Slope(pytest.approx(0.2), pytest.approx(0.1 / 2**0.5))
    assert pooled([Slope(0.0, 0.01), Slope(1.0, 1.0)]).exponent < 0.001
    assert pooled([Slope(-0.5, 0.1), Slope(0.5, 0.1)]).error == pytest.approx(0.5)
    assert pooled([]).error == np.inf


def test_a_slope_that_is_not_beyond_doubt_is_not_used() -> None:
    expected, value, _ = made_up(0.0)
    assert dependence(Slope(0.2, 0.11), expected, value) == INDEPENDENT
    assert dependence(pooled([]), expected, value) == INDEPENDENT
    assert dependence(Slope(0.2, 0.001), expected, value).exponent == pytest.approx(0.2, rel=1e-4)
    assert dependence(Slope(0.8, 0.25), expected, value).exponent == pytest.approx(0.4)
    assert dependence(Slope(2.0, 0.1), expected, value).exponent == 0.5
    assert dependence(Slope(0.2, 0.01), expected, 0 * value) == INDEPENDENT


@pytest.mark.parametrize("exponent", [-0.4, 0.2, 0.5])
def test_the_total_of_expected_orders_stays(exponent: float) -> None:
    expected, value, _ = made_up(0.0)
    factors = dependence(Slope(exponent, 0.01), expected, value).factors(value)
    assert float(expected @ factors) == pytest.approx(float(expected.sum()), rel=1e-3)


def test_a_giant_order_says_no_more_than_a_large_one() -> None:
    found = Dependence(0.5, 1000.0)
    assert found.factors(np.array([1e12]))[0] == found.factors(np.array([1e9]))[0] == pytest.approx(np.exp(1.5))


def test_a_chance_at_twice_the_rate_is_that_of_two_tries() -> None:
    assert oftener(np.array([0.0, 0.3, 1.0]), np.array([2.0, 2.0, 0.5])) == pytest.approx([0.0, 0.51, 1.0])


def test_orders_and_values_move_and_what_customers_are_worth_does_not() -> None:
    history = cdnow.calibration()
    plain = fit(history, ValueTerms(), model="mbg-nbd").fitted
    leaning = FittedValue.from_json(
        json.loads(json.dumps({**plain.to_json(), "dependence": {"exponent": 0.3, "typical": 3500.0}}))
    )
    before, after = predict_with(plain, history), predict_with(leaning, history)
    assert after.clv.tolist() == before.clv.tolist()
    assert after.expected_orders * after.expected_value == pytest.approx(
        before.expected_orders * before.expected_value
    )
    rich = before.expected_value > 3500
    for name in ("expected_orders", "p_order_30d", "p_order_365d"):
        assert (getattr(after, name)[rich] > getattr(before, name)[rich]).all()
        assert (getattr(after, name)[~rich] <= getattr(before, name)[~rich]).all()
    assert (after.expected_value[rich] < before.expected_value[rich]).all()
    assert after.p_order_365d.max() <= 1
    low, high = clv_interval(after, spread(after))
    assert ((low >= 0) & (low <= after.clv) & (after.clv <= high)).all()
    assert FittedValue.from_json(leaning.to_json()) == leaning
