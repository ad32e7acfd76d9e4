"""Complaints about other plugins that only a real store can answer. The rest: `tests/integration/scenarios`."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from tests.e2e import seeds
from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.redeeming import RedeemForm
from tests.e2e.world import World
from tests.real_store.api import StoreAnswerError

Product = Callable[[str], int]

_EXPORT = """
require_once ABSPATH . 'wp-admin/includes/admin.php';
$tools = apply_filters( 'wp_privacy_personal_data_' . $args['what'], array() );
return call_user_func( $tools['regulars']['callback'], $args['email'], 1 );
"""


def test_historic_orders_are_invisible_in_order_tables(world: World) -> None:
    # The world's orders lie in their own tables (HPOS), or as posts: what was sold before connecting counts in both.
    expected = {seed.name: (seed.points, seed.tier) for seed in seeds.SEEDS}
    found = {name: (meta["regulars_points"], meta["regulars_tier"]) for name, meta in world.first_sync.items()}
    assert found == expected


def test_redeeming_is_broken_in_the_block_checkout(world: World, product: Product, new_customer: NewCustomer) -> None:
    customer = new_customer("bloc@store.example")
    shopper = world.store.shopper("bloc@store.example").log_in(PASSWORD)
    shopper.buy(product("1000.00"))
    world.settled(customer, points="1000")
    code = _redeem(world, "bloc@store.example", 700)
    order = shopper.buy(product("50.00"), coupon=code)
    assert Decimal(world.api.get(f"orders/{order['order_id']}")["total"]) == Decimal("43.00")
    world.settled(customer, points=str(300 + 43))


def test_a_restricted_coupon_is_applied_by_someone_else(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("mine@store.example")
    world.store.shopper("mine@store.example").log_in(PASSWORD).buy(product("1000.00"))
    world.settled(customer, points="1000")
    code = _redeem(world, "mine@store.example", 500)
    new_customer("thief@store.example")
    for thief in (
        world.store.shopper("thief@store.example"),
        world.store.shopper("thief@store.example").log_in(PASSWORD),
    ):
        thief.fill_cart(product("50.00"))
        with pytest.raises(StoreAnswerError):
            _use(thief, code)
    (coupon,) = world.api.get("coupons", code=code)
    assert coupon["usage_count"] == 0


def test_there_is_no_exporter_or_eraser_of_personal_data(
    world: World, product: Product, new_customer: NewCustomer
) -> None:
    customer = new_customer("data@store.example")
    world.store.shopper("data@store.example").log_in(PASSWORD).buy(product("80.00"))
    world.settled(customer, points="80")
    world.at_rest()
    exported = world.store.php(_EXPORT, what="exporters", email="data@store.example")
    values = {item["name"]: item["value"] for item in exported["data"][0]["data"]}
    assert (values["Points"], values["Tier"]) == ("80", "member")
    erased = world.store.php(_EXPORT, what="erasers", email="data@store.example")
    assert erased["items_removed"] is True
    assert world.store.customer_meta(customer) == {}


def _redeem(world: World, email: str, points: int) -> str:
    with world.browsing.customer(email, PASSWORD) as account:
        account.open_rewards()
        form = RedeemForm(account.page)
        form.choose(points)
        form.send()
        return form.code


def _use(shopper: Any, code: str) -> None:
    """Where the refusal comes, at the cart or at the checkout, is WooCommerce's business."""
    shopper.apply_coupon(code)
    shopper.check_out()
