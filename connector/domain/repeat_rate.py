"""Repeat rate × average order value: what is said of a store too young for a model of its customers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from connector.domain.arrays import Floats
from connector.domain.history import Histories

_VALUE_WEIGHT = 2.0  # the store's average counts as two purchases of each customer


@dataclass(frozen=True, slots=True)
class RepeatRate:
    """A store's repeat purchases per customer and day, and its net value per purchase in minor units.

    `strength_days` is how many days of the store's average each customer's own record is mixed with.
    """

    rate: float
    strength_days: float
    average_value: float

    def to_json(self) -> dict[str, Any]:
        return {"rate": self.rate, "strength_days": self.strength_days, "average_value": self.average_value}

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> RepeatRate:
        return cls(*(float(stored[name]) for name in ("rate", "strength_days", "average_value")))


def fit(histories: Histories) -> RepeatRate:
    """The store's averages; zero where nothing has been observed. The strength is the customers' mean age."""
    days = float(np.sum(histories.T))
    purchases = float(np.sum(histories.x + 1))
    return RepeatRate(
        rate=float(np.sum(histories.x)) / days if days else 0.0,
        strength_days=days / len(histories) if days else 1.0,
        average_value=max(float(np.sum(histories.value_total)), 0.0) / purchases if purchases else 0.0,
    )


def daily_rate(store: RepeatRate, histories: Histories) -> Floats:
    """Expected orders a day of each customer: their own count and age, mixed with the store's average."""
    rate: Floats = (histories.x + store.rate * store.strength_days) / (histories.T + store.strength_days)
    return rate


def p_order_within(store: RepeatRate, horizon_days: float, histories: Histories) -> Floats:
    """Probability, in [0, 1], of an order within `horizon_days` at a rate known only from so short a record."""
    shape = histories.x + store.rate * store.strength_days
    probability: Floats = -np.expm1(-shape * np.log1p(horizon_days / (histories.T + store.strength_days)))
    return probability


def expected_value(store: RepeatRate, histories: Histories) -> Floats:
    """Expected net value per purchase in minor units, never negative: the customer's mean drawn to the store's."""
    purchases = histories.x + 1
    total = np.maximum(histories.value_total, 0)
    value: Floats = (total + _VALUE_WEIGHT * store.average_value) / (purchases + _VALUE_WEIGHT)
    return value
