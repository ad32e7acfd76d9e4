from __future__ import annotations

import numpy as np
import pytest

from connector.domain import bgnbd
from connector.domain.history import purchase_histories
from connector.domain.season import NO_SEASON, Season, observe, season


def two_speeds(anchor_day: int = 1000) -> Season:
    """Half of the year at one and a half the mean speed, then half of it at half."""
    return Season((1.5,) * 26 + (0.5,) * 26, anchor_day, 1.0)


def test_a_year_takes_a_year_whatever_the_season() -> None:
    clock = two_speeds()
    for start in (300, 1000, 1111, 5000):
        assert clock.time(start + 364) - clock.time(start) == pytest.approx(364)


def test_time_runs_as_fast_as_the_week_is_busy() -> None:
    clock = two_speeds()
    assert clock.at([637, 818, 819, 1000, 1001]).tolist() == [1.5, 1.5, 0.5, 0.5, 1.5]
    assert float(clock.ahead(1000, 10)) == pytest.approx(15)
    assert float(clock.ahead(1000 - 182, 10)) == pytest.approx(5)
    steps = np.diff(clock.time(np.arange(500, 1500)))
    assert steps == pytest.approx(clock.at(np.arange(501, 1500)))


def test_without_a_season_time_is_days() -> None:
    history = purchase_histories([1, 1, 2], [10, 40, 70], [5, 5, 5], 100)
    x, t_x, age = NO_SEASON.columns(history)
    assert (x.tolist(), t_x.tolist(), age.tolist()) == ([1, 0], [30.0, 0.0], [90.0, 30.0])
    assert NO_SEASON.ages(100, 3).tolist() == [0.0, 1.0, 2.0, 3.0]
    assert NO_SEASON.ahead(100, [30, 365]).tolist() == [30.0, 365.0]


def test_histories_in_the_stores_time_add_up_the_weeks_they_span() -> None:
    history = purchase_histories([1, 1, 2], [818, 828, 900], [5, 5, 5], 1000)
    x, t_x, age = two_speeds().columns(history)
    assert x.tolist() == [1, 0]
    assert t_x == pytest.approx([5.0, 0.0])
    assert age == pytest.approx([91.0, 50.0])


def test_a_season_survives_json_and_none_is_none() -> None:
    assert Season.from_json(two_speeds().to_json()) == two_speeds()
    assert NO_SEASON.to_json() is None
    assert Season.from_json(None) == NO_SEASON


def test_strength_shrinks_a_season_towards_none() -> None:
    busy = np.r_[np.full(26, 4.0), np.full(26, 1.0)]
    half, full, none = (season(busy, 1000, strength) for strength in (0.5, 1.0, 0.0))
    assert full.intensity[0] / full.intensity[-1] == pytest.approx(4.0)
    assert half.intensity[0] / half.intensity[-1] == pytest.approx(2.0)
    assert np.mean(half.intensity) == pytest.approx(1.0)
    assert none.intensity == (1.0,) * 52


def seasonal_store(customers: int = 4000) -> tuple[np.ndarray, np.ndarray]:
    """Customer and day of steady buyers over two years whose pace doubles in every last quarter."""
    random = np.random.default_rng(11)
    quarter = np.tile(np.repeat([0.75, 0.75, 0.75, 1.75], 91), 2)
    first = random.integers(0, 364, customers)
    rate = random.gamma(2.0, 0.01, customers)
    bought = random.random((customers, 728)) < rate[:, None] * quarter
    bought &= np.arange(728) > first[:, None]
    bought[np.arange(customers), first] = True
    customer, day = np.nonzero(bought)
    return customer, day


def test_a_busy_quarter_is_seen_though_new_customers_come_all_the_time() -> None:
    customer, day = seasonal_store()
    history = purchase_histories(customer, day, np.ones_like(day), 727)
    steady = bgnbd.fit(history.x, history.t_x, history.T, priors=True).model
    busy = observe(steady, (customer, day), 727)
    assert busy is not None
    assert busy[39:].mean() / busy[:39].mean() == pytest.approx(1.75 / 0.75, rel=0.1)


def test_before_a_year_has_passed_no_season_is_claimed() -> None:
    steady = bgnbd.BgNbd(0.3, 30.0, 0.8, 2.0)
    assert observe(steady, (np.array([0]), np.array([400])), 700) is None
    assert observe(steady, (np.array([], np.int64), np.array([], np.int64)), 700) is None
