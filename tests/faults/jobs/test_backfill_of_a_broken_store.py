"""A slow, angry or broken store loses nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from connector.db import backfills
from connector.db.session import reading
from connector.db.stores import Store
from connector.domain.troubles import say
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop import SampleShop

PEOPLE, ORDERS = "/wc/v3/customers", "/wc/v3/orders"
FAULTS: list[tuple[str, dict[str, Any]]] = [
    ("status", {"status": 500}),
    ("status", {"status": 503, "times": 7}),
    ("status", {"status": 429, "retry_after": 3}),
    ("status", {"status": 429, "retry_after": 900}),
    ("html", {"times": 2}),
    ("empty", {}),
    ("not_json", {}),
    ("drop", {"times": 5}),
    ("drop_after_commit", {}),
    ("stall", {}),
]


# What a connector waits for a store that stalls: an ordinary answer may take longer on a busy machine.
SOON = 0.3


@pytest.fixture
def filled(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleShop]:
    monkeypatch.setattr("connector.shop.paging.PER_PAGE", 12)
    with SampleShop.filled(customers=16, clock=clock, allow_basic=True) as shop:
        yield shop


def is_complete(house: House, store: Store, shop: SampleShop) -> None:
    with reading(house.engine) as connection:
        assert backfills.is_complete(connection, store.id)
    held = snapshot(house.engine, store)
    assert held["orders"].keys() == {order["id"] for order in shop.orders()}
    assert held["balances"] == fresh_balances(shop)
    ledger_is_sound(house.engine, store)
    assert house.owed() == []
    assert all(shop.meta(customer["id"])["regulars_points"] for customer in shop.customers())


@pytest.mark.parametrize(("kind", "options"), FAULTS, ids=str)
def test_nothing_is_lost_while_the_store_misbehaves(
    house: House, filled: SampleShop, kind: str, options: dict[str, Any]
) -> None:
    store = house.pair(filled)
    if kind == "stall":
        house.silence = SOON
    for route in (PEOPLE, ORDERS):
        filled.faults.add(kind, route=route, **options)
    house.backfill(store)
    house.catch_up()
    assert filled.faults.pending() == 0
    is_complete(house, store, filled)


@pytest.mark.parametrize(("kind", "options"), [("status", {"status": 504}), ("stall", {})], ids=str)
def test_a_store_too_slow_for_a_whole_page_is_read_in_smaller_ones(
    house: House, filled: SampleShop, kind: str, options: dict[str, Any]
) -> None:
    if kind == "stall":
        house.silence = SOON
    store = house.pair(filled)
    for route in (PEOPLE, ORDERS):
        filled.faults.add(kind, times=1_000, route=route, more_than=7, **options)
    house.backfill(store)
    house.catch_up()
    is_complete(house, store, filled)


def test_a_short_retry_after_is_waited_out_and_a_long_one_is_kept(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    filled.faults.add("status", status=429, retry_after=900, route=ORDERS)
    filled.faults.add("status", status=429, retry_after=3, route=ORDERS)
    house.backfill(store)
    house.drain()
    due = house.next_due()
    assert house.pauses == [3.0]
    assert due is not None
    assert due - house.clock() == timedelta(seconds=900)
    assert house.owner_reads(store) == say("too_many_requests")
    asked = filled.requests["GET /wc/v3/orders"]
    house.clock.advance(seconds=899)
    house.queue.offer(house.owed()[0].id, "backfill")
    house.drain()
    assert filled.requests["GET /wc/v3/orders"] == asked
    house.catch_up()
    is_complete(house, store, filled)


def test_a_redirect_is_shown_to_the_owner_and_waits_for_them(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    filled.faults.add(
        "redirect", times=50, route=ORDERS, location="https://www.shop.example/wp-json/wc/v3/orders?x=1"
    )
    house.backfill(store)
    house.catch_up()
    (owed,) = house.owed()
    assert owed.parked_at is not None
    assert filled.requests["GET /wc/v3/orders"] == 1
    assert house.owner_reads(store) == (
        "The store redirects its REST API to https://www.shop.example/wp-json/wc/v3/orders. "
        "Connect again with that address, or take the redirect away."
    )
    filled.faults.clear()
    house.want(store, "backfill")
    house.catch_up()
    is_complete(house, store, filled)


def test_an_order_that_cannot_be_read_hides_no_other(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    broken = filled.orders()[3]["id"]
    filled._state.orders[broken]["total"] = "a lot"
    house.backfill(store)
    house.catch_up()
    held = snapshot(house.engine, store)["orders"]
    assert held.keys() == {order["id"] for order in filled.orders()} - {broken}
    with reading(house.engine) as connection:
        read = backfills.latest(connection, store.id)
    assert read is not None
    (complaint,) = read.unreadable
    assert str(broken) in complaint


@pytest.mark.parametrize(("kind", "options"), [FAULTS[0], FAULTS[3], FAULTS[4], FAULTS[7], FAULTS[9]], ids=str)
def test_a_hint_is_followed_when_the_store_answers_again(
    house: House, shop: SampleShop, kind: str, options: dict[str, Any]
) -> None:
    store = house.pair(shop)
    if kind == "stall":
        house.silence = SOON
    house.history_is_read(store)
    order = shop.place_order("50.00", email="ann@example.com")
    shop.faults.add(kind, route="/wc/v3/orders/<id>", **options)
    house.hint(store, "order.updated", order["id"], "first")
    house.catch_up()
    assert shop.faults.pending() == 0
    assert snapshot(house.engine, store)["balances"] == fresh_balances(shop)
