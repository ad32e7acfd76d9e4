"""Stores made up to break a value engine: every shape of trade, from 25 customers to 5,000."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from connector.domain.arrays import Ints
from connector.domain.history import Orders

START = 20_000
SIZES = (25, 60, 150, 400, 1_200, 5_000)

Rows = tuple[Ints, Ints, Ints]
Shape = Callable[[np.random.Generator, int], Rows]


def _steady(random: np.random.Generator, customers: int, days: int = 400, pace: float = 0.01) -> tuple[Ints, Ints]:
    """Customer and day: rates differ by customer, some leave, newcomers arrive all the time."""
    first = random.integers(0, days, customers)
    rate, stays = random.gamma(0.7, pace / 0.7, customers), random.exponential(150, customers)
    count = random.poisson(rate * np.minimum(stays, days - first))
    owner = np.repeat(np.arange(customers), count)
    later = first[owner] + random.random(owner.size) * np.minimum(stays, days - first)[owner]
    return np.r_[np.arange(customers), owner], np.r_[first, later.astype(np.int64)]


def _spent(random: np.random.Generator, owner: Ints, typical: float = 3_000.0) -> Ints:
    taste = random.gamma(3.0, 1 / 3.0, int(owner.max()) + 1)
    return np.maximum(np.rint(typical * taste[owner] * random.gamma(6.0, 1 / 6.0, owner.size)), 1).astype(np.int64)


def ordinary(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers)
    return owner, day, _spent(random, owner)


def no_repeaters(random: np.random.Generator, customers: int) -> Rows:
    owner = np.arange(customers)
    return owner, random.integers(0, 400, customers), _spent(random, owner)


def all_repeaters(random: np.random.Generator, customers: int) -> Rows:
    owner = np.repeat(np.arange(customers), 12)
    return owner, np.tile(np.arange(12) * 30, customers) + random.integers(0, 20, owner.size), _spent(random, owner)


def one_giant_buyer(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers)
    owner, day = np.r_[owner, np.zeros(400, np.int64)], np.r_[day, np.arange(400)]
    value = _spent(random, owner)
    value[owner == 0] *= 1_000
    return owner, day, value


def all_on_one_day(random: np.random.Generator, customers: int) -> Rows:
    owner = np.arange(customers)
    return owner, np.full(customers, 200), _spent(random, owner)


def one_flash_sale_and_a_few_returns(random: np.random.Generator, customers: int) -> Rows:
    owner, day = np.arange(customers), np.full(customers, 100)
    back = random.choice(customers, max(2, customers // 50), replace=False)
    owner, day = np.r_[owner, back], np.r_[day, 100 + random.integers(1, 250, back.size)]
    return owner, day, _spent(random, owner)


def constant_spend(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers)
    return owner, day, np.full(owner.size, 1_999)


def heavy_tails(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers, pace=0.02)
    return owner, day, np.rint(500 * (1 + random.pareto(0.8, owner.size))).clip(1, 10**10).astype(np.int64)


def tiny_amounts(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers)
    return owner, day, random.integers(0, 3, owner.size)


def huge_amounts(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers)
    return owner, day, _spent(random, owner, typical=1e11)


def mostly_free(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers)
    return owner, day, _spent(random, owner) * (random.random(owner.size) < 0.05)


def daily_coffee(random: np.random.Generator, customers: int) -> Rows:
    owner = np.repeat(np.arange(customers), 60)
    return owner, 340 + np.tile(np.arange(60), customers), _spent(random, owner, typical=350)


def yearly_gift(random: np.random.Generator, customers: int) -> Rows:
    owner = np.repeat(np.arange(customers), 3)
    day = np.tile([0, 365, 730], customers) + random.integers(-12, 12, owner.size) + 20
    kept = random.random(owner.size) < 0.6
    kept[::3] = True
    return owner[kept], day[kept], _spent(random, owner)[kept]


def all_left_long_ago(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers, days=60, pace=0.05)
    return np.r_[owner, customers], np.r_[day, 900], _spent(random, np.r_[owner, customers])


def two_kinds_of_customer(random: np.random.Generator, customers: int) -> Rows:
    weekly = np.repeat(np.arange(max(1, customers // 20)), 50)
    once = np.arange(customers)
    owner = np.r_[once, weekly]
    day = np.r_[random.integers(0, 30, customers), 30 + np.tile(np.arange(50) * 7, len(weekly) // 50)]
    return owner, day, _spent(random, owner)


def returns_within_days(random: np.random.Generator, customers: int) -> Rows:
    owner = np.repeat(np.arange(customers), 2)
    first = random.integers(0, 390, customers)
    return owner, np.stack([first, first + 1], axis=1).ravel(), _spent(random, owner)


def ever_growing(random: np.random.Generator, customers: int) -> Rows:
    first = np.sort((400 * np.sqrt(random.random(customers))).astype(np.int64))
    back = random.choice(customers, customers // 3, replace=False)
    owner = np.r_[np.arange(customers), back]
    day = np.r_[first, np.minimum(first[back] + random.integers(1, 90, back.size), 400)]
    return owner, day, _spent(random, owner)


def ten_years(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers, days=3_650, pace=0.05)
    return owner, day, _spent(random, owner)


def brand_new(random: np.random.Generator, customers: int) -> Rows:
    owner, day = _steady(random, customers, days=14, pace=0.05)
    return owner, day, _spent(random, owner)


def wholesale(random: np.random.Generator, customers: int) -> Rows:
    owner = np.repeat(np.arange(customers), 5)
    return owner, np.tile(np.arange(5) * 91, customers), np.full(owner.size, 2_500_000)


SHAPES: tuple[Shape, ...] = (
    ordinary,
    no_repeaters,
    all_repeaters,
    one_giant_buyer,
    all_on_one_day,
    one_flash_sale_and_a_few_returns,
    constant_spend,
    heavy_tails,
    tiny_amounts,
    huge_amounts,
    mostly_free,
    daily_coffee,
    yearly_gift,
    all_left_long_ago,
    two_kinds_of_customer,
    returns_within_days,
    ever_growing,
    ten_years,
    brand_new,
    wholesale,
)


def store(shape: Shape, customers: int) -> tuple[Orders, int]:
    """The store's orders and the day after its last one; the same every time."""
    random = np.random.default_rng([SHAPES.index(shape), customers])
    customer, day, value = shape(random, customers)
    orders = Orders(customer.astype(np.int64), START + day.astype(np.int64), value.astype(np.int64))
    return orders, int(orders.day.max()) + 1


def stores() -> Iterator[tuple[Shape, int]]:
    """Every shape in every size."""
    for shape in SHAPES:
        for customers in SIZES:
            yield shape, customers
