"""What a coupon may be used for, and how often, as WooCommerce keeps and applies it."""

from datetime import UTC, datetime

import pytest

from connector.shop.batches import Done
from connector.shop.client import ShopClient
from connector.shop.coupons import CouponDraft, change_coupons, coupon_by_code
from tests.contract.store_api import StoreApi, new_code, new_email
from tests.contract.test_coupons import buy

REFUSED = "woocommerce_rest_invalid_coupon"


def test_every_limit_comes_back_as_it_was_meant(store: StoreApi) -> None:
    written = {
        "discount_type": "fixed_cart",
        "amount": "7.50",
        "minimum_amount": "40",
        "free_shipping": True,
        "exclude_sale_items": True,
        "excluded_product_ids": [store.product_id()],
        "excluded_product_categories": [15, 16],
        "individual_use": False,
    }

    coupon = store.get(f"coupons/{store.new_coupon(**written)['id']}").body

    assert {name: coupon[name] for name in written} == written | {"minimum_amount": "40.00"}
    assert (coupon["usage_limit"], coupon["maximum_amount"], coupon["product_categories"]) == (None, "0.00", [])


def test_a_coupon_without_limits_has_none(store: StoreApi) -> None:
    coupon = store.get(f"coupons/{store.new_coupon()['id']}").body

    names = ("minimum_amount", "free_shipping", "exclude_sale_items", "excluded_product_ids", "usage_limit")
    assert [coupon[name] for name in names] == ["0.00", False, False, [], None]


def test_a_fixed_sum_comes_off_the_whole_order(store: StoreApi) -> None:
    other = store.post("products", {"name": "Cassette", "regular_price": "9.95"}).body["id"]
    coupon = store.new_coupon(discount_type="fixed_cart", amount="15.00")

    order = buy(store, coupon, new_email(), also=other)

    assert (order["total"], order["discount_total"]) == ("135.00", "15.00")
    assert [line["discount"] for line in order["coupon_lines"]] == ["15"]


@pytest.mark.parametrize(("minimum", "allowed"), [("100", True), ("100.01", False)])
def test_a_minimum_is_spent_before_the_discount(store: StoreApi, minimum: str, allowed: bool) -> None:
    answer = buy(store, store.new_coupon(minimum_amount=minimum), new_email())

    assert (answer.get("total") == "90.00") is allowed
    assert (answer.get("code") == REFUSED) is not allowed


def test_a_percentage_leaves_excluded_goods_out(store: StoreApi) -> None:
    other = store.post("products", {"name": "Cassette", "regular_price": "9.95"}).body["id"]
    coupon = store.new_coupon(excluded_product_ids=[other])

    order = buy(store, coupon, new_email(), also=other)

    assert [line["total"] for line in order["line_items"]] == ["90.00", "50.00"]


def test_a_fixed_sum_is_refused_to_an_order_with_any_excluded_goods(store: StoreApi) -> None:
    other = store.post("products", {"name": "Cassette", "regular_price": "9.95"}).body["id"]
    coupon = store.new_coupon(discount_type="fixed_cart", amount="15.00", excluded_product_ids=[other])

    assert buy(store, coupon, new_email(), also=other)["code"] == REFUSED
    assert buy(store, coupon, new_email())["total"] == "85.00"


def test_free_shipping_is_a_coupon_that_takes_nothing_off(store: StoreApi) -> None:
    coupon = store.new_coupon(discount_type="fixed_cart", amount="0.00", free_shipping=True)

    order = buy(store, coupon, new_email())

    assert (order["total"], order["discount_total"]) == ("100.00", "0.00")
    assert [line["free_shipping"] for line in order["coupon_lines"]] == [True]


def test_a_coupon_without_a_limit_can_be_used_again_and_again(store: StoreApi) -> None:
    coupon, email = store.new_coupon(), new_email()

    assert [buy(store, coupon, email)["total"] for _ in range(3)] == ["90.00"] * 3


def test_a_draft_becomes_exactly_the_coupon_it_describes(store: StoreApi) -> None:
    draft = CouponDraft(
        code=new_code().lower(),
        amount="7.50",
        email=new_email(),
        expires_at=datetime(2031, 1, 5, 4, 59, 59, tzinfo=UTC),
        campaign="win_back",
        entitlement="17",
        description="7.50 EUR to come back: silent for 214 days, usually every 61",
        discount_type="fixed_cart",
        minimum_amount="40",
        free_shipping=True,
        exclude_sale_items=True,
        excluded_products=(store.product_id(),),
        excluded_categories=(15, 16),
        usage_limit=None,
        individual_use=False,
    )
    client = ShopClient(store.rest_url, store.consumer_key, store.consumer_secret)
    try:
        (made,) = change_coupons(client, create=[draft]).create
        again = change_coupons(client, create=[draft]).create
        found = coupon_by_code(client, draft.code)
    finally:
        client.close()

    assert isinstance(made, Done)
    assert again == [Done(made.wc_id, adopted=True)]
    assert found is not None
    assert (found.wc_id, found.expires_at, found.emails) == (made.wc_id, draft.expires_at, (draft.email,))
    coupon = store.get(f"coupons/{made.wc_id}").body
    expected = {
        "code": draft.code,
        "discount_type": "fixed_cart",
        "amount": "7.50",
        "description": draft.description,
        "individual_use": False,
        "usage_limit": None,
        "usage_limit_per_user": None,
        "minimum_amount": "40.00",
        "maximum_amount": "0.00",
        "free_shipping": True,
        "exclude_sale_items": True,
        "product_ids": [],
        "excluded_product_ids": [store.product_id()],
        "product_categories": [],
        "excluded_product_categories": [15, 16],
        "email_restrictions": [draft.email],
        "date_expires_gmt": "2031-01-05T04:59:59",
    }
    assert {name: coupon[name] for name in expected} == expected
