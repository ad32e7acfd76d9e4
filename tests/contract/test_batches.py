"""Batches: a hundred items at most, 200 whatever becomes of the items, an error for each that failed."""

import pytest

from tests.contract.store_api import StoreApi, meta, new_code, new_email

UNKNOWN = 99_999_999


def test_customers_are_updated_together(store: StoreApi) -> None:
    ids = [store.new_customer()["id"] for _ in range(2)]
    items = [{"id": number, "meta_data": [{"key": "regulars_points", "value": str(number)}]} for number in ids]

    answer = store.post("customers/batch", {"update": items})

    assert answer.status == 200
    assert [item["id"] for item in answer.body["update"]] == ids
    assert [meta(item)["regulars_points"] for item in answer.body["update"]] == [str(number) for number in ids]


def test_an_item_that_fails_does_not_stop_the_others(store: StoreApi) -> None:
    customer_id = store.new_customer()["id"]
    items = [
        {"id": UNKNOWN, "meta_data": [{"key": "regulars_tier", "value": "gold"}]},
        {"id": customer_id, "meta_data": [{"key": "regulars_tier", "value": "gold"}]},
    ]

    answer = store.post("customers/batch", {"update": items})

    failed, done = answer.body["update"]
    assert answer.status == 200
    assert failed == {
        "id": UNKNOWN,
        "error": {"code": "wc_user_invalid_id", "message": "Invalid user ID.", "data": {"status": 404}},
    }
    assert meta(done) == {"regulars_tier": "gold"}


def test_a_taken_coupon_code_fails_alone(store: StoreApi) -> None:
    taken, free = store.new_coupon()["code"], new_code()

    answer = store.post("coupons/batch", {"create": [{"code": taken}, {"code": free, "amount": "5"}]})

    failed, made = answer.body["create"]
    assert (failed["id"], failed["error"]["code"]) == (0, "woocommerce_rest_coupon_code_already_exists")
    assert made["code"] == free.lower()


def test_a_coupon_code_twice_in_one_batch_is_made_once(store: StoreApi) -> None:
    code = new_code()

    answer = store.post("coupons/batch", {"create": [{"code": code}, {"code": code.lower()}]})

    first, second = answer.body["create"]
    assert first["code"] == code.lower()
    assert second["error"]["code"] == "woocommerce_rest_coupon_code_already_exists"


def test_created_updated_and_deleted_are_answered_apart(store: StoreApi) -> None:
    kept, dropped, code = store.new_coupon(), store.new_coupon(), new_code()

    answer = store.post(
        "coupons/batch",
        {
            "create": [{"code": code}],
            "update": [{"id": kept["id"], "amount": "11"}],
            "delete": [dropped["id"], UNKNOWN],
        },
    )

    deleted, unknown = answer.body["delete"]
    assert answer.body["create"][0]["code"] == code.lower()
    assert answer.body["update"][0]["amount"] == "11.00"
    assert deleted["id"] == dropped["id"]
    assert (unknown["id"], unknown["error"]["code"]) == (UNKNOWN, "woocommerce_rest_shop_coupon_invalid_id")
    assert store.get(f"coupons/{dropped['id']}").status == 404


def test_a_batch_deletes_for_ever(store: StoreApi) -> None:
    order_id = store.new_order()["id"]

    store.post("orders/batch", {"delete": [order_id]})

    assert store.get(f"orders/{order_id}").status == 404


@pytest.mark.parametrize("resource", ["customers", "coupons", "orders"])
def test_more_than_a_hundred_items_are_refused(store: StoreApi, resource: str) -> None:
    answer = store.post(f"{resource}/batch", {"update": [{"id": UNKNOWN}] * 60, "delete": [UNKNOWN] * 41})

    assert (answer.status, answer.code) == (413, "woocommerce_rest_request_entity_too_large")
    assert answer.body["message"] == "Unable to accept more than 100 items for this request."


def test_a_hundred_items_are_taken(store: StoreApi) -> None:
    answer = store.post("coupons/batch", {"update": [{"id": UNKNOWN}] * 100})

    assert answer.status == 200
    assert len(answer.body["update"]) == 100


def test_items_skip_the_checks_of_a_single_request(store: StoreApi) -> None:
    order_id = store.new_order()["id"]

    answer = store.post("orders/batch", {"update": [{"id": order_id, "status": "delighted"}]})

    assert answer.body["update"][0]["status"] == "pending"


def test_a_batch_without_a_key_is_refused(store: StoreApi) -> None:
    answer = store.send("POST", store.address("customers/batch"), {"create": [{"email": new_email()}]})

    assert (answer.status, answer.code) == (401, "woocommerce_rest_cannot_batch")
