"""My Account as the shopper sees it in the browser."""

from __future__ import annotations

import json
from collections.abc import Callable

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.world import World

Product = Callable[[str], int]


def test_the_shopper_sees_tier_points_and_coupon(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("vera@store.example")
    world.store.shopper("vera@store.example").log_in(PASSWORD).buy(product("1234.00"))
    meta = world.settled(customer, points="1234", tier="silver")
    with world.browsing.customer("vera@store.example", PASSWORD) as account:
        assert "Silver" in account.tier
        assert "1,234" in account.points
        assert account.coupons == json.loads(meta["regulars_coupons"])
        assert len(account.coupons) == 1
        world.browsing.picture(account.page, "my-account")


def test_a_guest_who_registers_sees_the_points_of_earlier_orders(world: World, product: Product) -> None:
    world.store.shopper("wanda@store.example").buy(product("321.00"))
    with world.browsing.new_customer("wanda@store.example", PASSWORD) as account:
        world.browsing.picture(account.page, "my-account-just-registered")
        (found,) = world.api.get("customers", email="wanda@store.example")
        world.settled(found["id"], points="321", tier="member")
        account.reload()
        assert "321" in account.points
        assert len(account.coupons) == 1


def test_another_customers_coupon_is_not_shown(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("xena@store.example")
    world.store.shopper("xena@store.example").log_in(PASSWORD).buy(product("10.00"))
    meta = world.settled(customer, points="10")
    with world.browsing.customer("xena@store.example", PASSWORD) as account:
        assert account.coupons == json.loads(meta["regulars_coupons"])
    assert all(
        coupon["email_restrictions"] == ["xena@store.example"] for coupon in world.coupons_of("xena@store.example")
    )


def test_a_customer_without_orders_sees_no_error(world: World, new_customer: NewCustomer) -> None:
    new_customer("yara@store.example")
    before = world.store.notices_of("regulars-for-woocommerce", "Regulars")
    with world.browsing.customer("yara@store.example", PASSWORD) as account:
        assert account.coupons == []
        assert account.page.locator(".woocommerce-error").count() == 0
    assert world.store.notices_of("regulars-for-woocommerce", "Regulars") == before
