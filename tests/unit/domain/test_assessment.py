from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.accuracy import measure
from connector.domain.assessment import Assessment, assess
from connector.domain.clv import MONTH_DAYS, FittedValue, ValueTerms, estimate, predict_with
from connector.domain.history import Histories, Orders
from connector.domain.outlook import spread, total_interval
from tests import cdnow
from tests.unit.domain.test_season import seasonal_store

END = cdnow.CALIBRATION_END


@pytest.fixture(scope="module")
def assessed() -> Assessment:
    return assess(Orders(*cdnow.orders()), END)


def test_the_model_that_the_past_prefers_is_fitted_to_all_of_it(assessed: Assessment) -> None:
    assert assessed.fitted.basis == assessed.report["model"] == "mbg-nbd"
    assert len(assessed.histories) == 2357
    assert predict_with(assessed.fitted, assessed.histories).has_numbers


def test_the_report_is_json_and_says_all_that_it_should(assessed: Assessment) -> None:
    report = json.loads(json.dumps(assessed.report))
    assert {"model", "parameters", "log_likelihood", "gamma_gamma", "backtest", "data", "trust"} <= report.keys()
    assert report["parameters"]["standard_errors"].keys() == {"r", "alpha", "a", "b"}
    assert report["data"] == {
        "customers": 2357,
        "repeat_customers": 946,
        "orders": 4960,
        "purchase_days": 4814,
        "net_value": report["data"]["net_value"],
        "days": 272,
        "as_of_day": END,
    }
    assert report["gamma_gamma"]["spearman_frequency_value"] == pytest.approx(0.21, abs=0.01)
    assert {trial["candidate"] for trial in report["backtest"]} >= {"formula", "repeat-rate", "bg-nbd"}


def test_the_owner_is_told_in_a_sentence_how_far_to_trust_it(assessed: Assessment) -> None:
    assert assessed.report["trust"] == (
        "Tested on 2 periods of 90 days of the store's own past, predicted orders were 3% too low to 8% too high, "
        "and 39% of the best tenth of customers were among the predicted tenth. "
        "Totals can be relied on within about a tenth."
    )


def test_the_fit_with_its_spread_and_season_survives_json(assessed: Assessment) -> None:
    assert FittedValue.from_json(json.loads(json.dumps(assessed.fitted.to_json()))) == assessed.fitted
    low, high = assessed.fitted.spread
    assert low < 0.9 < 1.1 < high


def test_a_model_that_was_named_is_the_only_one_tried() -> None:
    named = assess(Orders(*cdnow.orders()), END, model="pareto-nbd")
    assert named.fitted.basis == "pareto-nbd"
    assert {trial["candidate"] for trial in named.report["backtest"]} == {"pareto-nbd", "formula", "repeat-rate"}


def test_orders_after_the_as_of_day_change_nothing(assessed: Assessment) -> None:
    customer, day, value = cdnow.orders()
    known = day <= END
    assert assess(Orders(customer[known], day[known], value[known]), END).report == assessed.report


def test_the_interval_of_the_total_holds_what_then_happened() -> None:
    customer, day, value = cdnow.orders()
    end = END + 7 * cdnow.WEEKS_AFTER
    happened = value[(day > END) & (day <= end)].sum()
    assessment = assess(
        Orders(customer, day, value), END, ValueTerms(horizon_days=9 * MONTH_DAYS, annual_discount_rate=0.0)
    )
    estimates = predict_with(assessment.fitted, assessment.histories)
    low, total, high = total_interval(estimates, spread(estimates, assessment.histories))
    assert low <= happened <= high
    assert low < total < high


def test_a_young_store_is_told_what_is_missing_instead_of_a_model() -> None:
    young = assess(Orders(*cdnow.orders()), END - 220)
    assert young.report["model"] == "formula"
    assert young.report["weeks_missing"] == 6
    assert young.report["trust"] == young.fitted.reason
    assert (young.report["parameters"], young.report["backtest"]) == (None, [])


def test_an_empty_store_has_a_report_too() -> None:
    empty = assess(Orders(*np.zeros((3, 0), np.int64)), END)
    assert empty.report["model"] == "none"
    assert json.loads(json.dumps(empty.report))["data"]["customers"] == 0


def test_a_seasonal_store_is_valued_in_its_own_time() -> None:
    customer, day = seasonal_store(1500)
    orders = Orders(customer.astype(np.int64), day.astype(np.int64), np.full(len(day), 1000))
    assessment = assess(orders, 727, model="bg-nbd")
    assert assessment.fitted.season.strength > 0
    estimates = predict_with(assessment.fitted, assessment.histories)
    assert np.isfinite(estimates.expected_orders).all()
    assert float(assessment.fitted.season.ahead(727, 90)) < 80  # quiet months come first
    steady = assess(orders.known_on(300), 300, model="bg-nbd")
    assert steady.fitted.season.strength == 0


def what_then_happened(name: str, histories: Histories) -> tuple[np.ndarray, np.ndarray]:
    """Purchase days and net value of the same customers in the 39 weeks after the calibration."""
    customer, day, value = cdnow.orders(name)
    later = (day > END) & (day <= END + 7 * cdnow.WEEKS_AFTER)
    days = np.unique(np.stack([customer[later], day[later]]), axis=1)[0]
    owner = np.searchsorted(histories.customer, customer[later])
    orders = np.bincount(np.searchsorted(histories.customer, days), minlength=len(histories))
    return orders, np.bincount(owner, value[later], minlength=len(histories)) / 100


def test_the_chosen_model_predicts_the_full_log_as_well_as_the_best_known_tools() -> None:
    name = "cdnow_full.csv.gz"
    assessment = assess(Orders(*cdnow.orders(name)), END)
    histories, fitted = assessment.histories, assessment.fitted
    assert fitted.purchases is not None
    horizon = float(fitted.season.ahead(END, 7 * cdnow.WEEKS_AFTER))
    expected = fitted.purchases.expected_orders(horizon, *fitted.season.columns(histories))
    value = predict_with(fitted, histories).expected_value / 100
    result = measure(expected, expected * value, *what_then_happened(name, histories))
    assert result.mae < 0.7955
    assert result.rmse < 1.7405
    assert abs(result.bias or 1) < 0.195
    assert result.revenue_mae < 31.55
    assert (result.top_recall or 0) > 0.4845
    assert (result.auc or 0) > 0.763


def test_the_pareto_nbd_reaches_its_own_published_accuracy() -> None:
    name = "cdnow_full.csv.gz"
    histories = cdnow.calibration(name)
    estimates = estimate(histories, model="pareto-nbd")
    assert estimates.fitted.purchases is not None
    expected = estimates.fitted.purchases.expected_orders(
        7 * cdnow.WEEKS_AFTER, histories.x, histories.t_x, histories.T
    )
    result = measure(expected, expected * estimates.expected_value / 100, *what_then_happened(name, histories))
    assert result.mae < 0.7945
    assert result.rmse < 1.7265
    assert abs(result.bias or 1) < 0.135
    assert result.revenue_mae < 31.75
    assert (result.top_recall or 0) > 0.4825
    assert (result.auc or 0) > 0.763
