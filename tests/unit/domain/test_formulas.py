from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest

from connector.domain import formulas
from connector.domain.history import purchase_histories


def test_the_worked_example_everyone_knows() -> None:
    assert formulas.formula_clv(Decimal(800), Decimal(4), Decimal(3)) == 9600
    assert formulas.formula_clv(Decimal(800), Decimal(4), Decimal(3), acquisition_cost=Decimal(500)) == 9100


def test_the_formula_takes_a_margin_and_may_end_below_zero() -> None:
    assert formulas.formula_clv(Decimal(800), Decimal(4), Decimal(3), margin=Decimal("0.25")) == 2400
    assert formulas.formula_clv(Decimal(10), Decimal(1), Decimal(1), acquisition_cost=Decimal(50)) == -40


def test_the_averages_of_the_trade() -> None:
    assert formulas.average_order_value(Decimal("1250.50"), 5) == Decimal("250.10")
    assert formulas.purchase_frequency(30, 12) == Decimal("2.5")
    assert formulas.repeat_rate(946, 2357) == Decimal(946) / Decimal(2357)
    assert formulas.revenue_per_customer(Decimal(600), 12) == 50
    assert formulas.historic_clv(Decimal("199.90"), Decimal("0.4")) == Decimal("79.960")


def test_churn_and_retention_are_two_sides_of_one_period() -> None:
    assert formulas.churn_rate(200, 150) == Decimal("0.25")
    assert formulas.retention_rate(200, 150) == Decimal("0.75")
    assert formulas.lifespan(Decimal("0.25")) == 4


def test_arpu_times_margin_over_churn() -> None:
    assert formulas.churn_clv(Decimal(100), Decimal("0.5"), Decimal("0.2")) == 250


def test_the_discounted_formula_is_the_sum_it_stands_for() -> None:
    closed = formulas.discounted_clv(Decimal(100), Decimal("0.5"), Decimal("0.8"), Decimal("0.1"))
    summed = sum(50 * 0.8**period / 1.1**period for period in range(1, 400))
    assert float(closed or 0) == pytest.approx(summed, rel=1e-12)


def test_an_annuity_over_the_mean_lifespan_would_overstate_it() -> None:
    closed = float(formulas.discounted_clv(Decimal(100), Decimal(1), Decimal("0.8"), Decimal("0.1")) or 0)
    annuity = 100 * (1 - 1.1 ** -float(formulas.lifespan(Decimal("0.2")) or 0)) / 0.1
    assert 1.1 < annuity / closed < 1.5


def test_a_quotient_by_nothing_is_no_number() -> None:
    assert formulas.average_order_value(Decimal(0), 0) is None
    assert formulas.purchase_frequency(3, 0) is None
    assert formulas.repeat_rate(0, 0) is None
    assert formulas.churn_rate(0, 0) is None
    assert formulas.retention_rate(0, 0) is None
    assert formulas.lifespan(Decimal(0)) is None
    assert formulas.churn_clv(Decimal(100), Decimal(1), Decimal(0)) is None
    assert formulas.discounted_clv(Decimal(100), Decimal(1), Decimal(1), Decimal(0)) is None


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        formulas.formula_clv(Decimal(-1), Decimal(1), Decimal(1))
    with pytest.raises(ValueError, match="negative"):
        formulas.average_order_value(Decimal(-1), 3)
    with pytest.raises(ValueError, match="stayed"):
        formulas.churn_rate(10, 11)
    with pytest.raises(ValueError, match="at most 1"):
        formulas.discounted_clv(Decimal(1), Decimal(1), Decimal("1.1"), Decimal("0.1"))


def test_the_naive_formula_counts_a_newcomers_order_over_four_weeks_at_least() -> None:
    history = purchase_histories([1, 1, 2], [10, 60, 109], [4000, 2000, 2800], 110)
    assert formulas.naive_daily_rate(history).tolist() == [2 / 100, 1 / 28]
    assert formulas.naive_clv(history, 100, 0.5).tolist() == pytest.approx([3000.0, 5000.0])


def test_the_naive_formula_is_never_negative() -> None:
    history = purchase_histories([1], [10], [-500], 110)
    assert formulas.naive_clv(history, 365, 1.0).tolist() == [0.0]
    assert np.isfinite(formulas.naive_daily_rate(history)).all()
