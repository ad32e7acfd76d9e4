"""A horizon of any number of days."""

from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.clv import FittedValue, fit, predict_with
from connector.domain.needs import REPEAT_RATE_NEEDS
from connector.domain.terms import MONTH_DAYS, YEAR_DAYS, ValueTerms
from tests import cdnow


@pytest.mark.parametrize("days", [1, 14, 30, 90, 365, 3650])
def test_the_horizon_ends_on_the_day_that_was_asked_for(days: int) -> None:
    terms = ValueTerms(days, 1.0, 0.1)
    assert terms.piece_ends[-1] == pytest.approx(days)
    lengths = np.diff(terms.piece_ends, prepend=0.0)
    assert lengths == pytest.approx(np.full(len(lengths), lengths[0]))
    # The pieces add up to the discount over the whole, as near as pieces of a month can.
    exact = (1 - 1.1 ** (-days / 365.25)) / np.log(1.1) * 365.25
    assert lengths @ terms.discounts() == pytest.approx(exact, rel=1e-4)


def test_without_one_it_is_twelve_months() -> None:
    assert ValueTerms().horizon_days == YEAR_DAYS
    assert len(ValueTerms().piece_ends) == 12


@pytest.mark.parametrize(
    ("days", "words"),
    [(YEAR_DAYS, "12 months"), (MONTH_DAYS, "1 month"), (5 * MONTH_DAYS, "5 months"), (90, "90 days"), (1, "1 day")],
)
def test_a_horizon_is_told_in_months_where_it_is_some(days: float, words: str) -> None:
    assert ValueTerms(days).horizon == words


def test_terms_survive_in_a_stored_fit() -> None:
    fitted = fit(cdnow.calibration(), ValueTerms(100, 0.4, 0.2)).fitted
    assert FittedValue.from_json(json.loads(json.dumps(fitted.to_json()))).terms == ValueTerms(100, 0.4, 0.2)


@pytest.mark.parametrize("days", [10, 45, 200])
def test_where_orders_are_even_their_worth_is_the_discounted_sum_over_exactly_the_horizon(days: int) -> None:
    history = cdnow.calibration().take(slice(0, REPEAT_RATE_NEEDS.customers * 5))
    terms = ValueTerms(days, 0.5, 0.1)
    estimates = predict_with(fit(history, terms).fitted, history)
    assert estimates.basis == "repeat-rate"
    discount = (1 - 1.1 ** (-days / YEAR_DAYS)) / np.log(1.1) * YEAR_DAYS / days
    assert estimates.clv == pytest.approx(
        estimates.expected_orders * estimates.expected_value * 0.5 * discount, rel=1e-4, abs=0.51
    )
