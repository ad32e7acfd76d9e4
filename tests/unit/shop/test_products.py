from __future__ import annotations

import pytest

from connector.shop.client import ShopClient
from connector.shop.errors import ShopUnavailable
from connector.shop.products import categories
from tests.unit.shop.conftest import ScriptedStore


def in_(wc_id: int, *category_ids: int) -> dict[str, object]:
    return {"id": wc_id, "categories": [{"id": one, "name": "x", "slug": "x"} for one in category_ids]}


def test_a_product_is_in_its_categories_and_in_those_above(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([in_(5, 17), in_(6)])
    store.answers([{"id": 17, "parent": 16}])
    store.answers([{"id": 16, "parent": 15}])
    store.answers([{"id": 15, "parent": 0}])

    assert categories(client, [6, 5]) == {5: {15, 16, 17}, 6: frozenset()}
    assert [asked.path.removeprefix("/wp-json/wc/v3/") for asked in store.asked] == [
        "products",
        *["products/categories"] * 3,
    ]
    assert store.asked[0].params == {"include": "5,6", "per_page": "100", "_fields": "id,categories"}
    assert [asked.params["include"] for asked in store.asked[1:]] == ["17", "16", "15"]


def test_nothing_is_asked_about_no_products(store: ScriptedStore, client: ShopClient) -> None:
    assert categories(client, []) == {}
    assert store.asked == []


def test_products_the_store_no_longer_has_are_not_in_the_answer(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([])
    assert categories(client, [5]) == {}


def test_categories_that_stand_above_each_other_end(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([in_(5, 17)])
    store.answers([{"id": 17, "parent": 18}])
    store.answers([{"id": 18, "parent": 17}])
    assert categories(client, [5]) == {5: {17, 18}}


def test_a_parent_that_is_gone_is_an_ancestor_still(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([in_(5, 17)])
    store.answers([{"id": 17, "parent": 18}])
    store.answers([])
    assert categories(client, [5]) == {5: {17, 18}}


def test_hundreds_of_products_are_read_in_pages(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([in_(number) for number in range(1, 101)])
    store.answers([in_(101)])
    assert len(categories(client, range(1, 102))) == 101


@pytest.mark.parametrize("answer", [{"id": 5}, {"products": []}])
def test_an_answer_that_is_no_list_may_be_one_later(store: ScriptedStore, client: ShopClient, answer: object) -> None:
    store.answers(answer)
    with pytest.raises(ShopUnavailable):
        categories(client, [5])
