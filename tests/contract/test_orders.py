"""Orders as the connector reads them."""

from decimal import Decimal

import pytest

from tests.contract.store_api import StoreApi, new_email

FIELDS = {
    "id", "parent_id", "number", "order_key", "created_via", "version", "status", "currency", "currency_symbol",
    "date_created", "date_created_gmt", "date_modified", "date_modified_gmt", "date_completed", "date_completed_gmt",
    "date_paid", "date_paid_gmt", "discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax",
    "total", "total_tax", "prices_include_tax", "customer_id", "customer_ip_address", "customer_user_agent",
    "customer_note", "billing", "shipping", "payment_method", "payment_method_title", "transaction_id", "cart_hash",
    "meta_data", "line_items", "tax_lines", "shipping_lines", "fee_lines", "coupon_lines", "refunds", "payment_url",
    "is_editable", "needs_payment", "needs_processing", "_links",
}  # fmt: skip
LINE_FIELDS = {
    "id", "name", "product_id", "variation_id", "quantity", "tax_class", "subtotal", "subtotal_tax", "total",
    "total_tax", "taxes", "meta_data", "sku", "global_unique_id", "price", "image", "parent_name",
}  # fmt: skip
INVALID_ID = "woocommerce_rest_shop_order_invalid_id"
UNKNOWN = 99_999_999


def test_an_order_has_the_fields_we_know(store: StoreApi) -> None:
    order = store.get(f"orders/{store.new_order()['id']}").body

    assert set(order) == FIELDS
    assert set(order["line_items"][0]) == LINE_FIELDS


def test_a_listed_order_is_the_same_as_a_single_one(store: StoreApi) -> None:
    order = store.new_order()

    (listed,) = store.get("orders", include=str(order["id"])).body
    single = store.get(f"orders/{order['id']}").body

    del listed["_links"], single["_links"]
    assert listed == single


def test_money_is_a_decimal_string(store: StoreApi) -> None:
    order = store.new_order("1234.5", shipping_lines=[{"method_id": "flat_rate", "total": "4.5"}])

    assert (order["total"], order["shipping_total"], order["discount_total"]) == ("1239.00", "4.50", "0.00")
    assert order["line_items"][0]["total"] == "1234.50"
    assert order["currency"] == "USD"


def test_a_line_below_its_subtotal_is_a_discount(store: StoreApi) -> None:
    line = {"product_id": store.product_id(), "quantity": 1, "subtotal": "50.00", "total": "40.00"}

    order = store.new_order(line_items=[line])

    assert (order["discount_total"], order["total"]) == ("10.00", "40.00")


def test_a_line_without_a_total_costs_what_the_product_costs(store: StoreApi) -> None:
    order = store.new_order(line_items=[{"product_id": store.product_id(), "quantity": 3}])

    assert order["total"] == "44.85"


def test_a_fee_counts_into_the_total(store: StoreApi) -> None:
    order = store.new_order("10.00", fee_lines=[{"name": "Gift wrap", "total": "2.50"}])

    assert order["total"] == "12.50"
    assert order["fee_lines"][0]["total"] == "2.50"


def test_a_guest_order_names_no_customer(store: StoreApi) -> None:
    email = new_email()

    order = store.new_order(billing={"email": email})

    assert (order["customer_id"], order["billing"]["email"]) == (0, email)


def test_an_order_names_its_customer(store: StoreApi) -> None:
    customer = store.new_customer()

    order = store.new_order(customer_id=customer["id"])

    assert order["customer_id"] == customer["id"]


def test_orders_of_one_customer_can_be_listed(store: StoreApi) -> None:
    customer = store.new_customer()
    ids = [store.new_order(customer_id=customer["id"])["id"] for _ in range(2)]
    store.new_order()

    listed = store.get("orders", customer=customer["id"], orderby="id", order="asc").body

    assert [order["id"] for order in listed] == ids


def test_an_order_for_a_customer_that_is_none_is_refused(store: StoreApi) -> None:
    answer = store.post("orders", {"customer_id": UNKNOWN})

    assert (answer.status, answer.code) == (400, "woocommerce_rest_invalid_customer_id")


