"""What a store cannot take keeps nobody else waiting, and a store that is slow is told less at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from connector.db import stores
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import entitlements, outbox
from connector.shop.errors import ShopUnavailable
from jobs.sweep import sweep
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

COUPONS, PEOPLE = "/wc/v3/coupons/batch", "/wc/v3/customers/batch"


@pytest.fixture
def filled(clock: Clock) -> Iterator[SampleShop]:
    with SampleShop.filled(customers=40, clock=clock, allow_basic=True) as shop:
        yield shop


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened since the last time, and do the work that follows at once."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.drain()


def buyer(shop: SampleShop, number: int) -> int:
    """A registered customer who has bought something, and so gets a coupon."""
    wc_id: int = shop.register_customer(f"person{number}@example.com")["id"]
    shop.place_order("50.00", customer_id=wc_id)
    return wc_id


def let_hours_pass(house: House, hours: int) -> None:
    """Let the sweeper sweep every minute."""
    for _ in range(hours * 60):
        house.clock.advance(minutes=1)
        sweep(house.context)
        house.drain()


@pytest.mark.parametrize("status", [500, 502, 504])
def test_a_coupon_that_wordpress_cannot_make_keeps_nobody_else_waiting(
    house: House, shop: SampleShop, store: Store, status: int
) -> None:
    shop.faults.add("status", status=status, times=10_000, route=COUPONS, about="person0@example.com")
    buyer(shop, 0)
    tell(house, store, shop)
    let_hours_pass(house, 5)
    asked = shop.requests[f"POST {COUPONS}"]
    assert asked < 20

    healthy = [buyer(shop, number) for number in range(1, 6)]
    tell(house, store, shop)
    let_hours_pass(house, 1) if status != 500 else None

    assert [shop.meta(person).get("regulars_points") for person in healthy] == ["50"] * 5
    assert len(shop.coupons()) == 5
    assert house.owner_reads(store) == "The store failed on 1 of the changes; they are sent again."
    shop.faults.clear()
    let_hours_pass(house, 2)
    assert len(shop.coupons()) == 6
    assert house.owed() == []
    assert house.owner_reads(store) is None


def test_a_few_that_wordpress_cannot_take_do_not_pass_for_a_broken_store(
    house: House, shop: SampleShop, store: Store
) -> None:
    for number in range(4):
        shop.faults.add("status", times=10_000, route=COUPONS, about=f"person{number}@example.com")
    people = [buyer(shop, number) for number in range(8)]
    tell(house, store, shop)
    let_hours_pass(house, 1)

    assert [shop.meta(person).get("regulars_points") for person in people] == ["50"] * 8
    assert {coupon["email_restrictions"][0] for coupon in shop.coupons()} == {
        f"person{number}@example.com" for number in range(4, 8)
    }


def test_a_store_that_fails_at_everything_is_asked_less_and_less_often(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.faults.add("status", times=10_000)
    people = [buyer(shop, number) for number in range(8)]
    tell(house, store, shop)
    let_hours_pass(house, 1)
    asked = shop.requests.total()
    let_hours_pass(house, 1)
    assert shop.requests.total() - asked < 200
    shop.faults.clear()
    let_hours_pass(house, 2)
    assert [shop.meta(person).get("regulars_points") for person in people] == ["50"] * 8
    assert len(shop.coupons()) == 8
    assert house.owed() == []


def test_a_run_with_something_the_store_cannot_take_gives_its_place_to_others_in_time(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.write_back.BATCH_LIMIT", 10)
    store = house.pair(filled)
    house.backfill(store)
    filled.faults.add("partial_batch", times=1, route=PEOPLE)
    slowly = house.context.open_shop

    def open_shop(*told: str) -> Any:
        client = slowly(*told)
        post = client.post

        def take_a_while(*asked: Any) -> Any:
            house.clock.advance(seconds=15)
            return post(*asked)

        client.post = take_a_while  # type: ignore[method-assign]
        return client

    object.__setattr__(house.context, "open_shop", open_shop)
    house.drain()
    assert Counter(house.done)["write_back"] > 1


@pytest.mark.parametrize(
    ("kind", "options"),
    [("status", {"status": 504}), ("status", {"status": 504, "after_commit": True}), ("stall", {})],
    ids=str,
)
def test_a_store_too_slow_for_a_hundred_at_once_is_told_fewer_and_has_every_coupon_once(
    house: House, filled: SampleShop, kind: str, options: dict[str, Any]
) -> None:
    house.silence = 0.2
    store = house.pair(filled)
    for route in (PEOPLE, COUPONS):
        filled.faults.add(kind, times=1_000, route=route, more_than=6, **options)
    house.backfill(store)
    house.catch_up()
    assert all(filled.meta(customer["id"])["regulars_points"] for customer in filled.customers())
    wanted = {row.code.lower() for row in house.rows(select(entitlements.c.code))}
    assert sorted(coupon["code"] for coupon in filled.coupons()) == sorted(wanted)
    assert house.owed() == []


def test_a_store_that_was_slow_once_is_told_as_many_again_when_it_has_taken_as_many_as_it_was_told(
    house: House, filled: SampleShop
) -> None:
    store = house.pair(filled)
    filled.faults.add("status", status=504, route=PEOPLE, more_than=30)
    house.backfill(store)
    house.drain()
    assert batch_size(house, store) == 20
    house.catch_up()
    assert batch_size(house, store) == 40
    for number in range(3):
        buyer(filled, number)
        tell(house, store, filled)
    assert batch_size(house, store) == 40
    for customer in filled.customers():
        filled.place_order("5.00", customer_id=customer["id"])
    house.hear(store, filled)
    tell_together(house)
    assert batch_size(house, store) == 80


def tell_together(house: House) -> None:
    """Let the write-back come last, so that it has everything to write at once."""
    while any(job != "write_back" for _, job in house.queue.waiting):
        if house.queue.waiting[0][1] == "write_back":
            house.queue.waiting.rotate(-1)
        else:
            house.step()
    house.drain()


def take_long(house: House) -> None:
    """Let a write that the store does not answer take as long as we wait for it."""
    house.silence = 0.2
    ours = house.context.open_shop

    def open_shop(*told: str) -> Any:
        client = ours(*told)
        post = client.post

        def waited_for(*asked: Any) -> Any:
            try:
                return post(*asked)
            except ShopUnavailable:
                house.clock.advance(seconds=20)
                raise

        client.post = waited_for  # type: ignore[method-assign]
        return client

    object.__setattr__(house.context, "open_shop", open_shop)


@pytest.mark.parametrize(
    ("kind", "options", "longest"),
    [("stall", {}, 3_600), ("status", {"status": 502}, 300), ("status", {"status": 504}, 300)],
    ids=str,
)
def test_a_store_that_times_out_at_everything_waits_longer_and_longer_and_its_owner_is_told(
    house: House, filled: SampleShop, kind: str, options: dict[str, Any], longest: int
) -> None:
    store = house.pair(filled)
    take_long(house)
    filled.faults.add(kind, times=10_000, method="POST", **options)
    house.backfill(store)
    house.drain()
    waited = []
    for _ in range(16):
        due = house.next_due()
        assert due is not None
        waited.append((due - house.clock()).total_seconds())
        assert house.owner_reads(store)
        house.clock.advance(seconds=waited[-1])
        sweep(house.context)
        house.drain()
    assert waited == [min(5 * 2**failure, longest) for failure in range(16)]
    assert batch_size(house, store) == 1

    filled.faults.clear()
    house.catch_up()
    assert all(filled.meta(customer["id"])["regulars_points"] for customer in filled.customers())
    assert house.owed() == []
    assert house.owner_reads(store) is None


@pytest.mark.parametrize(("kind", "options"), [("status", {"status": 502}), ("stall", {})], ids=str)
def test_a_customer_at_whom_the_store_falls_silent_is_passed_by_and_makes_it_no_slower(
    house: House, shop: SampleShop, store: Store, kind: str, options: dict[str, Any]
) -> None:
    take_long(house)
    people = [buyer(shop, number) for number in range(12)]
    shop.faults.add(kind, times=10_000, route=PEOPLE, about=f'"id": {people[0]},', **options)
    house.hear(store, shop)
    tell_together(house)
    let_hours_pass(house, 1)
    assert [shop.meta(person).get("regulars_points") for person in people] == [None] + ["50"] * 11

    known = batch_size(house, store)
    let_hours_pass(house, 2)
    assert batch_size(house, store) == known
    assert house.owner_reads(store)
    late = buyer(shop, 12)
    tell(house, store, shop)
    assert shop.meta(late)["regulars_points"] == "50"
    shop.faults.clear()
    let_hours_pass(house, 2)
    assert shop.meta(people[0])["regulars_points"] == "50"
    assert house.owed() == []


def test_where_one_change_at_a_time_is_written_one_that_fails_does_not_end_the_run(
    house: House, shop: SampleShop, store: Store
) -> None:
    people = [buyer(shop, number) for number in range(4)]
    with transaction(house.engine) as connection:
        stores.note_batch_size(connection, store, 1)
    shop.faults.add("status", times=10_000, route=PEOPLE, about=f'"id": {people[0]},')
    house.hear(store, shop)
    tell_together(house)
    assert [shop.meta(person).get("regulars_points") for person in people] == [None] + ["50"] * 3


@pytest.mark.parametrize("withdrawn", [False, True])
def test_a_coupon_that_wordpress_cannot_look_up_keeps_no_other_from_being_recorded(
    house: House, shop: SampleShop, store: Store, *, withdrawn: bool
) -> None:
    placed = [shop.place_order("50.00", email=f"person{number}@example.com") for number in range(5)]
    shop.faults.add("drop_after_commit", route=COUPONS)
    house.hear(store, shop)
    tell_together(house)
    for order in placed if withdrawn else ():
        shop.cancel(order["id"])
    poison = shop.coupons()[2]["code"]
    for about in (poison, poison.upper(), "per_page"):
        shop.faults.add("status", times=10_000, method="GET", route="/wc/v3/coupons", about=about)
    house.hear(store, shop)
    tell_together(house)
    let_hours_pass(house, 1)
    waiting = house.rows(
        select(outbox.c.desired).where(outbox.c.written_hash.is_distinct_from(outbox.c.desired_hash))
    )
    assert [row.desired["code"].lower() for row in waiting] == [poison]
    assert len(shop.coupons()) == (1 if withdrawn else 5)
    shop.faults.clear()
    let_hours_pass(house, 2)
    assert len(shop.coupons()) == (0 if withdrawn else 5)
    assert house.owed() == []


def batch_size(house: House, store: Store) -> int:
    with reading(house.engine) as connection:
        return stores.by_id(connection, store.id).batch_size
