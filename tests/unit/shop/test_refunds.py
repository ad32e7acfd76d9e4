from __future__ import annotations

from typing import Any

import pytest

from connector.shop.client import ShopClient
from connector.shop.errors import ShopUnavailable
from connector.shop.orders import order, orders_page
from connector.shop.refunds import with_refund_details
from tests.unit.shop.conftest import ScriptedStore


def refunded(wc_id: int, *refund_ids: int) -> dict[str, Any]:
    return {"id": wc_id, "refunds": [{"id": refund_id, "reason": "", "total": "-1.00"} for refund_id in refund_ids]}


def detail(refund_id: int, **more: object) -> dict[str, Any]:
    return {"id": refund_id, "date_created_gmt": "2026-11-22T10:00:00", "line_items": [], "amount": "1.00", **more}


def test_refunds_of_many_orders_are_read_at_once(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([detail(5), detail(6), detail(9)])
    first, second, third = with_refund_details(client, [refunded(1, 6, 5), refunded(2), refunded(3, 9)])
    (asked,) = store.asked
    assert asked.path == "/wp-json/wc/v3/refunds"
    assert (asked.params["include"], asked.params["per_page"]) == ("5,6,9", "100")
    assert asked.params["_fields"] == "id,date_created_gmt,line_items"
    assert [refund["date_created_gmt"] for refund in first["refunds"] + third["refunds"]] == [
        "2026-11-22T10:00:00"
    ] * 3
    assert (second, first["refunds"][0]["id"], first["refunds"][0]["total"]) == (refunded(2), 6, "-1.00")


def test_orders_without_refunds_cost_no_request(store: ScriptedStore, client: ShopClient) -> None:
    assert with_refund_details(client, [refunded(1), {"id": 2}]) == [refunded(1), {"id": 2}]
    assert store.asked == []


def test_more_than_a_page_of_refunds_is_read_in_pages(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([detail(number) for number in range(1, 101)])
    store.answers([detail(101)])
    (found,) = with_refund_details(client, [refunded(1, *range(1, 102))])
    assert [asked.params["include"].count(",") for asked in store.asked] == [99, 0]
    assert all("date_created_gmt" in refund for refund in found["refunds"])


def test_a_refund_deleted_meanwhile_stays_as_the_order_lists_it(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([])
    assert with_refund_details(client, [refunded(1, 5)]) == [refunded(1, 5)]


@pytest.mark.parametrize("odd", [None, "order", {"refunds": None}, {"refunds": ["x"]}, {"refunds": [{"id": "5"}]}])
def test_what_is_no_order_is_left_for_its_reader(store: ScriptedStore, client: ShopClient, odd: object) -> None:
    assert with_refund_details(client, [odd]) == [odd]


def test_an_answer_that_is_no_list_may_be_one_later(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"id": 5})
    with pytest.raises(ShopUnavailable):
        with_refund_details(client, [refunded(1, 5)])


def test_an_order_and_a_page_of_them_come_with_their_refunds(store: ScriptedStore, client: ShopClient) -> None:
    origin = [{"key": "_refunded_item_id", "value": "31"}]
    back = detail(5, line_items=[{"id": 40, "total": "-1.00", "total_tax": "-0.20", "meta_data": origin}])
    body = refunded(7, 5) | {
        "status": "completed",
        "currency": "USD",
        "total": "5.00",
        "date_created_gmt": "2026-11-01T00:00:00",
        "line_items": [{"id": 31, "product_id": 3, "total": "4.00"}],
    }
    store.answers(body)
    store.answers([back])
    found = order(client, 7)
    store.answers([body])
    store.answers([back])
    page = orders_page(client, None)
    assert page.items == (found,)
    assert found is not None
    assert found.lines[0].refunded == 120
