"""What must hold of a customer's scores, whatever the store and its settings."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.calendar import from_epoch_day
from connector.domain.clv import fit
from connector.domain.history import Orders
from connector.domain.programme import Programme
from connector.domain.programme.scoring import Scoring, lookback_days
from connector.domain.rfm import rfm_cutpoints
from connector.domain.standings import Fitted, score_sheet
from connector.domain.terms import ValueTerms
from tests.programmes import scorings

TODAY = from_epoch_day(20_000)
order_rows = st.lists(
    st.tuples(st.integers(1, 9), st.integers(18_000, 20_000), st.integers(0, 50_000)), min_size=1, max_size=40
)


def fitted(orders: Orders, months: int) -> Fitted:
    histories = orders.histories(20_000, lookback_days=lookback_days(months, TODAY))
    return Fitted(rfm_cutpoints(histories), fit(histories, ValueTerms()).fitted, lookback_months=months)


@settings(max_examples=50, deadline=None)
@given(order_rows, scorings, st.integers(0, 90))
def test_a_customer_scored_alone_scores_as_among_all(
    rows: list[tuple[int, int, int]], scoring: Scoring, months: int
) -> None:
    orders = Orders(*np.array(rows, dtype=np.int64).T)
    run, programme = fitted(orders, months), Programme(scoring=scoring)
    everybody = score_sheet(orders, TODAY, programme, "EUR", run).rows()
    for customer, row in everybody.items():
        alone = score_sheet(orders.of_customers(np.array([customer])), TODAY, programme, "EUR", run)
        assert alone.rows() == {customer: row}


@settings(max_examples=50, deadline=None)
@given(order_rows, scorings, st.integers(0, 36), st.integers(1, 50_000))
def test_one_more_order_today_lowers_no_score(
    rows: list[tuple[int, int, int]], scoring: Scoring, months: int, value: int
) -> None:
    orders = Orders(*np.array(rows, dtype=np.int64).T)
    customer = rows[0][0]
    more = Orders(*np.array([*rows, (customer, 20_000, value)], dtype=np.int64).T)
    run, programme = fitted(orders, months), Programme(scoring=scoring)
    before, after = (score_sheet(known, TODAY, programme, "EUR", run).rows()[customer] for known in (orders, more))
    assert all(now >= then for then, now in zip(before["rfm"], after["rfm"], strict=True))


@given(st.integers(1, 120), st.integers(0, 4_000))
def test_a_look_back_of_more_months_counts_more_days(months: int, later: int) -> None:
    day = TODAY + timedelta(days=later)
    shorter, longer = lookback_days(months, day), lookback_days(months + 1, day)
    assert shorter is not None
    assert longer is not None
    assert 28 * months <= shorter <= longer <= 31 * (months + 1)
