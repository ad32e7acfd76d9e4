"""Coupons as the connector makes them, and what the store does with them."""

import pytest

from tests.contract.store_api import Json, StoreApi, new_code, new_email

FIELDS = {
    "id", "code", "amount", "status", "date_created", "date_created_gmt", "date_modified", "date_modified_gmt",
    "discount_type", "description", "date_expires", "date_expires_gmt", "usage_count", "individual_use",
    "product_ids", "excluded_product_ids", "usage_limit", "usage_limit_per_user", "limit_usage_to_x_items",
    "free_shipping", "product_categories", "excluded_product_categories", "exclude_sale_items", "minimum_amount",
    "maximum_amount", "email_restrictions", "used_by", "meta_data", "_links",
}  # fmt: skip
INVALID_ID = "woocommerce_rest_shop_coupon_invalid_id"
TAKEN = "woocommerce_rest_coupon_code_already_exists"
UNKNOWN = 99_999_999


def test_a_personal_coupon_comes_back_as_it_was_meant(store: StoreApi) -> None:
    code, email = new_code(), new_email()
    written = {
        "code": code,
        "discount_type": "percent",
        "amount": "10.00",
        "individual_use": True,
        "usage_limit": 1,
        "email_restrictions": [email],
        "date_expires": "2031-01-05T04:59:59Z",
        "meta_data": [
            {"key": "regulars_campaign", "value": "second_purchase"},
            {"key": "regulars_entitlement", "value": "17"},
        ],
    }

    coupon = store.get(f"coupons/{store.new_coupon(**written)['id']}").body

    assert set(coupon) == FIELDS
    assert coupon["code"] == code.lower()
    assert (coupon["discount_type"], coupon["amount"], coupon["status"]) == ("percent", "10.00", "publish")
    assert (coupon["individual_use"], coupon["usage_limit"], coupon["usage_count"]) == (True, 1, 0)
    assert coupon["email_restrictions"] == [email]
    assert coupon["date_expires_gmt"] == "2031-01-05T04:59:59"
    assert {entry["key"]: entry["value"] for entry in coupon["meta_data"]} == {
        "regulars_campaign": "second_purchase",
        "regulars_entitlement": "17",
    }


def test_a_code_is_taken_in_whatever_case(store: StoreApi) -> None:
    coupon = store.new_coupon()

    answers = [store.post("coupons", {"code": code}) for code in (coupon["code"], coupon["code"].upper())]

    assert [(answer.status, answer.code) for answer in answers] == [(400, TAKEN)] * 2


def test_a_coupon_is_found_by_its_code_in_whatever_case(store: StoreApi) -> None:
    coupon = store.new_coupon()

    for code in (coupon["code"], coupon["code"].upper()):
        assert [found["id"] for found in store.get("coupons", code=code).body] == [coupon["id"]]
    assert store.get("coupons", code=new_code()).body == []


def test_coupons_can_be_searched_by_a_part_of_the_code(store: StoreApi) -> None:
    coupon = store.new_coupon()

    assert [found["id"] for found in store.get("coupons", search=coupon["code"][4:]).body] == [coupon["id"]]


def test_the_expiry_in_gmt_cannot_be_written(store: StoreApi) -> None:
    coupon = store.new_coupon(date_expires_gmt="2031-01-05T04:59:59")

    assert coupon["date_expires_gmt"] is None


@pytest.mark.parametrize(
    ("written", "in_gmt"),
    [
        ("2031-01-05T04:59:59", "2031-01-05T03:59:59"),
        ("2031-01-05T04:59:59+02:00", "2031-01-05T02:59:59"),
        ("2031-01-05T04:59:59Z", "2031-01-05T04:59:59"),
    ],
)
def test_an_expiry_without_an_offset_is_in_the_stores_time(store: StoreApi, written: str, in_gmt: str) -> None:
    assert store.new_coupon(date_expires=written)["date_expires_gmt"] == in_gmt


def test_addresses_are_kept_lower_case(store: StoreApi) -> None:
    assert store.new_coupon(email_restrictions=["Ann@Example.COM"])["email_restrictions"] == ["ann@example.com"]


@pytest.mark.parametrize("amount", ["150", "-1"])
def test_a_senseless_percentage_is_refused(store: StoreApi, amount: str) -> None:
    answer = store.post("coupons", {"code": new_code(), "discount_type": "percent", "amount": amount})

    assert (answer.status, answer.code) == (400, "coupon_invalid_amount")