def test_an_order_that_is_not_there_has_one_code_for_all_methods(store: StoreApi) -> None:
    path = f"orders/{UNKNOWN}"

    answers = [store.get(path), store.put(path, {"status": "completed"}), store.delete(path, force="true")]

    assert [answer.code for answer in answers] == [INVALID_ID] * 3
    assert [answer.status for answer in answers] == [404, 400, 404]


def test_a_status_that_is_none_is_refused(store: StoreApi) -> None:
    answer = store.put(f"orders/{store.new_order()['id']}", {"status": "delighted"})

    assert (answer.status, answer.code) == (400, "rest_invalid_param")


def test_orders_can_be_listed_by_status(store: StoreApi) -> None:
    processing, completed = store.new_order()["id"], store.new_order(status="completed")["id"]
    cancelled = store.new_order(status="cancelled")["id"]

    include = f"{processing},{completed},{cancelled}"
    listed = store.get("orders", include=include, status="processing,completed", orderby="id", order="asc").body

    assert [order["id"] for order in listed] == [processing, completed]


def test_any_status_leaves_drafts_out(store: StoreApi) -> None:
    draft = store.new_order(status="checkout-draft")["id"]

    assert store.get("orders", include=str(draft)).body == []
    assert store.get("orders", include=str(draft), status="checkout-draft").body[0]["id"] == draft


def test_completing_dates_the_order(store: StoreApi) -> None:
    order = store.new_order()

    completed = store.put(f"orders/{order['id']}", {"status": "completed"}).body

    assert order["date_completed_gmt"] is None
    assert completed["date_completed_gmt"] is not None
    assert completed["date_paid_gmt"] is not None


def test_cash_on_delivery_is_not_paid_while_it_is_processing(store: StoreApi) -> None:
    order = store.new_order(payment_method="cod")

    assert (order["status"], order["date_paid_gmt"]) == ("processing", None)


def test_meta_data_by_key_keeps_one_entry(store: StoreApi) -> None:
    path = f"orders/{store.new_order()['id']}"

    for value in ("1", "2"):
        store.put(path, {"meta_data": [{"key": "regulars_note", "value": value}]})

    held = [entry["value"] for entry in store.get(path).body["meta_data"] if entry["key"] == "regulars_note"]
    assert held == ["2"]


def test_an_order_in_the_trash_is_still_read_by_its_id(store: StoreApi) -> None:
    order = store.new_order()

    answer = store.delete(f"orders/{order['id']}")

    assert (answer.status, answer.body["status"]) == (200, "processing")
    assert store.get(f"orders/{order['id']}").body["status"] == "trash"


def test_an_order_in_the_trash_is_listed_only_when_asked_for(store: StoreApi) -> None:
    order_id = store.new_order()["id"]

    store.delete(f"orders/{order_id}")

    assert store.get("orders", include=str(order_id)).body == []
    assert [order["id"] for order in store.get("orders", include=str(order_id), status="trash").body] == [order_id]


def test_an_order_goes_into_the_trash_once(store: StoreApi) -> None:
    path = f"orders/{store.new_order()['id']}"
    store.delete(path)

    answer = store.delete(path)

    assert (answer.status, answer.code) == (410, "woocommerce_rest_already_trashed")


def test_a_status_takes_an_order_out_of_the_trash(store: StoreApi) -> None:
    order = store.new_order()
    store.delete(f"orders/{order['id']}")

    restored = store.put(f"orders/{order['id']}", {"status": "processing"})

    assert restored.status == 200
    assert [found["total"] for found in store.get("orders", include=str(order["id"])).body] == ["120.00"]


def test_a_forced_deletion_is_for_ever(store: StoreApi) -> None:
    order_id = store.new_order()["id"]

    assert store.delete(f"orders/{order_id}", force="true").body["id"] == order_id
    assert store.get(f"orders/{order_id}").code == INVALID_ID
    assert store.get("orders", include=str(order_id), status="trash").body == []


@pytest.mark.parametrize("quantity", [1, 3])
def test_the_price_of_a_line_is_a_number_for_one_piece(store: StoreApi, quantity: int) -> None:
    line = {"product_id": store.product_id(), "quantity": quantity, "subtotal": "30.00", "total": "30.00"}

    order = store.new_order(line_items=[line])

    assert Decimal(str(order["line_items"][0]["price"])) == Decimal(30) / quantity
