from __future__ import annotations

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from connector.domain.clv import Estimates, estimate
from connector.domain.history import Histories, epoch_day, purchase_histories
from connector.domain.outlook import Spread, clv_interval, next_order_window, spread, total_interval
from connector.domain.terms import MONTH_DAYS, ValueTerms
from tests import cdnow
from tests.unit.domain.test_season import two_speeds

TERMS = ValueTerms(horizon_days=9 * MONTH_DAYS, annual_discount_rate=0.0)


@pytest.fixture(scope="module")
def valued() -> tuple[Estimates, Histories, Spread]:
    history = cdnow.calibration()
    estimates = estimate(history, TERMS, model="mbg-nbd")
    return estimates, history, spread(estimates)


def test_the_expected_value_lies_in_its_interval_and_nothing_is_negative(valued) -> None:
    estimates, _, known = valued
    low, high = clv_interval(estimates, known)
    assert ((low >= 0) & (low <= estimates.clv) & (estimates.clv <= high)).all()


def test_more_coverage_never_narrows_the_interval(valued) -> None:
    estimates, _, known = valued
    narrow, wide = clv_interval(estimates, known, 0.5), clv_interval(estimates, known, 0.9)
    assert (wide[0] <= narrow[0]).all()
    assert (wide[1] >= narrow[1]).all()


@pytest.mark.parametrize("coverage", [0.8, 0.9])
def test_intervals_hold_what_then_happened_as_often_as_they_say(valued, coverage: float) -> None:
    estimates, history, known = valued
    customer, day, value = cdnow.orders()
    later = (day > cdnow.CALIBRATION_END) & (day <= cdnow.CALIBRATION_END + 274)
    rows = np.searchsorted(history.customer, customer[later])
    spent = np.bincount(rows, value[later], minlength=len(history))
    low, high = clv_interval(estimates, known, coverage)
    covered = np.mean((spent >= low) & (spent <= high))
    assert coverage < covered < coverage + 0.1


def test_a_store_of_the_repeat_rate_has_intervals_too() -> None:
    history = purchase_histories(*cdnow.orders(), epoch_day(date(1997, 2, 10)))
    estimates = estimate(history)
    assert estimates.basis == "repeat-rate"
    low, high = clv_interval(estimates, spread(estimates))
    assert (low <= estimates.clv).all()
    assert (high >= estimates.clv).all()
    assert next_order_window(estimates.fitted, history) is None


def test_the_total_of_a_store_is_surer_than_its_customers(valued) -> None:
    estimates, _, known = valued
    low, total, high = total_interval(estimates, known)
    _, highs = clv_interval(estimates, known)
    assert low < total < high < highs.sum()
    assert total == round(estimates.worth.sum())


def test_what_is_less_than_a_coin_for_each_customer_still_adds_up_for_the_store() -> None:
    customer, day, _ = cdnow.orders()
    estimates = estimate(
        purchase_histories(customer, day, np.full_like(day, 2), cdnow.CALIBRATION_END), ValueTerms(30)
    )
    known = spread(estimates)
    low, total, high = total_interval(estimates, known)
    expected = float(estimates.expected_orders @ estimates.expected_value)
    assert np.median(estimates.worth) < 0.1
    assert 0.9 * expected < total < expected
    assert 0 < low < total < high
    assert clv_interval(estimates, known)[1].max() > 0


def test_the_next_order_is_likely_in_the_middle_half_of_its_possible_days(valued) -> None:
    estimates, history, _ = valued
    window = next_order_window(estimates.fitted, history)
    model = estimates.fitted.purchases
    assert window is not None
    assert model is not None
    first, last = window
    assert ((first >= 1) & (first < last) & (last <= 365)).all()
    year = model.order_if_alive(365, history.x, history.T)
    for days, share in ((first, 0.25), (last, 0.75)):
        rows = days > 20  # whole days are coarse below
        reached = model.order_if_alive(days[rows], history.x[rows], history.T[rows]) / year[rows]
        assert reached == pytest.approx(np.full(rows.sum(), share), abs=0.02)


@pytest.mark.parametrize("seasonal", [False, True])
def test_a_customer_scored_alone_has_the_window_of_the_whole_run(valued, seasonal: bool) -> None:
    estimates, history, _ = valued
    fitted = replace(estimates.fitted, season=two_speeds(cdnow.CALIBRATION_END)) if seasonal else estimates.fitted
    everybody = next_order_window(fitted, history)
    assert everybody is not None
    for row in range(0, len(history), 5):
        alone = next_order_window(fitted, history.take(slice(row, row + 1)))
        assert alone is not None
        assert [days[0] for days in alone] == [days[row] for days in everybody]


def test_the_window_of_the_next_order_reaches_further_where_quiet_months_come_first(valued) -> None:
    estimates, history, _ = valued
    busy_first = two_speeds(cdnow.CALIBRATION_END)
    quiet_first = two_speeds(cdnow.CALIBRATION_END + 182)
    soon, late = (
        next_order_window(replace(estimates.fitted, season=season), history) for season in (busy_first, quiet_first)
    )
    assert soon is not None
    assert late is not None
    assert (soon[0] < late[0]).mean() > 0.9
    assert all(((days >= 1) & (days <= 365)).all() for days in (*soon, *late))


def test_a_frequent_buyer_is_expected_sooner_than_a_rare_one(valued) -> None:
    estimates, history, _ = valued
    window = next_order_window(estimates.fitted, history)
    assert window is not None
    often, rarely = int(np.argmax(history.x)), int(np.argmax((history.x == 1) & (history.T > 200)))
    assert window[1][often] < window[0][rarely]


def test_coverage_is_a_probability(valued) -> None:
    estimates, _, known = valued
    for ask in (clv_interval, total_interval):
        with pytest.raises(ValueError, match="probability"):
            ask(estimates, known, 1.0)
