"""Points become a coupon, and what the order that uses it comes to decides about them: exactly, at every step."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.conftest import PASSWORD, NewCustomer
from tests.e2e.redeeming import RedeemForm, classic_pages, put_into_cart
from tests.e2e.world import World
from tests.real_store.api import StoreAnswerError
from tests.real_store.shopper import Shopper

Product = Callable[[str], int]
NewRich = Callable[[str], tuple[int, Shopper]]

_ENSURE = """
$coupon = ( new Regulars\\RedemptionCoupon() )->ensure( $args['terms'] );
return $coupon ? $coupon->get_id() : 0;
"""


@pytest.fixture
def rich(world: World, product: Product, new_customer: NewCustomer) -> NewRich:
    """`rich("rita@store.example")`: a customer with 2,000 points of an order, and their shopper."""

    def make(email: str) -> tuple[int, Shopper]:
        customer = new_customer(email)
        shopper = world.store.shopper(email).log_in(PASSWORD)
        shopper.buy(product("2000.00"))
        world.settled(customer, points="2000")
        return customer, shopper

    return make


def coupons(world: World, code: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = world.api.get("coupons", code=code)
    return found


def redeem(world: World, email: str, points: int) -> str:
    """Redeem under My account and return the coupon's code."""
    with world.browsing.customer(email, PASSWORD) as account:
        account.open_rewards()
        form = RedeemForm(account.page)
        form.choose(points)
        form.send()
        return form.code


def test_the_shopper_redeems_points_under_my_account_and_has_the_coupon_at_once(world: World, rich: NewRich) -> None:
    customer, _ = rich("rita@store.example")
    with world.browsing.customer("rita@store.example", PASSWORD) as account:
        account.open_rewards()
        form = RedeemForm(account.page)
        assert (form.most, form.discount) == (2_000, "$20.00")
        form.choose(1_200)
        assert form.discount == "$12.00"
        world.browsing.picture(account.page, "redeem-form")
        form.send()
        code = form.code
        # Nothing has run in the background yet.
        assert account.points == "800"
        assert code in account.coupons
        world.browsing.picture(account.page, "redeemed")
    (coupon,) = coupons(world, code)
    assert (coupon["discount_type"], coupon["amount"], coupon["minimum_amount"]) == ("fixed_cart", "12.00", "24.00")
    assert (coupon["usage_limit"], coupon["individual_use"]) == (1, True)
    assert coupon["email_restrictions"] == ["rita@store.example"]
    world.settled(customer, points="800")
    assert [one["id"] for one in coupons(world, code)] == [coupon["id"]]


def test_a_redemption_at_the_block_checkout_and_its_refunds_leave_exact_balances(
    world: World, product: Product, rich: NewRich
) -> None:
    customer, shopper = rich("rolf@store.example")
    code = redeem(world, "rolf@store.example", 1_000)
    world.settled(customer, points="1000")
    order = shopper.buy(product("100.00"), coupon=code)
    assert Decimal(world.api.get(f"orders/{order['order_id']}")["total"]) == Decimal("90.00")
    # 1,000 are spent, 90 were earned.
    world.settled(customer, points="1090")
    refund = world.api.post(f"orders/{order['order_id']}/refunds", {"amount": "30.00", "api_refund": False})
    # A third of the order: 333 points come back, and 60 are earned for what is left.
    world.settled(customer, points="1393")
    world.api.delete(f"orders/{order['order_id']}/refunds/{refund['id']}", force=True)
    world.settled(customer, points="1090")
    world.api.put(f"orders/{order['order_id']}", {"status": "cancelled"})
    world.settled(customer, points="2000")
    world.eventually(lambda: _gone(world, code))
    world.api.put(f"orders/{order['order_id']}", {"status": "completed"})
    world.settled(customer, points="1090")
    world.api.post(f"orders/{order['order_id']}/refunds", {"amount": "90.00", "api_refund": False})
    world.settled(customer, points="2000")


def _gone(world: World, code: str) -> None:
    assert coupons(world, code) == []


def test_a_redemption_in_the_cart_block_is_applied_there(world: World, product: Product, rich: NewRich) -> None:
    customer, _ = rich("runa@store.example")
    with world.browsing.customer("runa@store.example", PASSWORD) as account:
        put_into_cart(account.page, product("30.00"))
        account.page.goto("/cart/")
        account.page.wait_for_selector(".wc-block-cart__submit-button")
        form = RedeemForm(account.page)
        # Half of the cart may be paid with points.
        assert (form.most, form.discount) == (1_500, "$15.00")
        expect(account.page.locator(".wc-block-cart-items")).to_contain_text("Thing for 30.00")
        world.browsing.picture(account.page, "cart-block")
        form.send()
        account.page.wait_for_selector(".wc-block-components-totals-discount")
        code = form.code
        assert not form.shown
        expect(account.page.locator(".wc-block-components-totals-discount")).to_contain_text("15.00")
        world.browsing.picture(account.page, "cart-block-redeemed")
    assert len(coupons(world, code)) == 1
    world.settled(customer, points="500")


