from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain import repeat_rate
from connector.domain.history import Histories, purchase_histories
from connector.domain.repeat_rate import RepeatRate


def two_customers() -> Histories:
    """One came back once in 40 days, one bought once 20 days ago."""
    return purchase_histories([1, 1, 2], [0, 30, 20], [3000, 1000, 2000], 40)


def test_the_store_averages_over_all_its_customers() -> None:
    store = repeat_rate.fit(two_customers())
    assert (store.rate, store.strength_days, store.average_value) == (1 / 60, 30.0, 2000.0)


def test_each_customer_is_mixed_with_the_store() -> None:
    store, history = repeat_rate.fit(two_customers()), two_customers()
    assert repeat_rate.daily_rate(store, history) == pytest.approx([1.5 / 70, 0.5 / 50])
    assert repeat_rate.expected_value(store, history) == pytest.approx([2000.0, 2000.0])


def test_an_order_becomes_likelier_the_longer_one_waits() -> None:
    store, history = repeat_rate.fit(two_customers()), two_customers()
    soon, later = (repeat_rate.p_order_within(store, days, history) for days in (30, 365))
    assert ((soon > 0) & (soon < later) & (later < 1)).all()


def test_a_store_of_one_day_knows_no_rate() -> None:
    history = purchase_histories([1, 2], [40, 40], [500, 700], 40)
    store = repeat_rate.fit(history)
    assert store.rate == 0.0
    assert repeat_rate.daily_rate(store, history).tolist() == [0.0, 0.0]
    assert np.isfinite(repeat_rate.p_order_within(store, 30, history)).all()


def test_averages_survive_json() -> None:
    store = repeat_rate.fit(two_customers())
    assert RepeatRate.from_json(json.loads(json.dumps(store.to_json()))) == store
