from __future__ import annotations

import json
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from connector.domain import gamma_gamma
from connector.domain.clv import (
    Estimates,
    FittedValue,
    estimate,
    predict_with,
)
from connector.domain.formulas import formula_clv
from connector.domain.history import Histories, epoch_day, purchase_histories
from connector.domain.needs import MODEL_NEEDS
from connector.domain.terms import MONTH_DAYS, ValueTerms
from tests import cdnow


def young_store(until: date, customers: int) -> Histories:
    history = purchase_histories(*cdnow.orders(), epoch_day(until))
    return history.take(history.customer <= customers)


def every_number(estimates: Estimates) -> np.ndarray:
    names = "expected_orders expected_value clv p_order_30d p_order_90d p_order_365d".split()
    return np.stack([getattr(estimates, name) for name in names])


def test_the_worked_example_everyone_knows() -> None:
    assert formula_clv(Decimal(800), Decimal(4), Decimal(3)) == 9600
    assert formula_clv(Decimal(800), Decimal(4), Decimal(3), acquisition_cost=Decimal(500)) == 9100


def test_a_store_with_enough_history_is_valued_by_the_model() -> None:
    estimates = estimate(cdnow.calibration())
    assert (estimates.basis, estimates.reason, estimates.weeks_missing) == ("bg-nbd", "", 0)
    assert estimates.has_numbers
    assert estimates.p_alive is not None
    assert np.isfinite(every_number(estimates)).all()
    assert (every_number(estimates) >= 0).all()


def test_clv_is_the_monthly_sum_of_discounted_orders_times_value_times_margin() -> None:
    history = cdnow.calibration().take(np.arange(40))
    terms = ValueTerms(horizon_days=6 * MONTH_DAYS, margin=0.4, annual_discount_rate=0.15)
    fitted = estimate(cdnow.calibration(), terms).fitted
    assert fitted.purchases
    assert fitted.spending
    monthly_rate = 1.15 ** (1 / 12)
    expected, before = np.zeros(40), np.zeros(40)
    for month in range(1, 7):
        until = fitted.purchases.expected_orders(month * MONTH_DAYS, history.x, history.t_x, history.T)
        expected += (until - before) / monthly_rate ** (month - 0.5)
        before = until
    expected *= gamma_gamma.expected_value(fitted.spending, history.x + 1, history.value_mean) * 0.4
    assert predict_with(fitted, history).clv.tolist() == np.rint(expected).tolist()


def test_without_discount_and_in_full_margin_clv_is_orders_times_value() -> None:
    estimates = estimate(cdnow.calibration(), ValueTerms(annual_discount_rate=0.0))
    assert estimates.clv == pytest.approx(estimates.expected_orders * estimates.expected_value, abs=0.51)


def test_one_customer_is_valued_from_the_stored_fit_as_in_the_whole_run() -> None:
    history = cdnow.calibration()
    estimates = estimate(history)
    stored = FittedValue.from_json(json.loads(json.dumps(estimates.fitted.to_json())))
    assert stored == estimates.fitted
    row = int(np.argmax(history.x))
    alone = predict_with(stored, history.take(np.array([row])))
    assert alone.clv[0] == estimates.clv[row]
    assert alone.p_order_90d[0] == pytest.approx(estimates.p_order_90d[row], rel=1e-12)
    assert alone.basis == "bg-nbd"


def test_a_young_store_is_valued_by_its_repeat_rate_and_told_how_long_until_the_model() -> None:
    estimates = estimate(young_store(date(1997, 2, 10), 59))
    assert estimates.basis == "repeat-rate"
    assert estimates.p_alive is None
    assert estimates.weeks_missing == 9
    assert estimates.reason == (
        "Not enough data yet, so the repeat rate and the average order are used: 59 of 100 customers, "
        "12 of 30 repeat customers, 40 of 91 days of orders. About 9 more weeks of orders are needed."
    )
    assert np.isfinite(every_number(estimates)).all()
    assert (every_number(estimates) > 0).all()


def test_a_store_of_a_few_days_gets_a_reason_and_no_number() -> None:
    estimates = estimate(young_store(date(1997, 1, 20), 59))
    assert (estimates.basis, estimates.has_numbers, estimates.weeks_missing) == ("none", False, 2)
    assert "no value is given: 19 of 28 days of orders" in estimates.reason
    assert not every_number(estimates).any()


def test_where_nothing_grows_yet_no_number_of_weeks_is_promised() -> None:
    estimates = estimate(young_store(date(1997, 1, 2), 5))
    assert estimates.weeks_missing is None
    assert "week" not in estimates.reason


def test_an_empty_store_has_no_estimates_and_a_reason() -> None:
    estimates = estimate(purchase_histories([], [], [], 100))
    assert (len(estimates.clv), estimates.basis) == (0, "none")


def test_the_model_needs_what_it_says_it_needs() -> None:
    history = cdnow.calibration()
    few = history.take(history.customer <= MODEL_NEEDS.customers)
    assert estimate(few).basis == "bg-nbd"
    assert estimate(few.take(np.arange(MODEL_NEEDS.customers - 1))).basis == "repeat-rate"


def test_a_store_that_only_gave_things_away_is_worth_nothing() -> None:
    customer, day, _ = cdnow.orders()
    estimates = estimate(purchase_histories(customer, day, np.zeros_like(day), cdnow.CALIBRATION_END))
    assert estimates.fitted.spending is None
    assert estimates.expected_orders.sum() > 0
    assert estimates.clv.sum() == 0


def test_where_most_is_free_the_average_is_used_instead_of_a_model_that_does_not_fit() -> None:
    customer, day, value = cdnow.orders()
    paid = np.where(np.arange(len(value)) % 20 == 0, value, 0)
    history = purchase_histories(customer, day, paid, cdnow.CALIBRATION_END)
    estimates = estimate(history)
    assert (estimates.basis, estimates.fitted.spending) == ("bg-nbd", None)
    assert estimates.expected_value.mean() == pytest.approx(estimates.fitted.repeat_rate.average_value, rel=0.2)


def test_where_everything_has_one_price_that_price_is_expected() -> None:
    customer, day, value = cdnow.orders()
    estimates = estimate(purchase_histories(customer, day, np.full_like(value, 1999), cdnow.CALIBRATION_END))
    assert np.median(estimates.expected_value) == pytest.approx(1999, rel=0.005)  # two on one day are one purchase


@pytest.mark.parametrize("terms", [{"horizon_days": 0.5}, {"margin": 1.5}, {"annual_discount_rate": -0.1}])
def test_terms_that_make_no_sense_are_refused(terms: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="terms need"):
        ValueTerms(**terms)  # type: ignore[arg-type]


def test_a_negative_factor_of_the_formula_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        formula_clv(Decimal(-1), Decimal(1), Decimal(1))
