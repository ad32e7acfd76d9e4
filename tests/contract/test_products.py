"""Products, as far as rules on categories need them: which categories they are in, and what stands above those."""

from __future__ import annotations

import uuid

from tests.contract.store_api import Json, StoreApi


def new_category(store: StoreApi, parent: int = 0) -> int:
    made = store.post("products/categories", {"name": f"Category {uuid.uuid4().hex[:12]}", "parent": parent})
    assert made.status == 201, made.body
    return int(made.body["id"])


def new_product(store: StoreApi, *categories: int, **fields: str) -> Json:
    body = {"name": "Lamp", "regular_price": "50.00", "categories": [{"id": one} for one in categories], **fields}
    made = store.post("products", body)
    assert made.status == 201, made.body
    product: Json = made.body
    return product


def test_a_product_lists_its_own_categories_and_none_above(store: StoreApi) -> None:
    top = new_category(store)
    below = new_category(store, parent=top)
    product = new_product(store, below)

    (found,) = store.get("products", include=str(product["id"]), _fields="id,categories").body

    assert set(found) == {"id", "categories"}
    assert [category["id"] for category in found["categories"]] == [below]


def test_several_products_are_read_at_once_and_those_that_are_none_left_out(store: StoreApi) -> None:
    ids = sorted(new_product(store, new_category(store))["id"] for _ in range(3))
    include = ",".join(map(str, [*ids, 99_999_999]))

    found = store.get("products", include=include, per_page="100", _fields="id,categories").body

    assert sorted(product["id"] for product in found) == ids


def test_a_category_names_the_one_above_it(store: StoreApi) -> None:
    top = new_category(store)
    below = new_category(store, parent=top)

    found = store.get("products/categories", include=f"{top},{below}", per_page="100", _fields="id,parent").body

    assert {category["id"]: category["parent"] for category in found} == {top: 0, below: top}
    assert all(set(category) == {"id", "parent"} for category in found)


def test_a_product_with_a_sale_price_is_on_sale(store: StoreApi) -> None:
    product = new_product(store, sale_price="45.00")

    assert (product["on_sale"], product["price"], product["regular_price"]) == (True, "45.00", "50.00")
    assert new_product(store)["on_sale"] is False


def test_meta_of_a_line_that_begins_with_an_underscore_is_shown(store: StoreApi) -> None:
    line = {
        "product_id": store.product_id(),
        "quantity": 1,
        "meta_data": [{"key": "_regulars_on_sale", "value": "yes"}],
    }

    made = store.post("orders", {"status": "processing", "line_items": [line]}).body

    (found,) = store.get(f"orders/{made['id']}", _fields="line_items").body["line_items"]
    assert {entry["key"]: entry["value"] for entry in found["meta_data"]} == {"_regulars_on_sale": "yes"}
