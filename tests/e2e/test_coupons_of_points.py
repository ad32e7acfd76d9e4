"""The coupon that points became is one, its owner's, and good in one currency."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.conftest import NewRich, Product
from tests.e2e.redeeming import coupons, redeem
from tests.e2e.world import World
from tests.real_store.api import StoreAnswerError

_ENSURE = """
$coupon = ( new Regulars\\RedemptionCoupon() )->ensure( $args['terms'] );
return $coupon ? $coupon->get_id() : 0;
"""


def test_somebody_else_cannot_use_the_coupon(world: World, product: Product, rich: NewRich) -> None:
    rich("rena@store.example")
    code = redeem(world, "rena@store.example", 500)
    stranger = world.store.shopper("stranger-of-rena@store.example")
    stranger.fill_cart(product("30.00"))

    def use() -> None:
        stranger.apply_coupon(code)
        stranger.check_out()

    with pytest.raises(StoreAnswerError):
        use()
    assert [coupon["usage_count"] for coupon in coupons(world, code)] == [0]


def test_the_coupon_is_refused_in_another_currency(world: World, rich: NewRich) -> None:
    rich("rudi@store.example")
    code = redeem(world, "rudi@store.example", 500)
    said = world.store.php(
        """
        wp_set_current_user( get_user_by( 'email', $args['email'] )->ID );
        $order  = wc_create_order( array( 'customer_id' => get_current_user_id() ) );
        $order->set_billing_email( $args['email'] );
        $order->add_product( wc_get_products( array( 'limit' => 1 ) )[0], 100 );
        $order->set_currency( 'JPY' );
        $order->calculate_totals();
        $applied = $order->apply_coupon( $args['coupon'] );
        $order->delete( true );
        return is_wp_error( $applied ) ? $applied->get_error_message() : 'applied';
        """,
        email="rudi@store.example",
        coupon=code,
    )
    assert said == "A coupon made of points can be used in USD only."


def test_plugin_and_connector_making_the_same_coupon_at_once_make_one(world: World) -> None:
    terms = {
        "code": "race4abcd234",
        "discount_type": "fixed_cart",
        "amount": "5.00",
        "minimum_amount": "10.00",
        "individual_use": True,
        "usage_limit": 1,
        "email_restrictions": ["race@store.example"],
        "date_expires": "2036-01-01T22:59:59Z",
        "meta_data": [{"key": "regulars_redemption", "value": "redemption:4711"}],
    }

    def by_the_connector(_: int) -> str:
        try:
            return str(world.store.api.post("coupons", terms)["id"])
        except StoreAnswerError as error:
            return str(error)

    def by_the_plugin(_: int) -> str:
        return str(world.store.php(_ENSURE, terms=terms))

    with ThreadPoolExecutor(8) as pool:
        made = [pool.submit(one, turn) for turn in range(4) for one in (by_the_connector, by_the_plugin)]
        answers = [future.result() for future in made]
    (coupon,) = coupons(world, "race4abcd234")
    assert {answer for answer in answers if answer.isdigit()} == {str(coupon["id"])}
    refused = [answer for answer in answers if not answer.isdigit()]
    assert all("already exists" in answer for answer in refused), refused
    assert len(world.coupons_of("race@store.example")) == 1
