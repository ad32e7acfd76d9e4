"""Complaints about history, guests, tiers, and what time does to points."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.db import bulk_adjustments
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import lots
from connector.domain.programme import Programme
from connector.domain.programme.ladder import Ladder, Tier, TierBasis
from connector.domain.programme.points import ExpiryBasis, ExpiryRules
from jobs.schedule import settle_stores
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, snapshot
from tests.integration.scenarios.telling import ANN, change_programme, points_of, tell, tier_of
from tests.sample_shop import SampleShop


@pytest.fixture
def old_shop(clock: Clock) -> Iterator[SampleShop]:
    """A shop with years of history before anybody connects it."""
    with SampleShop.filled(customers=240, clock=clock, allow_basic=True) as shop:
        yield shop


def expiring_after(months: int) -> ExpiryRules:
    return ExpiryRules(basis=ExpiryBasis.EARNED, months=months, warn_days=30)


def test_a_backfill_takes_weeks_loops_or_takes_a_small_shop_down(
    house: House, old_shop: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.shop.paging.PER_PAGE", 50)
    store = house.pair(old_shop)
    house.backfill(store)
    house.catch_up()
    pages = -(-len(old_shop.orders()) // 50), -(-len(old_shop.customers()) // 50)
    asked = old_shop.requests["GET /wc/v3/orders"], old_shop.requests["GET /wc/v3/customers"]
    # Every page once, and once more to see that there is no next: 120,000 orders are 1,200 requests of a hundred.
    assert all(page <= made <= page + 1 for page, made in zip(pages, asked, strict=True))
    assert house.done.count("backfill") == 1
    assert house.owed() == []
    assert snapshot(house.engine, store)["balances"] == fresh_balances(old_shop)


def test_points_and_tiers_are_not_retroactive(house: House, shop: SampleShop) -> None:
    ann = shop.register_customer(ANN)
    for months in (2, 4, 30):
        placed = house.clock() - timedelta(days=30 * months)
        shop.place_order("600.00", customer_id=ann["id"], created_at=placed)
    store = house.pair(shop)
    house.backfill(store)
    house.catch_up()
    meta = shop.meta(ann["id"])
    # Points for all of it; the tier for what was spent within its twelve months.
    assert (meta["regulars_points"], meta["regulars_tier"]) == ("1800", "silver")


def test_guests_earn_nothing(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("70.00", email="Ann@Example.com ")
    tell(house, store, shop)
    assert points_of(house, store) == 70
    ann = shop.register_customer(ANN)
    tell(house, store, shop)
    assert points_of(house, store) == 70
    assert shop.meta(ann["id"])["regulars_points"] == "70"


def test_the_basis_of_tiers_is_frozen_after_launch(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)
    for _ in range(3):
        shop.place_order("10.00", customer_id=ann["id"])
    tell(house, store, shop)
    assert tier_of(house, store, ann["id"]) == "member"

    def by_orders(programme: Programme) -> Programme:
        ladder = Ladder(tiers=(Tier("member", 0), Tier("regular", 3)), basis=TierBasis.ORDERS)
        return replace(programme, ladder=ladder)

    change_programme(house, store, by_orders)
    house.want(store, "score")
    house.catch_up()
    assert tier_of(house, store, ann["id"]) == "regular"
    assert shop.meta(ann["id"])["regulars_tier"] == "regular"


def test_there_is_no_warning_before_points_expire(house: House, shop: SampleShop, store: Store) -> None:
    change_programme(house, store, lambda programme: replace(programme, expiry=expiring_after(12)))
    ann = shop.register_customer(ANN)
    shop.place_order("70.00", customer_id=ann["id"])
    tell(house, store, shop)
    shop.place_order("30.00", customer_id=ann["id"], created_at=house.clock() + timedelta(days=40))
    tell(house, store, shop)
    warning = json.loads(shop.meta(ann["id"])["regulars_expiring"])
    assert warning == {"points": 70, "last_day": "2027-11-22"}
    # On the last day they are still there; the next day they are gone, and the next to go are named.
    house.clock.advance(days=365)
    settle_stores(house.context)
    house.catch_up()
    assert points_of(house, store) == 100
    house.clock.advance(days=1)
    settle_stores(house.context)
    house.catch_up()
    assert points_of(house, store) == 30
    meta = shop.meta(ann["id"])
    assert (meta["regulars_points"], json.loads(meta["regulars_expiring"])["points"]) == ("30", 30)


def test_there_is_no_warning_before_a_downgrade(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)
    placed = house.clock() - timedelta(days=340)
    shop.place_order("1200.00", customer_id=ann["id"], created_at=placed)
    shop.place_order("300.00", customer_id=ann["id"])
    tell(house, store, shop)
    meta = shop.meta(ann["id"])
    progress = json.loads(meta["regulars_progress"])
    assert meta["regulars_tier"] == "silver"
    assert progress["keep"] == {"tier": "silver", "amount": "700.00", "by": "2026-12-16"}
    # They may still do it; who does not, falls on the day that was named, and not before.
    house.clock.advance(days=24)
    house.want(store, "score")
    house.catch_up()
    assert tier_of(house, store, ann["id"]) == "silver"
    house.clock.advance(days=1)
    house.want(store, "score")
    house.catch_up()
    assert tier_of(house, store, ann["id"]) == "member"


def test_an_import_resets_expiry_dates(house: House, shop: SampleShop, store: Store) -> None:
    change_programme(house, store, lambda programme: replace(programme, expiry=expiring_after(12)))
    ann = shop.register_customer(ANN)
    for days in (300, 20):
        placed = house.clock() - timedelta(days=days)
        shop.place_order("70.00", customer_id=ann["id"], created_at=placed)
    tell(house, store, shop)
    expiry = select(lots.c.source, lots.c.expires_at).where(lots.c.source.like("order:%")).order_by(lots.c.source)
    before = house.rows(expiry)
    assert len({row.expires_at for row in before}) == 2
    house.clock.advance(days=40)
    # The history is read once more, an order is told once more, and points are imported from a file.
    house.backfill(store)
    house.catch_up()
    shop.plugin.deliver_order(shop.orders()[0]["id"])
    tell(house, store, shop)
    with transaction(house.engine) as connection:
        text = f"customer,points,reason\n{ANN},50,from the old programme\n"
        plan = bulk_adjustments.apply(connection, store, text, "", "the owner", house.clock())
    assert (plan.done, plan.mistakes) == (True, ())
    assert points_of(house, store) == 190
    assert house.rows(expiry) == before
    # Each ends on its own day.
    for days, left in ((26, 120), (280, 50), (86, 0)):
        house.clock.advance(days=days)
        settle_stores(house.context)
        house.catch_up()
        assert points_of(house, store) == left
