"""What a merchant sets for scores and values, by night and for one customer alike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connector.db.stores import Store
from connector.db.tables import customers, score_runs, standings
from connector.domain.programme.scoring import Scoring
from connector.domain.standings import Fitted
from connector.domain.terms import YEAR_DAYS
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

THRESHOLDS = Scoring(recency=(365, 180, 90, 30), frequency=(2, 3, 5, 10), monetary=(50, 100, 250, 1_000))


@pytest.fixture
def scored(house: House, clock: Clock) -> Any:
    with SampleShop.filled(customers=40, clock=clock, allow_basic=True) as shop:
        store = house.pair(shop)
        house.backfill(store)
        house.catch_up()
        yield store


def save(house: House, store: Store, scoring: Scoring) -> None:
    house.decide(store, since=house.clock(), scoring=scoring)


def night(house: House, store: Store) -> dict[int, Any]:
    house.want(store, "score")
    house.catch_up()
    return held(house)


def refreshed(house: House, store: Store) -> dict[int, Any]:
    """The standings after an award of every customer by themselves."""
    for person in house.rows(select(customers).where(customers.c.wc_id.is_not(None))):
        house.want(store, "award", f"customer:{person.wc_id}")
    house.catch_up()
    return held(house)


def held(house: House) -> dict[int, Any]:
    columns = [column for column in standings.c if column.name not in ("scored_at", "revision")]
    return {row.customer_id: row for row in house.rows(select(*columns).order_by(standings.c.customer_id))}


@pytest.mark.parametrize("scoring", [THRESHOLDS, Scoring(24, 3), replace(THRESHOLDS, lookback_months=6)])
def test_who_is_refreshed_alone_keeps_what_the_night_found(house: House, scored: Store, scoring: Scoring) -> None:
    save(house, scored, scoring)
    found = night(house, scored)
    house.clock.advance(minutes=5)
    assert refreshed(house, scored) == found
    assert len({row.rfm for row in found.values()}) > 5


def test_thresholds_hold_for_who_is_refreshed_before_the_night(house: House, scored: Store) -> None:
    before = held(house)
    save(house, scored, THRESHOLDS)
    at_once = refreshed(house, scored)
    assert [row.rfm for row in at_once.values()] != [row.rfm for row in before.values()]
    for row in at_once.values():
        bought = sum(row.frequency >= bound for bound in (2, 3, 5, 10))
        spent = sum(row.monetary >= bound * 100 for bound in (50, 100, 250, 1_000))
        assert row.rfm[1:] == f"{1 + bought}{1 + spent}"
    assert [row.rfm for row in night(house, scored).values()] == [row.rfm for row in at_once.values()]


def test_a_look_back_counts_what_was_bought_in_it_from_the_next_scoring_on(house: House, scored: Store) -> None:
    everything = held(house)
    save(house, scored, Scoring(lookback_months=3))
    assert [row.monetary for row in refreshed(house, scored).values()] == [
        row.monetary for row in everything.values()
    ]
    recent = night(house, scored)
    silent = [customer for customer, row in recent.items() if row.recency_days >= 92]
    assert silent
    assert all((recent[customer].frequency, recent[customer].monetary) == (0, 0) for customer in silent)
    assert [row.clv for row in recent.values()] == [row.clv for row in everything.values()]


def test_a_horizon_decides_how_far_ahead_a_value_is_expected(house: House, scored: Store) -> None:
    year = held(house)
    save(house, scored, Scoring(horizon_months=6))
    half = night(house, scored)
    run = Fitted.from_json(house.rows(select(score_runs).order_by(score_runs.c.id.desc()))[0].fitted)
    assert run.value.terms.horizon_days == YEAR_DAYS / 2
    assert all(half[customer].clv < row.clv for customer, row in year.items() if row.clv)


def test_a_version_to_come_changes_nothing_before_it_begins(house: House, scored: Store) -> None:
    house.decide(scored, since=house.clock() + timedelta(days=30), scoring=THRESHOLDS)
    before = held(house)
    assert [row.rfm for row in night(house, scored).values()] == [row.rfm for row in before.values()]
