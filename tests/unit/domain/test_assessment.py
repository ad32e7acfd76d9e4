from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from connector.domain import bgnbd
from connector.domain.accuracy import Accuracy, measure
from connector.domain.assessment import Assessment, assess
from connector.domain.clv import FittedValue, estimate, predict_with
from connector.domain.dependence import INDEPENDENT
from connector.domain.history import Histories, Orders, epoch_day
from connector.domain.outlook import spread, total_interval
from connector.domain.terms import MONTH_DAYS, ValueTerms
from tests import cdnow
from tests.synthetic_stores import store, stores
from tests.unit.domain.test_season import seasonal_store

END = cdnow.CALIBRATION_END
FULL = "cdnow_full.csv.gz"


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
        "predicted revenue 9% too low to 17% too high, "
        "and 39% of the best tenth of customers were among the predicted tenth. "
        "Trust the ranking of customers more than the totals."
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
    low, total, high = total_interval(estimates, spread(estimates))
    assert low <= happened <= high
    assert low < total < high


@pytest.mark.parametrize(
    ("age", "basis", "days"), [(60, "repeat-rate", 91), (60, "repeat-rate", 182), (110, "model", 182)]
)
def test_stores_too_young_to_be_tested_mostly_stay_within_the_interval_of_their_total(
    age: int, basis: str, days: int
) -> None:
    held = []
    for shape, customers in stores():
        if customers != 400:
            continue
        orders, last = store(shape, customers)
        end = int(orders.day.min()) + age
        assessment = assess(orders, end, ValueTerms(horizon_days=days, annual_discount_rate=0.0))
        fitted, known = assessment.fitted, assessment.histories
        if end + days > last or (fitted.purchases is None) != (basis == "repeat-rate") or fitted.basis == "none":
            continue
        if any(trial["candidate"] == fitted.basis for trial in assessment.report["backtest"]):
            continue
        estimates = predict_with(fitted, known)
        low, _, high = total_interval(estimates, spread(estimates))
        later = (orders.day > end) & (orders.day <= end + days) & np.isin(orders.customer, known.customer)
        held.append(low <= orders.value[later].sum() <= high)
    assert len(held) >= 5
    assert np.mean(held) >= 0.75


def test_a_young_store_is_told_what_is_missing_instead_of_a_model() -> None:
    young = assess(Orders(*cdnow.orders()), END - 220)
    assert young.report["model"] == "repeat-rate"
    assert young.report["weeks_missing"] == 6
    assert young.report["trust"] == young.fitted.reason
    assert (young.report["parameters"], young.report["backtest"]) == (None, [])


def test_periods_without_an_order_are_told_and_widen_the_interval_down_to_nothing() -> None:
    assessment = assess(Orders(*cdnow.orders()), epoch_day(date(1998, 12, 31)), ValueTerms(91), model="mbg-nbd")
    assert assessment.report["trust"].startswith(
        "Tested on 4 periods of 13 weeks of the store's own past. In 2 of them nobody ordered again, though orders "
        "were predicted. In the others predicted orders were "
    )
    estimates = predict_with(assessment.fitted, assessment.histories)
    low, total, high = total_interval(estimates, spread(estimates))
    assert low == 0 < total < high


def test_revenue_that_came_of_nothing_predicted_leaves_the_interval_as_wide_as_untested() -> None:
    customer, day, value = cdnow.orders()
    paid = np.where(day > END - 90, value, 0)
    assessment = assess(Orders(customer, day, paid), END, model="bg-nbd")
    assert [t["revenue_bias"] for t in assessment.report["backtest"] if t["candidate"] == "bg-nbd"] == [-1.0, None]
    assert assessment.fitted.spread == pytest.approx((0.9, 2.0) ** np.sqrt(365.25 / 90))
    json.dumps(assessment.report, allow_nan=False)


