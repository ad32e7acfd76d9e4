"""Score sheets: by a fit, by a merchant's thresholds, over all time or a look-back."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from connector.domain.clv import fit
from connector.domain.history import Orders, epoch_day
from connector.domain.programme import Programme
from connector.domain.programme.scoring import Scoring, lookback_days
from connector.domain.rfm import rfm_cutpoints
from connector.domain.standings import Fitted, ScoreSheet, score_sheet
from connector.domain.terms import ValueTerms

TODAY = date(2026, 11, 22)
NOW = epoch_day(TODAY)
# Customer 1 spent little lately, 2 much long ago, 3 something on both ends of the last twelve months.
STORE = Orders(
    *np.array(
        [(1, NOW - 5, 3_000), (2, NOW - 500, 90_000), (2, NOW - 400, 1_000), (3, NOW - 365, 700), (3, NOW - 364, 50)]
    ).T
)


def fitted(months: int = 0) -> Fitted:
    histories = STORE.histories(NOW, lookback_days=lookback_days(months, TODAY))
    return Fitted(rfm_cutpoints(histories), fit(histories, ValueTerms()).fitted, lookback_months=months)


def sheet(scoring: Scoring, run: Fitted | None = None, currency: str = "EUR") -> ScoreSheet:
    return score_sheet(STORE, TODAY, Programme(scoring=scoring), currency, run or fitted())


def rfm(sheet: ScoreSheet) -> list[str]:
    return [row["rfm"] for row in sheet.rows().values()]


def test_the_typical_order_is_rounded_half_up_from_whole_units_however_large() -> None:
    small, large = (
        Orders(np.arange(2), np.full(2, epoch_day(TODAY)), np.array(values))
        for values in ([2, 3], [2**60, 2**60 + 2])
    )
    typical = [
        score_sheet(orders, TODAY, Programme(), "EUR", None).figures().typical_order for orders in (small, large)
    ]
    assert typical == [3, 2**60 + 1]


def test_a_merchants_thresholds_hold_at_once_and_leave_the_rest_to_the_store() -> None:
    by_fifths = rfm(sheet(Scoring()))
    recency = rfm(sheet(Scoring(recency=(365, 180, 90, 30))))
    assert [score[0] for score in recency] == ["5", "1", "2"]
    assert [score[1:] for score in recency] == [score[1:] for score in by_fifths]
    frequency = rfm(sheet(Scoring(frequency=(2, 3, 4, 5))))
    assert [score[1] for score in frequency] == ["1", "2", "2"]


@pytest.mark.parametrize(
    ("currency", "monetary", "scores"),
    [("EUR", (7, 30, 31, 910), "352"), ("JPY", (751, 3_000, 91_000, 91_001), "341"), ("KWD", (1, 3, 4, 91), "351")],
)
def test_thresholds_of_money_are_whole_units_of_the_stores_currency(
    currency: str, monetary: tuple[int, ...], scores: str
) -> None:
    scored = rfm(sheet(Scoring(monetary=monetary), currency=currency))
    assert "".join(score[2] for score in scored) == scores


def test_a_look_back_of_twelve_months_counts_what_a_tier_of_twelve_months_counts() -> None:
    rows = sheet(Scoring(), fitted(12)).rows().values()
    assert [row["monetary"] for row in rows] == [row["window_value"] for row in rows] == [3_000, 0, 50]
    assert [row["frequency"] for row in rows] == [1, 0, 1]
    assert [row["orders"] for row in rows] == [1, 2, 2]


def test_the_look_back_is_that_of_the_fit_until_there_is_one_by_the_new_rules() -> None:
    changed = Scoring(lookback_months=1)
    assert rfm(sheet(changed, fitted(12))) == rfm(sheet(Scoring(), fitted(12)))
    unscored = score_sheet(STORE, TODAY, Programme(scoring=changed), "EUR", None)
    assert unscored.histories.monetary.tolist() == [3_000, 0, 0]


def test_the_look_back_survives_in_a_stored_fit_and_an_older_one_looks_at_everything() -> None:
    stored = json.loads(json.dumps(fitted(6).to_json()))
    assert Fitted.from_json(stored) == replace(Fitted.from_json(stored), lookback_months=6)
    del stored["lookback_months"]
    assert Fitted.from_json(stored).lookback_months == 0
