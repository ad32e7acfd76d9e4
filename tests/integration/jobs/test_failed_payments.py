"""A payment with a coupon made of points fails: it may be tried again, or given up."""

from __future__ import annotations

from typing import Any

import pytest

from connector.db.stores import Store
from connector.domain.redemption import Refused
from jobs.schedule import release_redemptions
from tests.integration.jobs.house import House
from tests.integration.jobs.redeeming import ask, left, now_of, redeem, redeeming_store, rich_customer, tell
from tests.sample_shop import SampleShop


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    return redeeming_store(house, shop)


@pytest.fixture
def ann(house: House, shop: SampleShop, store: Store) -> dict[str, Any]:
    return rich_customer(house, shop, store)


def test_a_payment_that_failed_and_is_tried_again_neither_doubles_nor_loses_the_points(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann, 2_000)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    for _ in range(2):
        shop.set_status(order["id"], "failed")
        tell(house, store, shop)
        assert (now_of(house, made), left(house, store)) == (("reserved", False), 0)
        # The cart that is tried again still finds its coupon, and the points buy no second one.
        assert shop.coupon(made.code) is not None
        assert isinstance(ask(house, store, ann, 2_000, "key-2"), Refused)
    shop.set_status(order["id"], "processing")
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 80)


def test_refunds_of_the_order_that_used_the_coupon_after_a_payment_failed_give_back_all_and_take_nothing_again(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code], status="failed")
    paid = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    for total, spent in (("72.00", 200), ("18.00", 0)):
        shop.refund(paid["id"], total)
        tell(house, store, shop)
        earned = 90 - 72 if spent else 0
        assert left(house, store) == 2_000 - spent + earned
    assert now_of(house, made) == ("released", False)
    assert shop.coupon(made.code) is None


def test_a_payment_that_failed_and_is_given_up_gives_the_points_back_when_the_coupon_has_ended(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code], status="failed")
    tell(house, store, shop)
    house.clock.advance(days=34)
    release_redemptions(house.context)
    house.catch_up()
    assert (now_of(house, made), left(house, store)) == (("released", False), 2_000)
    assert shop.coupon(made.code) is None
    shop.set_status(order["id"], "processing")
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 1_090)