def test_a_store_that_could_not_be_tested_is_told_what_it_lacked_then_not_that_it_is_young() -> None:
    customer, day, value = cdnow.orders()
    few = customer <= 130
    moved = np.where(customer > 90, day + 1050, day)
    assessment = assess(Orders(customer[few], moved[few], value[few]), END + 830)
    assert assessment.report["choice"] == "The model bg-nbd was taken, because none of the 3 could be tested."
    assert assessment.report["trust"] == (
        "The model could not be tested on the store's own past, because a test needs more than there was 91 days "
        "ago: 90 of 100 customers. Trust the ranking of customers, not the totals."
    )


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
    assert assessment.report["parameters"]["seasonal_time"]
    assert "seasons of the last year" in assessment.report["choice"]
    known = assessment.histories
    unseasonal = bgnbd.fit(known.x, known.t_x, known.T, priors=True)
    assert assessment.report["log_likelihood"] > unseasonal.log_likelihood + 100  # both per day of real time
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


NINE_MONTHS = ValueTerms(horizon_days=7 * cdnow.WEEKS_AFTER, annual_discount_rate=0.0)


@pytest.fixture(scope="module")
def full() -> Assessment:
    return assess(Orders(*cdnow.orders(FULL)), END, NINE_MONTHS)


def predicted(fitted: FittedValue, histories: Histories) -> Accuracy:
    estimates = predict_with(fitted, histories)
    revenue = estimates.expected_orders * estimates.expected_value / 100
    return measure(estimates.expected_orders, revenue, *what_then_happened(FULL, histories))


def test_the_chosen_model_predicts_the_full_log_as_well_as_the_best_known_tools(full: Assessment) -> None:
    result = predicted(full.fitted, full.histories)
    assert result.mae < 0.7945
    assert result.revenue_mae < 31.55
    assert (result.top_recall or 0) > 0.4845
    assert (result.auc or 0) > 0.7665
    # Better than the same model by other tools (1.740, -19 %). Why not the Pareto/NBD's 1.726 and -13 % is told in
    # docs/adr/0007-what-the-value-models-are-chosen-by.md.
    assert result.rmse < 1.7325
    assert abs(result.bias or 1) < 0.195


def test_what_customers_spend_tells_more_of_their_orders_than_their_record_alone(full: Assessment) -> None:
    alone = predicted(replace(full.fitted, dependence=INDEPENDENT), full.histories)
    both = predicted(full.fitted, full.histories)
    assert full.fitted.dependence.exponent == pytest.approx(0.23, abs=0.02)
    assert both.mae < alone.mae - 0.002
    assert both.rmse < alone.rmse - 0.007
    assert (both.auc or 0) > (alone.auc or 1) + 0.002
    assert both.predicted_orders == pytest.approx(alone.predicted_orders, rel=1e-3)
    assert both.revenue_mae == pytest.approx(alone.revenue_mae, rel=1e-9)


def test_the_owner_is_told_what_was_chosen_and_why(assessed: Assessment, full: Assessment) -> None:
    assert assessed.report["choice"] == (
        "Of 3 models mbg-nbd was chosen: in 2 periods of 90 days it had given what customers then did the highest "
        "probability."
    )
    assert full.report["choice"] == assessed.report["choice"] + (
        " Customers who spend twice as much per order were found to order 17% more often than their record alone "
        "says; this is taken into account."
    )


def test_the_pareto_nbd_reaches_its_own_published_accuracy() -> None:
    histories = cdnow.calibration(FULL)
    estimates = estimate(histories, model="pareto-nbd")
    assert estimates.fitted.purchases is not None
    expected = estimates.fitted.purchases.expected_orders(
        7 * cdnow.WEEKS_AFTER, histories.x, histories.t_x, histories.T
    )
    result = measure(expected, expected * estimates.expected_value / 100, *what_then_happened(FULL, histories))
    assert result.mae < 0.7945
    assert result.rmse < 1.7265
    assert abs(result.bias or 1) < 0.135
    assert result.revenue_mae < 31.75
    assert (result.top_recall or 0) > 0.4825
    assert (result.auc or 0) > 0.763
