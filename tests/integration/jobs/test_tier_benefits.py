"""What tiers bring: a coupon on reaching one, free shipping while it is held, beside every personal coupon."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import select

from connector.db.stores import Store
from connector.db.tables import entitlements
from connector.domain.programme.ladder import Benefits, Ladder, Tier
from connector.domain.programme.offers import Campaign, Discount, Trigger
from tests.integration.jobs.campaigning import granted, night, run_campaigns, tell
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

ANN = "ann@example.com"
SILVER = Tier("silver", 100, Benefits(coupon=Discount(amount=Decimal(15))))
GOLD = Tier("gold", 500, Benefits(free_shipping=True))


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    store = house.pair(shop)
    house.history_is_read(store)
    run_campaigns(house, store)
    house.decide(store, ladder=Ladder((Tier("member", 0), SILVER, GOLD)))
    return store


def test_a_tier_brings_its_coupon_once_and_takes_it_when_it_is_lost(
    house: House, shop: SampleShop, store: Store
) -> None:
    order = shop.place_order("150.00", email=ANN)
    tell(house, store, shop)
    (coupon,) = shop.coupons()
    assert (coupon["amount"], coupon["usage_limit"], coupon["individual_use"]) == ("15.00", 1, True)
    assert coupon["description"] == "15 % for reaching silver on 2026-11-22"
    refunded = shop.refund(order["id"], "60.00")
    tell(house, store, shop)
    assert (granted(house), shop.coupons()) == ([("tier:coupon", "withdrawn")], [])
    shop.delete_refund(order["id"], refunded["refunds"][0]["id"])
    tell(house, store, shop)
    assert [back["code"] for back in shop.coupons()] == [coupon["code"]]


def test_free_shipping_can_be_used_again_and_again_while_the_tier_is_held(
    house: House, shop: SampleShop, store: Store
) -> None:
    first = shop.place_order("600.00", email=ANN)
    tell(house, store, shop)
    free = next(coupon for coupon in shop.coupons() if coupon["free_shipping"])
    assert (free["amount"], free["discount_type"], free["usage_limit"]) == ("0.00", "fixed_cart", None)
    assert not free["individual_use"]
    for _ in range(2):
        shop.place_order("10.00", email=ANN, coupons=[free["code"]])
        tell(house, store, shop)
    assert ("tier:free_shipping", "granted") in granted(house)

    shop.cancel(first["id"])
    tell(house, store, shop)
    assert dict(granted(house)) == {"tier:free_shipping": "withdrawn"}
    assert shop.coupons() == []


def test_free_shipping_is_renewed_after_a_year_as_long_as_the_tier_is_held(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("600.00", email=ANN)
    tell(house, store, shop)
    house.clock.advance(days=300)
    shop.place_order("600.00", email=ANN)
    tell(house, store, shop)
    night(house, store, days=66)
    rows = house.rows(select(entitlements).where(entitlements.c.campaign == "tier:free_shipping"))
    assert [(row.occasion, row.state) for row in rows] == [("1", "expired"), ("2", "granted")]
    assert [coupon["code"] for coupon in shop.coupons() if coupon["free_shipping"]] == [rows[1].code]


def test_benefits_stand_beside_the_one_personal_coupon_and_ask_no_governor(
    house: House, shop: SampleShop, store: Store
) -> None:
    run_campaigns(house, store, Campaign("second_purchase", Trigger.SECOND_PURCHASE), hold_out_percent=Decimal(100))
    shop.place_order("150.00", email=ANN)
    tell(house, store, shop)
    assert granted(house) == [("tier:coupon", "granted")]

    run_campaigns(house, store, Campaign("second_purchase", Trigger.SECOND_PURCHASE), budget_per_year=15)
    shop.place_order("150.00", email="ben@example.com")
    tell(house, store, shop)
    # Neither is the benefit a live coupon that stands in the way, nor does it take from the budget.
    assert sorted(granted(house)) == [
        ("second_purchase", "granted"),
        ("tier:coupon", "granted"),
        ("tier:coupon", "granted"),
    ]
    assert {row.is_benefit for row in house.rows(select(entitlements)) if row.campaign == "tier:coupon"} == {True}


def test_a_tier_that_is_what_is_left_of_a_higher_one_brings_no_coupon(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("450.00", email=ANN)
    tell(house, store, shop)
    house.clock.advance(days=200)
    shop.place_order("120.00", email=ANN)
    tell(house, store, shop)
    night(house, store, days=200)
    campaigns = [campaign for campaign, _ in granted(house)]
    assert campaigns == ["tier:coupon", "tier:free_shipping"]
