from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.gamma_gamma import GammaGamma, expected_value, fit, log_likelihood
from tests import cdnow

PUBLISHED = GammaGamma(6.25, 3.74, 15.44)


def repeat_orders() -> tuple[np.ndarray, np.ndarray]:
    """Repeat orders and their mean in dollars: the published fit leaves the first order out."""
    history = cdnow.calibration()
    history = history.take(history.x > 0)
    return history.x, (history.value_total - history.value_first) / history.x / 100


def test_the_fit_reproduces_the_published_parameters_and_likelihood() -> None:
    found = fit(*repeat_orders())
    assert found.parameters.p == pytest.approx(6.249572, rel=1e-4)
    assert found.parameters.q == pytest.approx(3.744225, rel=1e-4)
    assert found.parameters.gamma == pytest.approx(15.443521, rel=1e-4)
    assert found.log_likelihood == pytest.approx(-4055.9177, abs=1e-4)
    assert (found.customers, found.dropped, found.at_boundary, found.converged) == (946, 0, (), True)


def test_the_likelihood_at_the_fitted_parameters_is_the_one_the_fit_reports() -> None:
    found = fit(*repeat_orders())
    assert log_likelihood(found.parameters, *repeat_orders()) == pytest.approx(found.log_likelihood, abs=1e-8)


def test_expected_values_match_the_published_ones() -> None:
    assert PUBLISHED.population_mean == pytest.approx(35.2190, abs=1e-4)
    assert expected_value(PUBLISHED, [2, 3], [22.35, 35.0]) == pytest.approx([24.6637, 35.0280], abs=1e-4)


def test_values_in_cents_scale_the_fit_and_change_nothing_else() -> None:
    count, dollars = repeat_orders()
    coarse, fine = fit(count, dollars).parameters, fit(count, dollars * 100).parameters
    assert (fine.p, fine.q) == pytest.approx((coarse.p, coarse.q), rel=1e-9)
    assert fine.gamma == pytest.approx(coarse.gamma * 100, rel=1e-9)


def test_a_customer_of_whom_nothing_is_known_is_worth_the_population_mean() -> None:
    assert expected_value(PUBLISHED, 0, 0.0) == pytest.approx(PUBLISHED.population_mean)


def test_who_paid_nothing_is_expected_to_pay_less_than_who_paid_a_cent_and_the_less_the_oftener() -> None:
    refunded, free, cent, oftener = expected_value(PUBLISHED, [3, 3, 3, 30], [-9.0, 0.0, 0.01, 0.0])
    assert 0 < oftener < refunded == free < cent < free + 0.01


def test_more_orders_draw_the_expectation_towards_the_customers_own_mean() -> None:
    expected = expected_value(PUBLISHED, [1, 10, 1000], [100.0] * 3)
    assert (np.diff(expected) > 0).all()
    assert expected[2] == pytest.approx(100, rel=0.01)


def test_values_of_nothing_are_dropped_and_counted() -> None:
    count, dollars = repeat_orders()
    found = fit(np.append(count, [1, 2]), np.append(dollars, [0.0, -5.0]))
    assert (found.customers, found.dropped) == (946, 2)
    assert found.parameters == fit(count, dollars).parameters


def test_a_store_of_one_price_is_finite_and_reported_at_the_boundary() -> None:
    found = fit([1, 2, 3, 4] * 20, [1999.0] * 80, priors=False)
    assert found.at_boundary
    assert expected_value(found.parameters, 3, 1999.0) == pytest.approx(1999, rel=0.01)


def test_a_store_without_a_positive_value_cannot_be_fitted() -> None:
    with pytest.raises(ValueError, match="positive order value"):
        fit([1, 2], [0.0, -1.0])


def test_parameters_survive_json() -> None:
    assert GammaGamma.from_json(json.loads(json.dumps(PUBLISHED.to_json()))) == PUBLISHED


def test_a_mean_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="q above 1"):
        GammaGamma(1.0, 1.0, 1.0)


@pytest.mark.parametrize("of", ["repeat orders", "all orders"])
def test_weak_priors_move_the_parameters_of_a_real_store_by_less_than_one_percent(of: str) -> None:
    history = cdnow.calibration()
    sample = repeat_orders() if of == "repeat orders" else (history.x + 1, history.value_mean)
    likely, moved = fit(*sample).parameters, fit(*sample, priors=True).parameters
    assert moved.to_json() == pytest.approx(likely.to_json(), rel=0.01)


def test_a_prior_keeps_the_mean_in_existence_where_the_likelihood_would_lose_it() -> None:
    random = np.random.default_rng(5)
    values = 10 * (1 + random.pareto(0.5, 60))
    found = fit(np.ones(60, np.int64), values, priors=True)
    assert found.converged
    assert found.at_boundary == ()
    assert found.parameters.q > 1
