"""Made-up stores: the same everywhere, and like stores."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import made_up
from benchmarks.made_up import AS_OF, DAYS, FIRST_DAY, OFTEN, SELDOM, Orders
from connector.domain.history import purchase_histories

CUSTOMERS = 20_000


@pytest.fixture(scope="module")
def seldom() -> Orders:
    return made_up.orders_of(CUSTOMERS, SELDOM, seed=1)


@pytest.fixture(scope="module")
def often() -> Orders:
    return made_up.orders_of(CUSTOMERS, OFTEN, seed=1)


def test_the_same_seed_makes_the_same_store(seldom: Orders) -> None:
    again = made_up.orders_of(CUSTOMERS, SELDOM, seed=1)

    assert all(np.array_equal(one, other) for one, other in zip(seldom, again, strict=True))


def test_another_seed_makes_another_store(seldom: Orders) -> None:
    other = made_up.orders_of(CUSTOMERS, SELDOM, seed=2)

    assert len(other.day) != len(seldom.day) or not np.array_equal(other.value, seldom.value)


def test_a_larger_store_is_more_blocks_of_different_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(made_up, "_BLOCK", 400)

    orders = made_up.orders_of(1_000, OFTEN, seed=1)

    counts = np.bincount(orders.customer)
    assert len(counts) == 1_000
    assert not np.array_equal(counts[:200], counts[400:600])


def test_every_customer_ordered_within_the_two_years(seldom: Orders) -> None:
    assert np.array_equal(np.unique(seldom.customer), np.arange(CUSTOMERS))
    assert seldom.day.min() >= FIRST_DAY
    assert seldom.day.max() <= FIRST_DAY + DAYS == AS_OF


def test_orders_come_in_order_of_the_day_and_are_worth_something(often: Orders) -> None:
    assert np.all(np.diff(often.day) >= 0)
    assert often.value.min() >= 1


def test_nobody_orders_twice_on_one_day(often: Orders) -> None:
    assert len(np.unique(often.customer * 100_000 + often.day)) == len(often.day)


def test_who_buys_seldom_mostly_buys_once_and_who_buys_often_five_times(seldom: Orders, often: Orders) -> None:
    once = np.mean(np.bincount(seldom.customer) == 1)

    assert 0.5 < once < 0.7
    assert 4.7 < len(often.day) / CUSTOMERS < 5.3


def test_what_is_spent_varies_more_between_people_than_within_one(often: Orders) -> None:
    mean = np.bincount(often.customer, often.value) / np.bincount(often.customer)
    regular = mean[np.bincount(often.customer) >= 5]

    assert 3_200 < often.value.mean() < 3_900
    assert np.std(np.log(regular)) > 0.3


def test_rows_are_exactly_as_many_as_asked_for_and_some_share_a_day() -> None:
    orders = made_up.rows(60_000, seed=2)
    histories = purchase_histories(*orders, AS_OF)

    assert len(orders.customer) == len(orders.day) == len(orders.value) == 60_000
    assert np.all(np.diff(orders.day) >= 0)
    assert histories.orders.sum() == 60_000
    assert 57_000 < np.sum(histories.x + 1) <= 58_200
