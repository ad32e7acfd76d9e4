"""Tiers kept, fallen from, given by hand and told to the store, from deliveries to the customer's meta."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

import pytest
from sqlalchemy import select

from connector.db import tier_overrides
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, standings
from connector.domain.orders import CountingRules
from connector.domain.programme import Tier
from connector.domain.programme.ladder import Ladder, TierBasis
from connector.domain.tiers import Override
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

ANN = "ann@example.com"


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    return house.pair(shop)


def night(house: House, store: Store) -> Any:
    house.want(store, "score")
    house.catch_up()
    (row,) = house.rows(select(standings))
    return row


def bought(shop: SampleShop, customer_id: int, day: str, total: str) -> int:
    """Buy at noon of a day; return the order's id."""
    noon = datetime.fromisoformat(day).replace(hour=12, tzinfo=UTC)
    order_id: int = shop.place_order(total, customer_id=customer_id, created_at=noon)["id"]
    return order_id


def test_the_first_backfill_judges_the_past(house: House, shop: SampleShop, store: Store) -> None:
    """Gold reached three years ago and kept for a year is not gold today; what was bought since is counted."""
    house.decide(store, ladder=Ladder(keep_months=12))
    ann = shop.register_customer(ANN)["id"]
    bought(shop, ann, "2023-03-10", "6000.00")
    bought(shop, ann, "2026-02-10", "1200.00")

    house.backfill(store)
    house.catch_up()
    (row,) = house.rows(select(standings))

    assert (row.tier, row.tier_since, row.tier_falls_on) == ("silver", date(2026, 2, 10), date(2027, 2, 11))


def test_the_store_is_told_how_far_it_is(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)["id"]
    bought(shop, ann, "2026-04-01", "4680.00")

    house.backfill(store)
    house.catch_up()

    assert json.loads(shop.meta(ann)["regulars_progress"]) == {
        "basis": "net_spend",
        "reach": {"tier": "gold", "amount": "320.00", "by": "2027-03-31"},
        "keep": {"tier": "silver", "amount": "1000.00", "by": "2027-03-31"},
    }


def test_a_tier_is_kept_through_its_grace_and_lost_the_night_it_ends(
    house: House, shop: SampleShop, store: Store
) -> None:
    house.decide(store, ladder=Ladder(grace_days=30))
    ann = shop.register_customer(ANN)["id"]
    bought(shop, ann, "2025-11-30", "1000.00")
    house.backfill(store)
    house.catch_up()

    house.clock.advance(days=37)
    kept = night(house, store)
    house.clock.advance(days=1)
    lost = night(house, store)

    assert (kept.tier, kept.window_value, kept.tier_falls_on) == ("silver", 0, date(2026, 12, 30))
    assert (lost.tier, lost.tier_since) == ("member", None)
    assert shop.meta(ann)["regulars_tier"] == "member"


def test_a_tier_given_by_hand_holds_while_it_lasts(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)["id"]
    bought(shop, ann, "2026-04-01", "10.00")
    house.backfill(store)
    house.catch_up()
    (person,) = house.rows(select(customers.c.id).where(customers.c.wc_id.is_not(None)))
    given = Override("gold", date(2026, 11, 22), date(2026, 11, 23))
    with transaction(house.engine) as connection:
        tier_overrides.give(connection, store.id, person.id, given, "A friend of the house", "owner")

    while_it_lasts = night(house, store)
    house.clock.advance(days=2)
    after = night(house, store)

    assert (while_it_lasts.tier, while_it_lasts.tier_since) == ("gold", date(2026, 11, 22))
    assert while_it_lasts.tier_falls_on == date(2026, 11, 24)
    assert after.tier == "member"


@pytest.mark.parametrize(("basis", "tier"), [(TierBasis.ORDERS, "b"), (TierBasis.POINTS, "c")])
def test_a_ladder_may_count_orders_or_points(
    house: House, shop: SampleShop, store: Store, basis: TierBasis, tier: str
) -> None:
    ladder = Ladder((Tier("a", 0), Tier("b", 2), Tier("c", 50)), basis)
    house.decide(store, ladder=ladder)
    ann = shop.register_customer(ANN)["id"]
    bought(shop, ann, "2026-04-01", "30.00")
    bought(shop, ann, "2026-05-01", "20.50")

    house.backfill(store)
    house.catch_up()
    (row,) = house.rows(select(standings))

    assert row.tier == tier
    assert row.window_value == 5_050


def test_an_order_refunded_in_full_leaves_no_trace_of_the_tier(house: House, shop: SampleShop, store: Store) -> None:
    house.decide(store, ladder=Ladder(keep_months=12, grace_days=30))
    ann = shop.register_customer(ANN)["id"]
    order = bought(shop, ann, "2026-04-01", "6000.00")
    bought(shop, ann, "2026-05-01", "10.00")
    house.backfill(store)
    house.catch_up()
    shop.plugin.sent.clear()

    shop.refund(order, "6000.00")
    house.deliver(store, shop.plugin.sent)
    house.catch_up()
    (row,) = house.rows(select(standings))

    assert (row.tier, row.tier_since) == ("member", None)


def test_standings_follow_when_the_programme_counts_other_orders(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer(ANN)["id"]
    bought(shop, ann, "2026-04-01", "1200.00")
    shop.set_status(bought(shop, ann, "2026-05-01", "3800.00"), "completed")
    house.backfill(store)
    house.catch_up()
    (before,) = house.rows(select(standings))

    house.decide(store, counting=CountingRules(frozenset({"completed"})))
    house.want(store, "recount", "version 2")
    house.catch_up()
    (after,) = house.rows(select(standings))

    assert (before.tier, before.orders, before.window_value) == ("gold", 2, 500_000)
    assert (after.tier, after.orders, after.window_value) == ("silver", 1, 380_000)
