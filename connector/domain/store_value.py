"""A store at a glance: its figures over a period, its cohorts, who brings the revenue, the time between orders."""

from __future__ import annotations

from typing import Any

from connector.domain.cohorts import cohorts
from connector.domain.distribution import concentration, days_between_orders
from connector.domain.figures import store_figures
from connector.domain.history import Orders


def store_value(orders: Orders, as_of_day: int, period_days: int) -> dict[str, Any]:
    """All of it as JSON as known at the end of `as_of_day`, money in minor units."""
    known = orders.known_on(as_of_day)
    gaps = days_between_orders(known, as_of_day)
    return {
        "figures": store_figures(known, as_of_day, period_days).to_json(),
        "cohorts": cohorts(known, as_of_day).to_json(),
        "concentration": concentration(known.histories(as_of_day).value_total),
        "days_between_orders": None if gaps is None else gaps.to_json(),
    }