def test_a_redemption_in_the_classic_cart_is_used_at_the_classic_checkout(
    world: World, product: Product, rich: NewRich
) -> None:
    customer, _ = rich("rosi@store.example")
    with classic_pages(world), world.browsing.customer("rosi@store.example", PASSWORD) as account:
        page = account.page
        put_into_cart(page, product("30.00"))
        page.goto("/cart/")
        form = RedeemForm(page)
        assert form.most == 1_500
        form.choose(1_000)
        world.browsing.picture(page, "cart-classic")
        form.send()
        code = form.code
        assert "10.00" in page.inner_text(".cart-discount")
        world.browsing.picture(page, "cart-classic-redeemed")
        before = len(world.store.http_requests())
        page.goto("/checkout/")
        for field, value in {
            "first_name": "Rosi", "last_name": "Roth", "address_1": "12 Harbour Road", "city": "San Francisco",
            "postcode": "94105", "phone": "4155550100", "email": "rosi@store.example",
        }.items():  # fmt: skip
            page.fill(f"#billing_{field}", value)
        page.wait_for_function("() => !document.querySelector('.blockUI')")
        page.click("#place_order")
        page.wait_for_url("**/order-received/**")
        # Redeeming waits for the connector; checking out never does.
        assert [note["url"] for note in world.store.http_requests()[before:]] == []
    world.settled(customer, points=str(1_000 + 20))
    assert [coupon["usage_count"] for coupon in coupons(world, code)] == [1]


def test_what_a_shopper_types_is_refused_with_a_clear_sentence_and_costs_nothing(world: World, rich: NewRich) -> None:
    customer, _ = rich("ruth@store.example")
    with world.browsing.customer("ruth@store.example", PASSWORD) as account:
        account.open_rewards()
        form = RedeemForm(account.page)
        for typed, sentence in {
            "-500": "more than zero",
            "0": "more than zero",
            "500.5": "whole number",
            "400": "fewer points than can be redeemed",
            "550": "in the steps shown",
            "2100": "do not have that many points",
        }.items():
            form.choose(typed)
            form.send_whatever_it_holds()
            assert sentence in form.said, typed
        world.browsing.picture(account.page, "redeem-refused")
        assert account.points == "2,000"
    assert "regulars_redemption" not in str(world.coupons_of("ruth@store.example"))
    world.settled(customer, points="2000")


def test_while_the_connector_is_away_the_shopper_is_told_so_and_loses_nothing(world: World, rich: NewRich) -> None:
    customer, _ = rich("ruby@store.example")
    with world.browsing.customer("ruby@store.example", PASSWORD) as account:
        account.open_rewards()
        form = RedeemForm(account.page)
        form.choose(1_000)
        assert world.connector.stop() == 0
        try:
            form.send()
            assert "Points cannot be redeemed right now." in form.said
            assert account.points == "2,000"
            world.browsing.picture(account.page, "redeem-connector-away")
        finally:
            world.connector.start().until_ready()
        form.choose(1_000)
        form.send()
        assert len(coupons(world, form.code)) == 1
    world.settled(customer, points="1000")


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


def test_a_failed_order_is_paid_after_all_unless_another_has_used_its_coupon_since(
    world: World, rich: NewRich
) -> None:
    rich("rolf@store.example")
    code = redeem(world, "rolf@store.example", 1_000)
    said = world.store.php(
        """
        WC()->initialize_session();
        $orders = array();
        foreach ( array( 'failed', 'processing' ) as $status ) {
            $order = new WC_Order();
            $order->set_billing_email( $args['email'] );
            $order->add_product( wc_get_products( array( 'limit' => 1 ) )[0], 100 );
            $order->calculate_totals();
            $order->apply_coupon( $args['coupon'] );
            $order->set_status( $status );
            $order->save();
            $orders[] = $order;
        }
        list( $failed, $other ) = $orders;
        $notices = array();
        foreach ( array( 'processing', 'cancelled' ) as $status ) {
            $other->update_status( $status );
            do_action( 'woocommerce_before_pay_action', $failed );
            $notices[] = array_column( wc_get_notices( 'error' ), 'notice' );
            wc_clear_notices();
        }
        return $notices;
        """,
        email="rolf@store.example",
        coupon=code,
    )
    assert said == [
        [f"The coupon {code} of this order was used for another one. Please place a new order."],
        [],
    ]
