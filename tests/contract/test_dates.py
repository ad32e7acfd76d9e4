"""Filters by date: exclusive, to the second, in the store's own time unless told otherwise."""

import time
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.contract.store_api import Json, StoreApi


def moved(text: str, seconds: int) -> str:
    return (datetime.fromisoformat(text) + timedelta(seconds=seconds)).isoformat()


def is_listed(store: StoreApi, order: Json, **bounds: str) -> bool:
    return bool(store.get("orders", include=str(order["id"]), **bounds).body)


@pytest.fixture(scope="module")
def order(store: StoreApi) -> Json:
    return store.new_order()


def test_dates_come_in_the_stores_time_and_in_gmt_without_an_offset(
    store: StoreApi, order: Json, zone: ZoneInfo
) -> None:
    gmt = datetime.fromisoformat(order["date_created_gmt"]).replace(tzinfo=UTC)

    assert order["date_created"] == gmt.astimezone(zone).replace(tzinfo=None).isoformat()
    assert order["date_created"] != order["date_created_gmt"]
    assert len(order["date_created"]) == len("2026-11-22T09:30:00")


@pytest.mark.parametrize(("prefix", "field"), [("", "date_created_gmt"), ("modified_", "date_modified_gmt")])
def test_bounds_in_gmt_are_exclusive_to_the_second(store: StoreApi, order: Json, prefix: str, field: str) -> None:
    held = order[field]

    assert is_listed(store, order, **{f"{prefix}before": moved(held, 1)}, dates_are_gmt="true")
    assert not is_listed(store, order, **{f"{prefix}before": held}, dates_are_gmt="true")
    assert is_listed(store, order, **{f"{prefix}after": moved(held, -1)}, dates_are_gmt="true")
    assert not is_listed(store, order, **{f"{prefix}after": held}, dates_are_gmt="true")


def test_bounds_are_the_stores_own_time_unless_told_otherwise(store: StoreApi, order: Json, zone: ZoneInfo) -> None:
    local = datetime.fromisoformat(order["date_created"]).replace(tzinfo=zone)
    if local.utcoffset() != local.replace(fold=1).utcoffset():
        pytest.skip("The store's clocks show this hour twice.")

    assert is_listed(store, order, before=moved(order["date_created"], 1))
    assert not is_listed(store, order, before=order["date_created"])
    assert not is_listed(store, order, before=moved(order["date_created_gmt"], 1))


def test_a_bound_with_a_z_is_gmt_where_nothing_else_is_said(store: StoreApi, order: Json) -> None:
    assert is_listed(store, order, before=f"{moved(order['date_created_gmt'], 1)}Z")
    assert not is_listed(store, order, before=f"{order['date_created_gmt']}Z")
    assert is_listed(store, order, after=f"{moved(order['date_created_gmt'], -1)}Z")


def test_a_z_and_dates_are_gmt_together_shift_the_bound_by_the_stores_offset(store: StoreApi, order: Json) -> None:
    just_before = f"{moved(order['date_created_gmt'], -1)}Z"

    assert not is_listed(store, order, after=just_before, dates_are_gmt="true")


def test_two_bounds_hold_together(store: StoreApi, order: Json) -> None:
    created = order["date_created_gmt"]

    window = {"after": moved(created, -1), "before": moved(created, 1)}

    assert is_listed(store, order, **window, dates_are_gmt="true")


@pytest.mark.parametrize("name", ["before", "after", "modified_after", "modified_before"])
def test_a_bound_that_is_no_date_is_refused(store: StoreApi, name: str) -> None:
    answer = store.get("orders", **{name: "yesterday"})

    assert (answer.status, answer.code) == (400, "rest_invalid_param")
    assert answer.body["data"]["params"] == {name: "Invalid date."}


def test_walking_back_by_the_oldest_date_seen_finds_every_order(store: StoreApi) -> None:
    line = {"product_id": store.product_id()}
    made = store.post("orders/batch", {"create": [{"line_items": [line]} for _ in range(5)]}).body["create"]
    ids = {order["id"] for order in made}
    include = ",".join(map(str, ids))
    newest = max(order["date_created_gmt"] for order in store.get("orders", include=include).body)

    seen: set[int] = set()
    before = moved(newest, 1)
    while page := store.get("orders", include=include, before=before, dates_are_gmt="true", per_page=100).body:
        seen |= {order["id"] for order in page}
        before = min(order["date_created_gmt"] for order in page)

    assert seen == ids


def test_a_change_moves_the_modified_date_on_and_no_other(store: StoreApi) -> None:
    order = store.new_order()
    changed, deadline = order, time.monotonic() + 60
    # Dates are whole seconds: a change may fall into the one in which the order was made.
    while changed["date_modified_gmt"] == order["date_modified_gmt"] and time.monotonic() < deadline:
        changed = store.put(f"orders/{order['id']}", {"customer_note": f"{changed['customer_note']}!"}).body

    assert changed["date_modified_gmt"] > order["date_modified_gmt"]
    assert changed["date_created_gmt"] == order["date_created_gmt"]
