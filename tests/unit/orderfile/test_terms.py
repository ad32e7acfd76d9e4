"""A horizon of any number of days."""

from __future__ import annotations

import numpy as np
import pytest

from connector.domain.clv import ValueTerms
from connector.orderfile.terms import value_terms


@pytest.mark.parametrize("days", [1, 30, 90, 365, 3650])
def test_the_horizon_ends_on_the_day_that_was_asked_for(days: int) -> None:
    terms = value_terms(days, 1.0, 0.1)
    assert terms.month_ends[-1] == pytest.approx(days)
    lengths = np.diff(terms.month_ends, prepend=0.0)
    assert lengths == pytest.approx(np.full(len(lengths), lengths[0]))
    # The pieces add up to the discount over the whole, as near as pieces of a month can.
    exact = (1 - 1.1 ** (-days / 365.25)) / np.log(1.1) * 365.25
    assert lengths @ terms.discounts() == pytest.approx(exact, rel=1e-4)


def test_without_one_it_is_twelve_months() -> None:
    assert value_terms(None, 0.5, 0.2) == ValueTerms(12, 0.5, 0.2)
