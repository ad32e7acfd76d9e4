from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from connector.domain import trust
from connector.domain.accuracy import measure
from connector.domain.backtest import Trial
from connector.domain.clv import Fitting, fit
from connector.domain.dependence import Dependence
from connector.domain.needs import MODEL_NEEDS, shortfall
from connector.domain.season import Season
from connector.domain.terms import ValueTerms
from tests import cdnow

RANKED = "and 100% of the best tenth of customers were among the predicted tenth. "
CLOSE = "Totals of such periods can be relied on within about a tenth."
FAIR = "Trust the ranking of customers more than the totals."
ROUGH = "Trust the ranking of customers; take totals as a rough guide only."


@pytest.fixture(scope="module")
def fitting() -> Fitting:
    return fit(cdnow.calibration(), ValueTerms(), model="mbg-nbd")


def period(orders: float, *, revenue: float | None = None, worth: float = 10.0) -> Trial:
    """One in which 100 orders of 10 were predicted, or of as much as is said, and so many came."""
    share, paid = np.array([0.6, 0.4]), worth * orders if revenue is None else revenue
    accuracy = measure(100 * share, 100 * worth * share, orders * share, paid * share)
    return Trial("mbg-nbd", 0.0, 0, 91, -1.0, accuracy)


@pytest.mark.parametrize(
    ("came", "missed", "advice"),
    [
        ([100.2], "on the mark", CLOSE),
        ([96.0], "4% too high", CLOSE),
        ([100.0, 93.0], "up to 8% too high", CLOSE),
        ([115.0, 105.0], "5% to 13% too low", FAIR),
        ([110.0, 90.0], "9% too low to 11% too high", FAIR),
        ([5.0], "1,900% too high", ROUGH),
    ],
)
def test_the_owner_is_told_how_far_periods_of_the_past_were_missed(
    fitting: Fitting, came: list[float], missed: str, advice: str
) -> None:
    tested = "1 period" if len(came) == 1 else f"{len(came)} periods"
    assert trust.trust(fitting, [period(orders) for orders in came]) == (
        f"Tested on {tested} of 13 weeks of the store's own past, predicted orders were {missed}, "
        f"predicted revenue {missed}, {RANKED}{advice}"
    )


def test_periods_in_which_nobody_ordered_have_words_of_their_own(fitting: Fitting) -> None:
    mine = [period(0.0), period(96.0), period(0.0), period(98.0)]
    assert trust.trust(fitting, mine) == (
        "Tested on 4 periods of 13 weeks of the store's own past. In 2 of them nobody ordered again, though orders "
        "were predicted. In the others predicted orders were 2% to 4% too high, predicted revenue 2% to 4% too high, "
        f"{RANKED}{ROUGH}"
    )
    assert "In the other predicted" in trust.trust(fitting, mine[:2])
    assert trust.trust(fitting, [period(0.0)] * 3) == (
        "Tested on 3 periods of 13 weeks of the store's own past, in which nobody ordered again: trust neither the "
        "ranking nor the totals."
    )


def test_revenue_that_never_came_is_told(fitting: Fitting) -> None:
    unpaid = period(100.0, revenue=0.0)
    assert "predicted orders were on the mark, none of the predicted revenue came. " in trust.trust(fitting, [unpaid])
    some = trust.trust(fitting, [unpaid, period(100.0)])
    assert "predicted revenue on the mark where any came, and 100%" in some
    assert some.endswith(ROUGH)


def test_of_a_store_that_gives_everything_away_nothing_is_said_of_revenue(fitting: Fitting) -> None:
    sentence = trust.trust(fitting, [period(100.0, worth=0.0)])
    assert "revenue" not in sentence
    assert sentence.endswith(CLOSE)


def test_parameters_at_the_edge_are_told(fitting: Fitting) -> None:
    assert fitting.purchases is not None
    edge = replace(fitting, purchases=replace(fitting.purchases, at_boundary=("a",)))
    assert trust.trust(edge, [period(100.0)]) == (
        trust.trust(fitting, [period(100.0)]) + " Some parameters lie at the edge of what the data can tell."
    )


def test_a_model_that_could_not_be_tested_says_what_was_lacking() -> None:
    few = cdnow.calibration().take(slice(0, 85))
    assert trust.untested(91, shortfall(few, MODEL_NEEDS)) == (
        "The model could not be tested on the store's own past, because a test needs more than there was 91 days "
        "ago: 85 of 100 customers, 29 of 30 repeat customers. Trust the ranking of customers, not the totals."
    )
    assert trust.untested(91, shortfall(cdnow.calibration(), MODEL_NEEDS)) == (
        "The model could not be tested on the store's own past, because it could not be fitted to what there was 91 "
        "days ago. Trust the ranking of customers, not the totals."
    )


def test_the_owner_is_told_which_model_was_taken_and_why(fitting: Fitting) -> None:
    fitted, mine = fitting.fitted, [period(100.0)]
    assert trust.choice(fitted, 1, mine) == "The model mbg-nbd was asked for."
    assert trust.choice(fitted, 3, []) == "The model mbg-nbd was taken, because none of the 3 could be tested."
    assert trust.choice(fitted, 3, mine) == (
        "Of 3 models mbg-nbd was chosen: in 1 period of 13 weeks it had given what customers then did the highest "
        "probability."
    )
    assert trust.choice(replace(fitted, purchases=None), 3, mine) == ""


def test_a_season_and_what_spending_tells_are_whole_sentences_after_any_choice(fitting: Fitting) -> None:
    seasonal = replace(fitting.fitted, season=Season((1.0,) * 52, 0, 0.5), dependence=Dependence(-0.5, 10.0))
    for models, mine in ((1, [period(100.0)]), (3, [])):
        assert trust.choice(seasonal, models, mine) == trust.choice(fitting.fitted, models, mine) + (
            " The seasons of the last year are taken into account, because with them the store's own past was "
            "predicted better. Customers who spend twice as much per order were found to order 29% less often than "
            "their record alone says; this is taken into account."
        )
