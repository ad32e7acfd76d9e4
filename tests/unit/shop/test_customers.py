from dataclasses import replace
from itertools import chain, repeat

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.orders import CustomerState
from connector.shop.batches import Done, Refused
from connector.shop.client import ShopClient
from connector.shop.customers import (
    CustomersCursor,
    customer,
    customers_page,
    next_customers,
    update_customers_meta,
)
from connector.shop.errors import ShopRefused, ShopUnavailable
from connector.shop.paging import Page
from tests.unit.shop.conftest import ScriptedStore


def test_customers_of_every_role_are_read_oldest_first(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([{"id": 1, "email": "A@shop.example"}], X_WP_Total="1", X_WP_TotalPages="1")
    page = customers_page(client)
    params = store.asked[0].params
    assert (params["role"], params["orderby"], params["order"], params["per_page"]) == ("all", "id", "asc", "100")
    assert params["_fields"] == "id,email,date_created_gmt,regulars_birthday,regulars_offers"
    assert [(item.wc_id, item.email) for item in page.items] == [(1, "a@shop.example")]
    assert page.is_last


def page_of(users: list[int], offset: int, size: int) -> Page[CustomerState]:
    states = tuple(CustomerState(wc_id, None, None) for wc_id in users[offset : offset + size])
    return Page(states, (), len(states), offset, size, len(users))


@given(
    st.integers(0, 60),
    st.lists(st.tuples(st.lists(st.integers(0, 59), max_size=20), st.integers(0, 5)), max_size=12),
    st.lists(st.integers(2, 9), max_size=12),
)
def test_no_user_is_passed_by_though_others_are_deleted_and_register_meanwhile(
    count: int, happening: list[tuple[list[int], int]], sizes: list[int]
) -> None:
    users = list(range(1, count + 1))
    seen: set[int] = set()
    cursor: CustomersCursor | None = CustomersCursor()
    between, wide = chain(happening, repeat(([], 0))), chain(sizes, repeat(7))
    while cursor is not None:
        page = page_of(users, cursor.offset, next(wide))
        seen |= {state.wc_id for state in page.items}
        cursor = next_customers(page, cursor)
        gone, new = next(between)
        users = [wc_id for wc_id in users if wc_id not in gone] + list(range(max([60, *users]) + 1, 61 + new))
    assert {wc_id for wc_id in users if wc_id <= count} <= seen


def test_a_store_that_gives_users_in_no_order_is_read_to_its_end_all_the_same() -> None:
    users = [5, 9, 3, 8, 1, 7, 2, 6, 4, 10]
    cursor: CustomersCursor | None = CustomersCursor()
    seen: list[int] = []
    while cursor is not None:
        page = page_of(users, cursor.offset, 3)
        seen += [state.wc_id for state in page.items]
        cursor = next_customers(page, cursor)
    assert set(seen) == set(users)
    assert len(seen) < 100


def test_a_store_that_counts_users_it_does_not_give_is_read_to_its_end_one_by_one() -> None:
    cursor: CustomersCursor | None = CustomersCursor()
    seen: list[int] = []
    while cursor is not None:
        page = replace(page_of([1, 2, 3, 4, 5], cursor.offset, 1), asked=2)
        seen += [state.wc_id for state in page.items]
        cursor = next_customers(page, cursor)
    assert seen == [1, 2, 3, 4, 5]


def test_a_customer_is_gone_only_when_woocommerce_says_so(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"code": "wc_user_invalid_id", "message": "Invalid user ID.", "data": {"status": 404}}, 404)
    assert customer(client, 7) is None
    store.answers({"code": "woocommerce_rest_cannot_view", "message": "Sorry."}, 403)
    with pytest.raises(ShopRefused):
        customer(client, 7)
    store.answers({"id": 7, "email": "b@shop.example"})
    found = customer(client, 7)
    assert found is not None
    assert found.email == "b@shop.example"


def test_meta_is_written_and_nothing_else(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"update": [{"id": 7}]})
    results = update_customers_meta(client, [(7, {"regulars_tier": "gold", "regulars_points": "120"})])
    assert results == [Done(7)]
    assert store.asked[0].method == "POST"
    assert store.asked[0].path == "/wp-json/wc/v3/customers/batch"
    assert store.asked[0].body == {
        "update": [
            {
                "id": 7,
                "meta_data": [
                    {"key": "regulars_tier", "value": "gold"},
                    {"key": "regulars_points", "value": "120"},
                ],
            }
        ]
    }


def test_a_hundred_customers_go_into_one_request_and_the_next_into_another(
    store: ScriptedStore, client: ShopClient
) -> None:
    for ids in (range(1, 101), range(101, 201), [201]):
        store.answers({"update": [{"id": wc_id} for wc_id in ids]})
    results = update_customers_meta(client, [(wc_id, {"regulars_points": "1"}) for wc_id in range(1, 202)])
    assert results == [Done(wc_id) for wc_id in range(1, 202)]
    assert [len(asked.body["update"]) for asked in store.asked] == [100, 100, 1]
    assert client.requests_made == 3


def test_one_refused_customer_does_not_hide_what_became_of_the_others(
    store: ScriptedStore, client: ShopClient
) -> None:
    gone = {"code": "wc_user_invalid_id", "message": "Invalid user ID.", "data": {"status": 404}}
    store.answers({"update": [{"id": 1}, {"id": 2, "error": gone}, {"id": 3}]})
    results = update_customers_meta(client, [(1, {}), (2, {}), (3, {})])
    assert results == [Done(1), Refused("wc_user_invalid_id", "Invalid user ID.", 404), Done(3)]
    assert isinstance(results[1], Refused)
    assert results[1].gone
    assert not results[1].retryable


def test_nothing_to_write_is_no_request(store: ScriptedStore, client: ShopClient) -> None:
    assert update_customers_meta(client, []) == []
    assert client.requests_made == 0


@pytest.mark.parametrize(
    "answer",
    [
        {},
        [],
        {"update": []},
        {"update": [{"id": 2}, {"id": 1}]},
        {"update": [{"id": 1}]},
        {"update": [{"id": 1}, {"id": 2}, {"id": 3}]},
        {"update": [{"id": 1}, "done"]},
        {"update": [{"id": 1}, {"id": 2, "error": "no"}]},
        {"update": {"0": {"id": 1}, "1": {"id": 2}}},
    ],
    ids=str,
)
def test_a_result_is_never_credited_to_the_wrong_customer(
    store: ScriptedStore, client: ShopClient, answer: object
) -> None:
    store.answers(answer)
    with pytest.raises(ShopUnavailable) as unavailable:
        update_customers_meta(client, [(1, {}), (2, {})])
    assert unavailable.value.reason == "broken_answer"
