"""Points become a coupon, and what the order that uses it comes to decides about them: exactly, at every step."""

from __future__ import annotations

from decimal import Decimal

from playwright.sync_api import Route, expect

from tests.e2e.conftest import PASSWORD, NewRich, Product
from tests.e2e.redeeming import RedeemForm, classic_pages, coupons, put_into_cart, redeem, review_order
from tests.e2e.world import World


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


def test_points_chosen_before_the_page_is_ready_show_what_they_are_worth_once_it_is(
    world: World, rich: NewRich
) -> None:
    rich("roma@store.example")
    with world.browsing.customer("roma@store.example", PASSWORD) as account:
        page, held = account.page, list[Route]()

        def hold(route: Route) -> None:
            held.append(route)

        page.route("**/redeem.js*", hold)
        with page.expect_request("**/redeem.js*"):
            page.click(".woocommerce-MyAccount-navigation >> text=Rewards")
        form = RedeemForm(page)
        form.choose(1_200)
        assert form.discount == "$20.00"
        while not held:  # It is asked for already, and told of in a moment.
            page.wait_for_timeout(10)
        held[0].continue_()
        expect(page.locator(".regulars-redeem__amount")).to_have_text("$12.00")


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
        review_order(page, "94105")
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
            "1000000000000": "do not have that many points",
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
