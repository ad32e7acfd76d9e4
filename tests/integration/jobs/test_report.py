"""Reports on whole stores, made by a job and kept with their moment."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Row, select

from connector.db import effects, reports, store_reports
from connector.db.session import reading
from connector.db.stores import Store
from connector.db.tables import store_reports as kept
from connector.domain.liability import Liability
from connector.domain.programme.scoring import Scoring
from tests.integration.jobs.house import House
from tests.integration.trial import Trial
from tests.sample_shop import SampleShop


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    store = house.pair(shop)
    for total in ("20.00", "30.00"):
        shop.place_order(total, email="ann@example.com")
    house.deliver(store, shop.plugin.sent)
    house.catch_up()
    return store


def made(house: House, store: Store, name: str) -> Row[Any]:
    house.want(store, "report", name)
    house.drain()
    with reading(house.engine) as connection:
        report = store_reports.of(connection, store.id, name, house.clock())
    assert report is not None
    return report


def test_the_figures_are_those_of_the_orders_on_the_day_they_were_made(house: House, store: Store) -> None:
    report = made(house, store, store_reports.value(365))
    assert report.as_of == house.clock()
    assert (report.content["currency"], report.content["figures"]["net_value"]) == ("USD", 5_000)
    assert report.content["figures"]["period_days"] == 365


def test_customers_are_counted_by_the_segment_they_came_from(house: House, shop: SampleShop, store: Store) -> None:
    def movements() -> Any:
        house.want(store, "score")
        house.catch_up()
        house.clock.advance(hours=1)
        return made(house, store, store_reports.value(365)).content["movements"]

    assert movements() == []
    best = Scoring(recency=(9, 8, 7, 6), frequency=(1, 2, 3, 4), monetary=(1, 2, 3, 4))
    house.decide(store, since=house.clock(), scoring=best)
    assert movements() == [{"from": "needs_attention", "to": "new", "customers": 1}]
    for order in shop.orders():
        shop.cancel(order["id"])
    house.deliver(store, shop.plugin.sent)
    house.catch_up()
    assert movements() == [{"from": "new", "to": None, "customers": 1}]


def test_points_outstanding_are_those_of_the_books(house: House, store: Store) -> None:
    report = made(house, store, store_reports.LIABILITY)
    with reading(house.engine) as connection:
        books = reports.points_outstanding(connection, store, report.as_of)
    assert Liability.from_json(report.content) == books
    assert books.outstanding == 50


# Two were given a coupon besides the buyer, and another was drawn to be offered one and never was.
@pytest.mark.parametrize(
    ("campaign", "horizon", "arms"),
    [(None, 30, [(4, 1, 2)]), ("welcome", 30, [(3, 1, 2)]), ("welcome", 10, [(3, 0, 2)]), ("welcome", 60, [])],
)
def test_an_effect_is_what_was_measured(
    house: House, store: Store, campaign: str | None, horizon: int, arms: list[tuple[int, int, int]]
) -> None:
    trial = Trial(house.engine, store, house.clock())
    trial.customer(held_out=False)
    buyer = trial.customer(held_out=False)
    trial.granted(buyer)
    trial.bought(buyer, 900, 20)
    report = made(house, store, store_reports.effect(campaign, horizon))
    found = report.content["findings"]
    assert [(one["treated_customers"], one["treated_buyers"], one["control_customers"]) for one in found] == arms
    with reading(house.engine) as connection:
        measured = effects.measure(connection, store, campaign, horizon, report.as_of)
    assert report.content == {
        "currency": "USD",
        "campaign": campaign,
        "horizon_days": horizon,
        "findings": [one.to_json() for one in measured],
        "campaigns": ["welcome"],
    }


def test_a_store_is_not_read_again_for_a_report_of_a_moment_ago(house: House, store: Store) -> None:
    first = made(house, store, store_reports.LIABILITY)
    house.clock.advance(minutes=59)
    assert made(house, store, store_reports.LIABILITY) == first
    house.clock.advance(minutes=1)
    assert made(house, store, store_reports.LIABILITY).as_of == house.clock()


def test_a_report_that_nobody_asks_for_is_forgotten_after_a_month(house: House, store: Store) -> None:
    made(house, store, store_reports.value(7))
    house.clock.advance(days=31)
    made(house, store, store_reports.value(365))
    assert [row.name for row in house.rows(select(kept.c.name))] == [store_reports.value(365)]
