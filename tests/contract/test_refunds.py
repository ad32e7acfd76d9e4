"""Refunds: objects of their own, which the order lists as negative totals."""

from decimal import Decimal

from tests.contract.store_api import Json, StoreApi

FIELDS = {
    "id", "date_created", "date_created_gmt", "amount", "reason", "refunded_by", "refunded_payment", "meta_data",
    "line_items", "shipping_lines", "tax_lines", "fee_lines", "_links",
}  # fmt: skip


def refunds_of(store: StoreApi, order: Json) -> list[Json]:
    listed: list[Json] = store.get(f"orders/{order['id']}").body["refunds"]
    return listed


def status_of(store: StoreApi, order: Json) -> str:
    return str(store.get(f"orders/{order['id']}").body["status"])


def test_a_refund_stands_in_its_order_as_a_negative_total(store: StoreApi) -> None:
    order = store.new_order("120.00")

    refund = store.refund(order["id"], "20.00", "A dent")

    assert refunds_of(store, order) == [
        {"id": refund["id"], "reason": "A dent", "total": "-20.00", "total_tax": "0.00"}
    ]
    assert status_of(store, order) == "processing"


def test_the_total_of_the_order_stays_what_it_was(store: StoreApi) -> None:
    order = store.new_order("120.00")

    store.refund(order["id"], "20.00")

    assert store.get(f"orders/{order['id']}").body["total"] == "120.00"


def test_several_refunds_are_all_listed(store: StoreApi) -> None:
    order = store.new_order("120.00")
    ids = {store.refund(order["id"], amount)["id"] for amount in ("20.00", "0.50", "7")}

    listed = refunds_of(store, order)

    assert {entry["id"] for entry in listed} == ids
    assert sum(Decimal(entry["total"]) for entry in listed) == Decimal("-27.50")


def test_refunding_all_makes_the_order_refunded(store: StoreApi) -> None:
    order = store.new_order("120.00")
    store.refund(order["id"], "20.00")

    store.refund(order["id"], "100.00")

    assert status_of(store, order) == "refunded"


def test_the_status_refunded_refunds_what_remains(store: StoreApi) -> None:
    order = store.new_order("120.00")
    store.refund(order["id"], "20.00")

    store.put(f"orders/{order['id']}", {"status": "refunded"})

    assert sum(Decimal(entry["total"]) for entry in refunds_of(store, order)) == Decimal("-120.00")


def test_refunding_more_than_remains_is_refused(store: StoreApi) -> None:
    order = store.new_order("120.00")

    answer = store.post(f"orders/{order['id']}/refunds", {"amount": "120.01", "api_refund": False})

    assert (answer.status, answer.code) == (500, "woocommerce_rest_cannot_create_order_refund")
    assert answer.body["message"] == "Invalid refund amount."
    assert refunds_of(store, order) == []


def test_some_errors_carry_a_bare_number_instead_of_data(store: StoreApi) -> None:
    answer = store.post("orders/99999999/refunds", {"amount": "1.00", "api_refund": False})

    assert (answer.status, answer.code) == (500, "woocommerce_rest_invalid_order_id")
    assert answer.body["data"] == 404


def test_a_refund_through_a_gateway_that_cannot_is_refused(store: StoreApi) -> None:
    order = store.new_order("120.00", payment_method="cod")

    answer = store.post(f"orders/{order['id']}/refunds", {"amount": "1.00"})

    assert (answer.status, answer.code) == (500, "woocommerce_rest_cannot_create_order_refund")
    assert refunds_of(store, order) == []


def test_a_refund_has_the_fields_we_know(store: StoreApi) -> None:
    order = store.new_order()
    refund_id = store.refund(order["id"], "20.00", "A dent")["id"]

    refund = store.get(f"orders/{order['id']}/refunds/{refund_id}").body

    assert set(refund) == FIELDS
    assert (refund["amount"], refund["reason"]) == ("20.00", "A dent")


def test_a_refund_of_a_line_names_the_line_with_negative_numbers(store: StoreApi) -> None:
    order = store.new_order("120.00")
    line = order["line_items"][0]
    body = {"api_refund": False, "line_items": [{"id": line["id"], "quantity": 1, "refund_total": 60}]}

    refund = store.post(f"orders/{order['id']}/refunds", body).body

    (returned,) = refund["line_items"]
    origin = {entry["key"]: entry["value"] for entry in returned["meta_data"]}
    assert refund["amount"] == "60.00"
    assert (returned["quantity"], returned["total"]) == (-1, "-60.00")
    assert origin == {"_refunded_item_id": str(line["id"])}


def test_all_refunds_together_name_their_orders(store: StoreApi) -> None:
    order = store.new_order()
    refund_id = store.refund(order["id"], "1.00")["id"]

    (refund,) = store.get("refunds", include=str(refund_id)).body

    assert refund["parent_id"] == order["id"]
    assert "customer_id" not in refund


def test_refunds_of_several_orders_are_read_at_once_with_their_dates_and_lines(store: StoreApi) -> None:
    orders = [store.new_order("120.00"), store.new_order("120.00")]
    lines = [order["line_items"][0]["id"] for order in orders]
    ids = [
        store.post(
            f"orders/{order['id']}/refunds",
            {"api_refund": False, "line_items": [{"id": line, "quantity": 1, "refund_total": 60}]},
        ).body["id"]
        for order, line in zip(orders, lines, strict=True)
    ]
    fields = "id,date_created_gmt,line_items"

    found = store.get("refunds", include=",".join(map(str, ids)), per_page="100", _fields=fields).body

    assert {refund["id"] for refund in found} == set(ids)
    for refund in found:
        (returned,) = refund["line_items"]
        origin = {entry["key"]: entry["value"] for entry in returned["meta_data"]}
        assert set(refund) >= {"id", "date_created_gmt", "line_items"}
        assert origin["_refunded_item_id"] in map(str, lines)
        assert (returned["total"], returned["total_tax"]) == ("-60.00", "0.00")


def test_a_deleted_refund_leaves_the_order_and_its_status_stays(store: StoreApi) -> None:
    order = store.new_order("120.00")
    refund_id = store.refund(order["id"], "120.00")["id"]

    assert store.delete(f"orders/{order['id']}/refunds/{refund_id}", force="true").status == 200

    assert refunds_of(store, order) == []
    assert status_of(store, order) == "refunded"


def test_refunds_know_no_trash(store: StoreApi) -> None:
    order = store.new_order()
    refund_id = store.refund(order["id"], "1.00")["id"]

    answer = store.delete(f"orders/{order['id']}/refunds/{refund_id}", force="false")

    assert (answer.status, answer.code) == (501, "woocommerce_rest_trash_not_supported")


def test_a_refund_is_no_order(store: StoreApi) -> None:
    refund_id = store.refund(store.new_order()["id"], "1.00")["id"]

    assert store.get(f"orders/{refund_id}").code == "woocommerce_rest_shop_order_invalid_id"
    assert store.get("orders", include=str(refund_id)).body == []


def test_a_restored_order_still_has_its_refunds(store: StoreApi) -> None:
    order = store.new_order("120.00")
    store.refund(order["id"], "20.00")
    store.delete(f"orders/{order['id']}")

    store.put(f"orders/{order['id']}", {"status": "processing"})

    # So it is where orders have tables of their own; kept as posts, refunds stay in the trash when a status restores.
    assert [entry["total"] for entry in refunds_of(store, order)] == ["-20.00"]
