from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import chain, repeat

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.orders import OrderState
from connector.shop.client import ShopClient
from connector.shop.errors import ShopError, ShopRefused, ShopUnavailable
from connector.shop.orders import OrdersCursor, next_cursor, order, orders_page
from connector.shop.paging import PER_PAGE, Page
from tests.unit.shop.conftest import ScriptedStore

DAY = datetime(2026, 11, 1, tzinfo=UTC)


def payload(wc_id: int, **changes: object) -> dict[str, object]:
    at_least = {
        "id": wc_id,
        "status": "completed",
        "currency": "USD",
        "total": "5.00",
        "date_created_gmt": "2026-11-01T00:00:00",
    }
    return at_least | changes


def state(wc_id: int, ordered_at: datetime) -> OrderState:
    return OrderState(wc_id, "completed", "USD", 500, 0, 0, 0, None, ordered_at, ordered_at)


def test_an_order_is_asked_for_with_only_the_fields_we_keep(store: ScriptedStore, client: ShopClient) -> None:
    store.answers(payload(7))
    found = order(client, 7)
    assert found is not None
    assert found.wc_id == 7
    fields = store.asked[0].params["_fields"].split(",")
    assert store.asked[0].path == "/wp-json/wc/v3/orders/7"
    assert "billing.email" in fields
    assert not {"billing", "shipping", "meta_data", "customer_note"} & set(fields)


def test_an_order_is_gone_only_when_woocommerce_says_so(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"code": "woocommerce_rest_shop_order_invalid_id", "message": "Invalid ID."}, 404)
    assert order(client, 7) is None
    store.answers(payload(7, status="trash"))
    assert order(client, 7) is None


def test_a_missing_page_or_route_is_no_missing_order(store: ScriptedStore, client: ShopClient) -> None:
    store.answers(b"<html>404</html>", 404)
    with pytest.raises(ShopUnavailable):
        order(client, 7)
    store.answers({"code": "rest_no_route", "message": "No route was found."}, 404)
    with pytest.raises(ShopRefused):
        order(client, 7)


def test_a_page_is_asked_for_newest_first_and_before_a_time_in_utc_without_a_zone(
    store: ScriptedStore, client: ShopClient
) -> None:
    store.answers([payload(9), payload(8)], X_WP_Total="102", X_WP_TotalPages="2")
    page = orders_page(client, datetime(2026, 11, 22, 6, 0, tzinfo=timezone(timedelta(hours=2))))
    params = store.asked[0].params
    assert params["before"] == "2026-11-22T04:00:00"
    assert (params["dates_are_gmt"], params["orderby"], params["order"]) == ("true", "date", "desc")
    assert (params["per_page"], params["offset"], params["status"]) == ("100", "0", "any")
    assert [item.wc_id for item in page.items] == [9, 8]
    assert (page.total, page.is_last) == (102, False)


