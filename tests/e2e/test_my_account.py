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
    world.settled(customer, points="1234", tier="silver")
    code = world.code_of(customer)
    with world.browsing.customer("vera@store.example", PASSWORD) as account:
        account.open_rewards()
        assert account.tier == "Silver"
        assert account.points == "1,234"
        assert account.progress[-1].startswith("Spend $3,766.00 more")
        assert account.progress[-1].endswith("to reach Gold.")
        assert account.coupons == [code]
        world.browsing.picture(account.page, "my-account")


def test_the_shopper_sees_what_is_pending_and_what_expires_next(world: World, new_customer: NewCustomer) -> None:
    customer = new_customer("enid@store.example")
    written = {
        "regulars_points": "120",
        "regulars_pending": "40",
        "regulars_expiring": '{"points": 100, "last_day": "2027-03-31"}',
    }
    meta = [{"key": key, "value": value} for key, value in written.items()]
    world.api.put(f"customers/{customer}", {"meta_data": meta})
    with world.browsing.customer("enid@store.example", PASSWORD) as account:
        account.open_rewards()
        shown = account.page.inner_text(".regulars-summary")
        assert "and 40 pending" in shown
        assert account.page.get_attribute(".regulars-expiring", "data-points") == "100"
        assert "last day: March 31, 2027" in shown
        assert account.page.locator(".regulars-redeem").count() == 0
        world.browsing.picture(account.page, "my-account-expiring")


def test_the_shopper_reads_what_each_coupon_gives_and_how_often(world: World, new_customer: NewCustomer) -> None:
    customer = new_customer("ulla@store.example")
    benefit = {"free_shipping": True, "minimum_amount": "40.00", "usage_limit": None}
    coupons = {
        "ulla-ships": {"amount": "0.00", "free_shipping": True},
        "ulla-both": {"amount": "7.50", "free_shipping": True},
        "ulla-share": {"discount_type": "percent", "amount": "12.50"},
        "ulla-tier": {"discount_type": "percent", "amount": "10.00", **benefit},
        "ulla-thrice": {"amount": "5.00", "usage_limit": 3},
    }
    for code, terms in coupons.items():
        world.api.post("coupons", {"code": code, "discount_type": "fixed_cart", "usage_limit": 1, **terms})
    meta = {"key": "regulars_coupons", "value": json.dumps(list(coupons))}
    world.api.put(f"customers/{customer}", {"meta_data": [meta]})
    with world.browsing.customer("ulla@store.example", PASSWORD) as account:
        account.open_rewards()
        world.browsing.picture(account.page, "my-account-coupons")
        shown = [what.splitlines() for what in account.page.locator(".regulars-coupon__what").all_inner_texts()]
    assert shown == [
        ["Free shipping", "Can be used once", "No expiry date"],
        ["$7.50 off and free shipping", "Can be used once", "No expiry date"],
        ["12.5% off", "Can be used once", "No expiry date"],
        [
            "10% off and free shipping on orders of $40.00 or more",
            "Can be used as often as you like",
            "No expiry date",
        ],
        ["$5.00 off", "Uses left: 3", "No expiry date"],
    ]


def test_a_guest_who_registers_sees_the_points_of_earlier_orders(world: World, product: Product) -> None:
    world.store.shopper("wanda@store.example").buy(product("321.00"))
    with world.browsing.new_customer("wanda@store.example", PASSWORD) as account:
        world.browsing.picture(account.page, "my-account-just-registered")
        (found,) = world.api.get("customers", email="wanda@store.example")
        world.settled(found["id"], points="321", tier="member")
        code = world.code_of(found["id"])
        account.open_rewards()
        assert (account.tier, account.points, account.coupons) == ("Member", "321", [code])


def test_a_customer_without_orders_sees_no_error(world: World, new_customer: NewCustomer) -> None:
    new_customer("yara@store.example")
    before = world.store.notices_of("regulars-for-woocommerce", "Regulars")
    with world.browsing.customer("yara@store.example", PASSWORD) as account:
        account.open_rewards()
        assert (account.tier, account.points, account.coupons) == ("Member", "0", [])
        assert account.page.locator(".woocommerce-error").count() == 0
    assert world.store.notices_of("regulars-for-woocommerce", "Regulars") == before
