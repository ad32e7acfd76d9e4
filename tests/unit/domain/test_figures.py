from __future__ import annotations

import json
from decimal import Decimal

import numpy as np
import pytest

from connector.domain.figures import store_figures
from connector.domain.history import Orders

# Three customers in the first hundred days; one of them and a newcomer in the second hundred.
STORE = Orders(
    *np.array([(1, 10, 1000), (2, 20, 2000), (3, 30, 3000), (1, 110, 500), (1, 120, 700), (4, 130, 1800)]).T
)


def test_the_figures_of_a_period_follow_the_formulas() -> None:
    figures = store_figures(STORE, 200, period_days=100)
    assert (figures.orders, figures.customers, figures.net_value) == (3, 2, 3000)
    assert figures.average_order_value == 1000
    assert figures.purchase_frequency == Decimal("1.5")
    assert figures.revenue_per_customer == 1500
    assert figures.repeat_rate == Decimal("0.25")


def test_churn_is_of_those_active_in_the_period_before() -> None:
    figures = store_figures(STORE, 200, period_days=100)
    assert figures.churn_rate == Decimal(2) / Decimal(3)
    assert figures.retention_rate == 1 - Decimal(2) / Decimal(3)
    assert figures.lifespan == 1 / (Decimal(2) / Decimal(3))


def test_without_a_period_before_there_is_no_churn() -> None:
    figures = store_figures(STORE, 100, period_days=100)
    assert (figures.churn_rate, figures.retention_rate, figures.lifespan) == (None, None, None)


def test_a_store_without_orders_has_no_averages() -> None:
    figures = store_figures(STORE, 5, period_days=5)
    assert (figures.orders, figures.average_order_value, figures.repeat_rate) == (0, None, None)
    assert json.loads(json.dumps(figures.to_json()))["orders"] == 0


def test_figures_are_exact_in_json() -> None:
    stored = json.loads(json.dumps(store_figures(STORE, 200, period_days=100).to_json()))
    assert stored["purchase_frequency"] == "1.5"
    assert stored["net_value"] == 3000


def test_a_period_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="one day"):
        store_figures(STORE, 200, period_days=0)
