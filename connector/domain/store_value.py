"""A store at a glance: its figures over a period, its cohorts, who brings the revenue, the time between orders."""

from __future__ import annotations

from typing import Any

import numpy as np

from connector.domain.cohorts import cohorts
from connector.domain.distribution import concentration, days_between_orders
from connector.domain.figures import store_figures
from connector.domain.history import Orders


def store_value(orders: Orders, as_of_day: int, period_days: int) -> dict[str, Any]:
    """All of it as JSON as known at the end of `as_of_day`, money in minor units."""
    known = orders.known_on(as_of_day)
    _, owner = np.unique(known.customer, return_inverse=True)
    gaps = days_between_orders(orders, as_of_day)
    return {
        "figures": store_figures(orders, as_of_day, period_days).to_json(),
        "cohorts": cohorts(orders, as_of_day).to_json(),
        "concentration": concentration(np.bincount(owner, known.value)) if owner.size else None,
        "days_between_orders": None if gaps is None else gaps.to_json(),
    }
