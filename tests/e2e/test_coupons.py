"""The personal coupon for the second purchase: one, for one person, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.world import World
from tests.real_store.api import StoreAnswerError
from tests.real_store.shopper import Shopper

Product = Callable[[str], int]


def test_the_coupon_in_woocommerce_is_personal_limited_and_says_why_it_exists(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    _, code = _bought_once(world, product, new_customer, "kai@store.example")
    (coupon,) = world.coupons_of("kai@store.example")
    assert {name: coupon[name] for name in ("code", "discount_type", "amount", "usage_limit", "individual_use")} == {
        "code": code,
        "discount_type": "percent",
        "amount": "10.00",
        "usage_limit": 1,
        "individual_use": True,
    }
    assert code == code.lower()
    expires = datetime.fromisoformat(coupon["date_expires_gmt"]).replace(tzinfo=UTC)
    assert timedelta(days=28) < expires - datetime.now(UTC) < timedelta(days=32)
    meta = {entry["key"]: entry["value"] for entry in coupon["meta_data"]}
    assert meta["regulars_campaign"] == "second_purchase"
    assert meta["regulars_entitlement"]


def test_its_owner_gets_the_discount_and_points_for_what_was_paid(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer, code = _bought_once(world, product, new_customer, "lena@store.example")
    answer = world.store.shopper("lena@store.example").log_in(PASSWORD).buy(product("55.00"), coupon=code)
    order = world.api.get(f"orders/{answer['order_id']}")
    assert Decimal(order["total"]) == Decimal("49.50")
    world.settled(customer, points="149", coupons="[]")
    assert [coupon["usage_count"] for coupon in world.coupons_of("lena@store.example")] == [1]


def test_somebody_else_is_refused(world: World, product: Product, new_customer: NewCustomer) -> None:
    _, code = _bought_once(world, product, new_customer, "mona@store.example")
    stranger = world.store.shopper("stranger@store.example")
    stranger.fill_cart(product("55.00"))
    with pytest.raises(StoreAnswerError) as refusal:
        _use(stranger, code)
    assert refusal.value.status in {400, 409}
    assert [coupon["usage_count"] for coupon in world.coupons_of("mona@store.example")] == [0]


def test_a_second_order_without_the_coupon_ends_the_offer(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer, _ = _bought_once(world, product, new_customer, "olga@store.example")
    world.store.shopper("olga@store.example").log_in(PASSWORD).buy(product("55.00"))
    world.settled(customer, points="155", coupons="[]")
    world.no_coupon_left("olga@store.example")


def test_a_guest_uses_the_coupon_with_the_same_email(world: World, product: Product) -> None:
    world.store.shopper("hugo@store.example").buy(product("100.00"))
    code = world.coupon_code_for("hugo@store.example")
    answer = world.store.shopper("hugo@store.example").buy(product("55.00"), coupon=code)
    assert Decimal(world.api.get(f"orders/{answer['order_id']}")["total"]) == Decimal("49.50")


def _use(shopper: Shopper, code: str) -> None:
    """Where the refusal comes, at the cart or at the checkout, is WooCommerce's business."""
    shopper.apply_coupon(code)
    shopper.check_out()


def _bought_once(world: World, product: Product, new_customer: NewCustomer, email: str) -> tuple[int, str]:
    """A customer who has bought for 100, and the code written back to them."""
    customer = new_customer(email)
    world.store.shopper(email).log_in(PASSWORD).buy(product("100.00"))
    world.settled(customer, points="100")
    return customer, world.code_of(customer)