def test_a_coupon_without_a_code_is_refused(store: StoreApi) -> None:
    assert store.post("coupons", {"amount": "5"}).code == "rest_missing_callback_param"
    assert store.post("coupons", {"code": " "}).code == "woocommerce_rest_empty_coupon_code"


def test_a_coupon_that_is_not_there_has_one_code_for_all_methods(store: StoreApi) -> None:
    path = f"coupons/{UNKNOWN}"

    answers = [store.get(path), store.put(path, {"amount": "5"}), store.delete(path, force="true")]

    assert [(answer.status, answer.code) for answer in answers] == [
        (404, INVALID_ID),
        (400, INVALID_ID),
        (404, INVALID_ID),
    ]


def test_a_coupon_can_be_changed(store: StoreApi) -> None:
    coupon = store.new_coupon(usage_limit=1)

    changed = store.put(f"coupons/{coupon['id']}", {"amount": "12.5", "usage_limit": 2}).body

    assert (changed["amount"], changed["usage_limit"], changed["code"]) == ("12.50", 2, coupon["code"])


def test_a_code_is_free_again_once_its_coupon_is_gone(store: StoreApi) -> None:
    first = store.new_coupon()
    store.delete(f"coupons/{first['id']}", force="true")

    assert store.post("coupons", {"code": first["code"]}).status == 201


def test_a_coupon_in_the_trash_is_not_found_by_its_code(store: StoreApi) -> None:
    coupon = store.new_coupon()

    store.delete(f"coupons/{coupon['id']}")

    assert store.get("coupons", code=coupon["code"]).body == []
    assert store.get(f"coupons/{coupon['id']}").body["status"] == "trash"


def buy(store: StoreApi, coupon: Json, email: str, also: int = 0, **fields: str) -> Json:
    """An order of 100.00 with the coupon on it, or the error that was answered; ``also`` a product for 50.00 more."""
    lines = [{"product_id": store.product_id(), "quantity": 1, "subtotal": "100.00", "total": "100.00"}]
    if also:
        lines.append({"product_id": also, "quantity": 1, "subtotal": "50.00", "total": "50.00"})
    order = {
        "billing": {"email": email},
        "line_items": lines,
        "coupon_lines": [{"code": coupon["code"]}],
        "status": "processing",
        **fields,
    }
    answer: Json = store.post("orders", order).body
    return answer


def test_a_coupon_takes_its_percentage_off_and_counts_its_use(store: StoreApi) -> None:
    email = new_email()
    coupon = store.new_coupon(usage_limit=1, email_restrictions=[email])

    order = buy(store, coupon, email)

    used = store.get(f"coupons/{coupon['id']}").body
    assert (order["total"], order["discount_total"]) == ("90.00", "10.00")
    assert [(line["code"], line["discount"]) for line in order["coupon_lines"]] == [(coupon["code"], "10")]
    assert (used["usage_count"], used["used_by"]) == (1, [email])


def test_a_coupon_is_for_the_address_it_was_made_for(store: StoreApi) -> None:
    coupon = store.new_coupon(email_restrictions=[new_email()])

    assert buy(store, coupon, new_email())["code"] == "woocommerce_rest_invalid_coupon"


def test_a_coupon_is_used_no_more_often_than_allowed(store: StoreApi) -> None:
    coupon, email = store.new_coupon(usage_limit=1), new_email()
    buy(store, coupon, email)

    assert buy(store, coupon, email)["code"] == "woocommerce_rest_invalid_coupon"


def test_a_cancelled_order_gives_its_coupon_back(store: StoreApi) -> None:
    coupon, email = store.new_coupon(usage_limit=1), new_email()
    order = buy(store, coupon, email)

    store.put(f"orders/{order['id']}", {"status": "cancelled"})

    assert store.get(f"coupons/{coupon['id']}").body["usage_count"] == 0


def test_an_expired_coupon_is_refused_and_leaves_a_draft_behind(store: StoreApi) -> None:
    coupon = store.new_coupon(date_expires="2020-01-01T00:00:00Z")

    refused = buy(store, coupon, new_email())

    draft = store.get(f"orders/{refused['data']['new_draft_order_id']}").body
    assert refused["code"] == "woocommerce_rest_invalid_coupon"
    assert draft["status"] == "checkout-draft"