def test_the_first_page_has_no_border(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([])
    assert orders_page(client, None).is_last
    assert not {"before", "dates_are_gmt"} & set(store.asked[0].params)


def test_one_broken_order_hides_no_other(store: ScriptedStore, client: ShopClient) -> None:
    store.answers([payload(3), payload(2, total="x"), "nonsense", payload(1)])
    page = orders_page(client, None)
    assert [item.wc_id for item in page.items] == [3, 1]
    assert page.rejected == (
        "The store's order 2 cannot be read: total.",
        "The store sent something that is no order.",
    )
    assert page.received == 4


def test_something_else_in_place_of_orders_is_a_trouble_that_may_pass(
    store: ScriptedStore, client: ShopClient
) -> None:
    store.answers({"orders": []})
    with pytest.raises(ShopUnavailable):
        orders_page(client, None)
    store.answers([])
    with pytest.raises(ShopUnavailable):
        order(client, 7)


@pytest.mark.parametrize(
    ("received", "offset", "total", "last"),
    [
        (100, 0, None, False),
        (99, 0, None, True),
        (0, 0, 250, True),
        (50, 0, 150, False),
        (100, 100, 200, True),
        (100, 0, 0, True),
    ],
)
def test_the_last_page_is_known_with_and_without_the_stores_count(
    received: int, offset: int, total: int | None, last: bool
) -> None:
    assert Page((), (), received, offset, 100, total).is_last is last


@pytest.mark.parametrize("status", [500, 502, 504])
def test_less_is_asked_for_at_once_where_the_store_could_not_answer(
    store: ScriptedStore, client: ShopClient, status: int
) -> None:
    for _ in range(3):
        store.answers(b"<html>Gateway Time-out</html>", status)
    with pytest.raises(ShopUnavailable):
        orders_page(client, None, 200)
    store.script.clear()
    store.answers([payload(number) for number in range(1, 51)], X_WP_Total="300")
    page = orders_page(client, None, 200)
    assert (store.asked[-1].params["per_page"], store.asked[-1].params["offset"]) == ("50", "200")
    assert (page.received, page.is_last) == (50, False)
    assert next_cursor(page, OrdersCursor(DAY, 200)) == OrdersCursor(DAY, 250)


def test_more_is_asked_for_next_time_only_after_a_full_page(store: ScriptedStore, client: ShopClient) -> None:
    client.batch_size = 3
    store.answers([payload(1), payload(2)], X_WP_Total="2")
    orders_page(client, None)
    assert client.next_batch_size == 3
    store.answers([payload(1), payload(2), payload(3)], X_WP_Total="9")
    orders_page(client, None)
    assert client.next_batch_size == 6


def test_not_more_is_asked_for_next_time_after_a_request_that_failed(
    store: ScriptedStore, client: ShopClient
) -> None:
    client.batch_size = 1
    store.answers(b"", 429, Retry_After="900")
    with pytest.raises(ShopUnavailable):
        orders_page(client, None)
    store.answers([payload(1)], X_WP_Total="9")
    orders_page(client, None)
    assert client.next_batch_size == 1


@pytest.mark.parametrize("status", [401, 403, 429, 503])
def test_a_page_is_not_made_smaller_where_the_store_does_not_want_to_answer(
    store: ScriptedStore, client: ShopClient, status: int
) -> None:
    store.answers(b"", status, Retry_After="900")
    with pytest.raises(ShopError):
        orders_page(client, None)
    assert client.batch_size == 100


def walk(orders: list[OrderState], arriving: list[OrderState], counted: bool, sizes: Iterator[int]) -> list[int]:
    """Read a store from the newest order down while others arrive, as a backfill would."""
    seen: list[int] = []
    cursor: OrdersCursor | None = OrdersCursor()
    for _ in range(9_999):
        if cursor is None:
            return seen
        limit = cursor.before or DAY + timedelta(days=9)
        matching = [one for one in orders if one.ordered_at < limit]
        matching.sort(key=lambda one: (one.ordered_at, one.wc_id), reverse=True)
        size = next(sizes)
        items = tuple(matching[cursor.offset : cursor.offset + size])
        total = len(matching) if counted else None
        seen += [one.wc_id for one in items]
        cursor = next_cursor(Page(items, (), len(items), cursor.offset, size, total), cursor)
        if arriving:
            orders.append(arriving.pop())
    raise AssertionError("the walk does not end")


@settings(deadline=None)
@given(
    st.lists(st.integers(0, 230), max_size=6),
    st.integers(0, 40),
    st.booleans(),
    st.lists(st.sampled_from([1, 12, 50, PER_PAGE]), max_size=9),
)
def test_walking_back_misses_no_order_though_many_share_a_second_and_others_arrive(
    placed_in_each_second: list[int], arrivals: int, counted: bool, sizes: list[int]
) -> None:
    moments = [DAY + timedelta(seconds=at) for at, count in enumerate(placed_in_each_second) for _ in range(count)]
    orders = [state(wc_id, moment) for wc_id, moment in enumerate(moments, start=1)]
    arriving = [state(10_000 + one, DAY + timedelta(days=1, seconds=one)) for one in range(arrivals)]
    seen = walk(list(orders), arriving, counted, chain(sizes, repeat(PER_PAGE)))
    assert {one.wc_id for one in orders} <= set(seen)


def test_the_walk_goes_on_by_number_where_a_store_gives_orders_newer_than_asked() -> None:
    cursor = OrdersCursor(DAY)
    newer = Page((state(1, DAY + timedelta(hours=1)),), (), 100, 0, 100, 300)
    assert next_cursor(newer, cursor) == OrdersCursor(DAY, 100)


def test_the_walk_goes_on_past_a_page_of_which_nothing_can_be_read() -> None:
    unread: Page[OrderState] = Page((), (), 100, 0, 100, 200)
    assert next_cursor(unread, OrdersCursor()) == OrdersCursor(None, 100)
