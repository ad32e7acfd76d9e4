"""Pages, fields and refused parameters, the same for every collection."""

import pytest
import requests

from tests.contract.store_api import Json, StoreApi, new_code


@pytest.fixture(scope="module")
def three(store: StoreApi) -> list[int]:
    """The ids of three orders, in the order they were made."""
    return [store.new_order()["id"] for _ in range(3)]


def listed(ids: list[int]) -> str:
    return ",".join(map(str, ids))


def numbers(records: list[Json]) -> list[int]:
    return [record["id"] for record in records]


def links(header: str) -> dict[str, str]:
    return {link["rel"]: link["url"] for link in requests.utils.parse_header_links(header)}


def test_headers_tell_how_much_there_is(store: StoreApi, three: list[int]) -> None:
    answer = store.get("orders", include=listed(three), per_page=2)

    assert len(answer.body) == 2
    assert (answer.headers["X-WP-Total"], answer.headers["X-WP-TotalPages"]) == ("3", "2")


def test_links_lead_to_the_pages_beside_this_one(store: StoreApi, three: list[int]) -> None:
    first, second, third = (
        links(store.get("orders", include=listed(three), per_page=1, page=page).headers["Link"]) for page in (1, 2, 3)
    )

    assert set(first) == {"next"}
    assert set(second) == {"prev", "next"}
    assert set(third) == {"prev"}
    assert "page=2" in first["next"]
    assert "per_page=1" in first["next"]


def test_an_only_page_links_to_the_root_of_the_api(store: StoreApi, three: list[int]) -> None:
    answer = store.get("orders", include=listed(three))

    assert links(answer.headers["Link"]) == {"https://api.w.org/": store.rest_url}


def test_ten_records_make_a_page_unless_asked_otherwise(store: StoreApi) -> None:
    made = store.post("coupons/batch", {"create": [{"code": new_code()} for _ in range(11)]}).body["create"]

    assert len(store.get("coupons", include=listed(numbers(made))).body) == 10


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


def test_a_page_past_the_last_of_the_orders_is_empty_and_forgets_the_total(store: StoreApi, three: list[int]) -> None:
    answer = store.get("orders", include=listed(three), page=9999)

    # So it is where orders have tables of their own; kept as posts they still know the total. Rely on neither.
    assert (answer.status, answer.body) == (200, [])
    assert answer.headers["X-WP-Total"] == "0"


def test_a_page_past_the_last_of_the_customers_still_knows_the_total(store: StoreApi) -> None:
    store.new_customer()

    answer = store.get("customers", page=9999)

    assert (answer.status, answer.body) == (200, [])
    assert int(answer.headers["X-WP-Total"]) > 0


def test_an_offset_skips_records(store: StoreApi, three: list[int]) -> None:
    answer = store.get("orders", include=listed(three), orderby="id", order="asc", offset=1, per_page=1)

    assert numbers(answer.body) == [three[1]]


def test_an_offset_skips_customers_and_counts_them(store: StoreApi) -> None:
    made = [store.new_customer()["id"] for _ in range(3)]

    answer = store.get("customers", include=listed(made), role="all", orderby="id", order="asc", offset=1, per_page=2)

    assert numbers(answer.body) == made[1:]
    assert answer.headers["X-WP-Total"] == "3"


def test_records_can_be_sorted_by_id_both_ways(store: StoreApi, three: list[int]) -> None:
    assert numbers(store.get("orders", include=listed(three), orderby="id", order="asc").body) == three
    assert numbers(store.get("orders", include=listed(three), orderby="id", order="desc").body) == three[::-1]


def test_orders_made_in_the_same_second_are_sorted_by_id(store: StoreApi) -> None:
    line = {"product_id": store.product_id()}
    made = store.post("orders/batch", {"create": [{"line_items": [line]} for _ in range(4)]}).body["create"]

    assert numbers(store.get("orders", include=listed(numbers(made))).body) == numbers(made)[::-1]


def test_records_can_be_left_out(store: StoreApi, three: list[int]) -> None:
    found = numbers(store.get("orders", exclude=listed(three[:2]), per_page=100).body)

    assert three[2] in found
    assert not set(three[:2]) & set(found)


def test_fields_leave_only_what_was_asked_for(store: StoreApi) -> None:
    order = store.new_order(billing={"email": "guest@example.com", "city": "Sampleton"})

    answer = store.get("orders", include=str(order["id"]), _fields="id,total,billing.email,refunds")

    billing = {"email": "guest@example.com"}
    assert answer.body == [{"id": order["id"], "total": "120.00", "billing": billing, "refunds": []}]


@pytest.mark.parametrize("field", ["line_items.quantity", "refunds.total", "meta_data.key", "coupon_lines.code"])
def test_fields_that_reach_into_the_lists_of_an_order_leave_nothing_of_them(
    store: StoreApi, three: list[int], field: str
) -> None:
    answer = store.get("orders", include=str(three[0]), _fields=f"id,{field}")

    assert answer.body == [{"id": three[0]}]


def test_a_single_record_keeps_its_links_whatever_fields_say(store: StoreApi, three: list[int]) -> None:
    answer = store.get(f"orders/{three[0]}", _fields="id")

    assert set(answer.body) == {"id", "_links"}


def test_there_are_addresses_with_nothing_behind_them(store: StoreApi) -> None:
    answer = store.get("loyalty")

    assert (answer.status, answer.code) == (404, "rest_no_route")


def test_a_body_that_is_no_json_is_refused(store: StoreApi) -> None:
    headers = {"Content-Type": "application/json"}

    answer = store.send("POST", store.signed("POST", "orders"), data=b"{", headers=headers)

    assert (answer.status, answer.code) == (400, "rest_invalid_json")
