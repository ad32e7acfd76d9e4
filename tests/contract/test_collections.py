"""Pages, fields and refused parameters, the same for every collection."""

import pytest
import requests

from tests.contract.store_api import Json, StoreApi


def numbers(records: list[Json]) -> list[int]:
    return [record["id"] for record in records]


def links(header: str) -> dict[str, str]:
    return {link["rel"]: link["url"] for link in requests.utils.parse_header_links(header)}


def test_headers_tell_how_much_there_is(store: StoreApi) -> None:
    ids = [store.new_order()["id"] for _ in range(3)]

    answer = store.get("orders", include=",".join(map(str, ids)), per_page=2)

    assert len(answer.body) == 2
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("3", "2")


def test_links_lead_to_the_pages_beside_this_one(store: StoreApi) -> None:
    include = ",".join(str(store.new_order()["id"]) for _ in range(3))

    first, second, third = (
        links(store.get("orders", include=include, per_page=1, page=page).headers["Link"]) for page in (1, 2, 3)
    )

    assert set(first) == {"next"}
    assert set(second) == {"prev", "next"}
    assert set(third) == {"prev"}
    assert "page=2" in first["next"]
    assert "per_page=1" in first["next"]


def test_an_only_page_links_to_the_root_of_the_api(store: StoreApi) -> None:
    answer = store.get("orders", include=str(store.new_order()["id"]))

    assert links(answer.headers["Link"]) == {"https://api.w.org/": store.rest_url}


def test_ten_records_make_a_page_unless_asked_otherwise(store: StoreApi) -> None:
    include = ",".join(str(store.new_coupon()["id"]) for _ in range(11))

    assert len(store.get("coupons", include=include).body) == 10


def test_a_hundred_records_are_the_most(store: StoreApi) -> None:
    assert store.get("orders", per_page=100).status == 200

    answer = store.get("orders", per_page=101)

    sentence = "per_page must be between 1 (inclusive) and 100 (inclusive)"
    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert answer.body["message"] == "Invalid parameter(s): per_page"
    assert answer.body["data"]["params"] == {"per_page": sentence}


@pytest.mark.parametrize("collection", ["orders", "customers", "coupons", "refunds"])
def test_every_collection_keeps_to_the_hundred(store: StoreApi, collection: str) -> None:
    assert store.get(collection, per_page=100).status == 200
    assert store.get(collection, per_page=101).code == "rest_invalid_param"


@pytest.mark.parametrize(
    ("name", "value"),
    [("page", "0"), ("per_page", "0"), ("per_page", "ten"), ("order", "sideways"), ("orderby", "colour")],
)
def test_a_senseless_parameter_is_named(store: StoreApi, name: str, value: str) -> None:
    answer = store.get("orders", **{name: value})

    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert list(answer.body["data"]["params"]) == [name]


def test_a_page_past_the_last_of_the_orders_is_empty_and_forgets_the_total(store: StoreApi) -> None:
    store.new_order()

    answer = store.get("orders", page=9999)

    # So it is where orders have tables of their own; kept as posts they still know the total. Rely on neither.
    assert (answer.status, answer.body) == (200, [])
    assert answer.headers["X-WP-Total"] == "0"


def test_a_page_past_the_last_of_the_customers_still_knows_the_total(store: StoreApi) -> None:
    store.new_customer()

    answer = store.get("customers", page=9999)

    assert (answer.status, answer.body) == (200, [])
    assert int(answer.headers["X-WP-Total"]) > 0


def test_an_offset_skips_records(store: StoreApi) -> None:
    ids = [store.new_order()["id"] for _ in range(3)]

    answer = store.get("orders", include=",".join(map(str, ids)), orderby="id", order="asc", offset=1, per_page=1)

    assert numbers(answer.body) == [ids[1]]


def test_records_can_be_sorted_by_id_both_ways(store: StoreApi) -> None:
    ids = [store.new_order()["id"] for _ in range(3)]
    include = ",".join(map(str, ids))

    assert numbers(store.get("orders", include=include, orderby="id", order="asc").body) == ids
    assert numbers(store.get("orders", include=include, orderby="id", order="desc").body) == ids[::-1]


def test_orders_made_in_the_same_second_are_sorted_by_id(store: StoreApi) -> None:
    ids = [store.new_order()["id"] for _ in range(4)]

    assert numbers(store.get("orders", include=",".join(map(str, ids))).body) == ids[::-1]


def test_records_can_be_left_out(store: StoreApi) -> None:
    ids = [store.new_order()["id"] for _ in range(2)]

    answer = store.get("orders", include=",".join(map(str, ids)), exclude=str(ids[0]))

    assert ids[1] in numbers(answer.body)


def test_fields_leave_only_what_was_asked_for(store: StoreApi) -> None:
    order = store.new_order(billing={"email": "guest@example.com", "city": "Sampleton"})

    answer = store.get("orders", include=str(order["id"]), _fields="id,total,billing.email,refunds")

    billing = {"email": "guest@example.com"}
    assert answer.body == [{"id": order["id"], "total": "120.00", "billing": billing, "refunds": []}]


@pytest.mark.parametrize("field", ["line_items.quantity", "refunds.total", "meta_data.key", "coupon_lines.code"])
def test_fields_that_reach_into_the_lists_of_an_order_leave_nothing_of_them(store: StoreApi, field: str) -> None:
    order = store.new_order()

    answer = store.get("orders", include=str(order["id"]), _fields=f"id,{field}")

    assert answer.body == [{"id": order["id"]}]


def test_a_single_record_keeps_its_links_whatever_fields_say(store: StoreApi) -> None:
    order = store.new_order()

    answer = store.get(f"orders/{order['id']}", _fields="id")

    assert set(answer.body) == {"id", "_links"}


def test_there_are_addresses_with_nothing_behind_them(store: StoreApi) -> None:
    answer = store.get("loyalty")

    assert (answer.status, answer.code) == (404, "rest_no_route")


def test_a_body_that_is_no_json_is_refused(store: StoreApi) -> None:
    headers = {"Content-Type": "application/json"}

    answer = store.send("POST", store.signed("POST", "orders"), data=b"{", headers=headers)

    assert (answer.status, answer.code) == (400, "rest_invalid_json")
