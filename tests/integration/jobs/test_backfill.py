"""Reading a store's whole history: newest first, resumed where it was broken off, and complete."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import func, select

from connector.db import accounts, backfills
from connector.db.session import reading
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, orders, outbox, postings, standings
from connector.domain.programme.earning import Bonuses
from connector.shop.client import Answer, ShopClient
from jobs.sweep import sweep
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop import SampleShop


class Killed(BaseException):
    """The worker died here."""


@pytest.fixture
def filled(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[SampleShop]:
    """A shop with 3 pages of customers and 9 of orders."""
    monkeypatch.setattr("connector.shop.paging.PER_PAGE", 12)
    with SampleShop.filled(customers=34, clock=clock, allow_basic=True) as shop:
        yield shop


def progress(house: House, store: Store) -> Any:
    with reading(house.engine) as connection:
        return backfills.latest(connection, store.id)


def after_each_answer(house: House, then: Callable[[int], None]) -> None:
    """Do something after the store's nth answer has come and before anything is made of it."""
    answers = 0

    def open_shop(rest_url: str, key: str, secret: str) -> ShopClient:
        client = house.open_shop(rest_url, key, secret)
        get = client.get

        def counted(*asked: Any) -> Answer:
            nonlocal answers
            answer = get(*asked)
            answers += 1
            then(answers)
            return answer

        client.get = counted  # type: ignore[method-assign]
        return client

    house.context = replace(house.context, open_shop=open_shop)


def read_whole(house: House, store: Store) -> None:
    house.backfill(store)
    house.catch_up()
    assert progress(house, store).state == "done"
    assert house.owed() == []


def test_everything_is_read_and_awarded(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    read_whole(house, store)
    held = snapshot(house.engine, store)
    assert held["orders"].keys() == {order["id"] for order in filled.orders()}
    assert held["balances"] == fresh_balances(filled)
    assert held["standings"].keys() == {("user", customer["id"]) for customer in filled.customers()}
    ledger_is_sound(house.engine, store)
    done = progress(house, store)
    assert (done.customers_done, done.customers_total) == (34, 34)
    assert done.orders_done == done.orders_total == len(filled.orders())
    assert house.done == ["backfill", "score", "write_back"]


@pytest.mark.parametrize("at_once", [1, 2, 5])
def test_progress_counts_no_order_twice_however_small_the_pages(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch, at_once: int
) -> None:
    monkeypatch.setattr("connector.shop.paging.PER_PAGE", at_once)
    store = house.pair(filled)
    seen: list[tuple[int, int]] = []

    def note(_: int) -> None:
        current = progress(house, store)
        if current.phase == "orders":
            stored = house.rows(select(func.count()).select_from(orders))[0][0]
            seen.append((current.orders_done - stored, current.orders_total))

    after_each_answer(house, note)
    read_whole(house, store)
    assert {more for more, _ in seen} == {0}
    assert {total for _, total in seen[1:]} == {len(filled.orders())}


def test_the_newest_orders_are_read_first(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    house.backfill(store)

    def die(answers: int) -> None:
        if answers == 6:
            raise Killed

    after_each_answer(house, die)
    with pytest.raises(Killed):
        house.drain()
    newest = {order["id"] for order in sorted(filled.orders(), key=lambda order: order["date_created_gmt"])[-20:]}
    assert newest <= {row.wc_id for row in house.rows(select(orders.c.wc_id))}
    assert house.rows(select(func.count()).select_from(orders))[0][0] < len(filled.orders())


@pytest.mark.parametrize("lives", [1, 2])
def test_a_backfill_killed_again_and_again_ends_like_one_that_was_not(
    house: House, filled: SampleShop, lives: int
) -> None:
    undisturbed, store = house.pair(filled, 1), house.pair(filled, 2, site_url="https://other.example")
    read_whole(house, undisturbed)
    house.backfill(store)

    def die(answers: int) -> None:
        if answers % (lives + 1) == 0:
            raise Killed

    after_each_answer(house, die)
    seen = [(0, 0)]
    for _ in range(40):
        try:
            house.drain()
        except Killed:
            current = progress(house, store)
            seen.append((current.customers_done, current.orders_done))
        house.clock.advance(seconds=46)
        sweep(house.context)
        if not house.owed():
            break
    assert progress(house, store).state == "done"
    assert seen == sorted(seen)
    assert len(set(seen)) > 3
    assert snapshot(house.engine, store) == snapshot(house.engine, undisturbed)
    ledger_is_sound(house.engine, store)


def test_first_orders_are_rewarded_though_the_worker_died_when_the_history_was_read(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.pair(filled)
    house.decide(store, bonuses=Bonuses(first_order=25))
    house.backfill(store)

    def die(*_: Any) -> None:
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(accounts, "outdate", die)
        with pytest.raises(Killed):
            house.drain()
    assert progress(house, store).state == "done"
    house.catch_up()
    rewarded = {who: points + 25 for who, points in fresh_balances(filled).items()}
    assert snapshot(house.engine, store)["balances"] == rewarded


def test_a_page_that_was_read_but_not_stored_is_read_again(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    house.backfill(store)

    def die(answers: int) -> None:
        if answers == 5:
            raise Killed

    after_each_answer(house, die)
    with pytest.raises(Killed):
        house.drain()
    house.clock.advance(seconds=44)
    sweep(house.context)
    house.drain()
    assert progress(house, store).state == "running"
    house.catch_up()
    assert progress(house, store).state == "done"
    assert snapshot(house.engine, store)["balances"] == fresh_balances(filled)


@pytest.mark.slow
def test_a_really_killed_process_is_taken_over(
    house: House, filled: SampleShop, database_url: str, secret_key: str
) -> None:
    store = house.pair(filled)
    with_orders = threading.Event()
    stall = filled.faults.stall
    filled.faults.stall = lambda: (with_orders.set(), stall())  # type: ignore[method-assign,assignment,return-value]
    house.backfill(store)
    (work_id, _) = house.queue.waiting.popleft()
    script = (
        "import sys\n"
        "from datetime import datetime\n"
        "import connector.shop.paging\n"
        "connector.shop.paging.PER_PAGE = 12\n"
        "from connector.db.session import open_engine\n"
        "from connector.db.vault import Vault\n"
        "from jobs.worker import perform_in\n"
        "from tests.clock import Clock\n"
        "from tests.integration.jobs.house import House\n"
        "clock = Clock(datetime.fromisoformat(sys.argv[3]))\n"
        "house = House(open_engine(sys.argv[1]), Vault(sys.argv[2]), clock)\n"
        "house.silence = 60\n"
        "perform_in(house.context, int(sys.argv[4]))\n"
    )
    second_page = {"route": "/wc/v3/orders", "method": "GET"}
    filled.faults.add("stall", times=1, **second_page)
    process = subprocess.Popen(
        [sys.executable, "-c", script, database_url, secret_key, house.clock().isoformat(), str(work_id)]
    )
    assert with_orders.wait(60)
    process.kill()
    assert process.wait(30) == -9
    filled.faults.clear()
    assert progress(house, store).customers_done == 34
    house.catch_up()
    assert progress(house, store).state == "done"
    assert snapshot(house.engine, store)["balances"] == fresh_balances(filled)
    customers_read = filled.requests["GET /wc/v3/customers"]
    assert customers_read == 3


def test_reading_the_history_again_changes_nothing(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    read_whole(house, store)
    before = snapshot(house.engine, store)
    booked = house.rows(select(postings))
    desired = house.rows(select(outbox).order_by(outbox.c.id))
    filled.reset_requests()
    read_whole(house, store)
    assert snapshot(house.engine, store) == before
    assert house.rows(select(postings)) == booked
    assert house.rows(select(outbox).order_by(outbox.c.id)) == desired
    assert not [name for name in filled.requests if name.startswith("POST")]


@pytest.mark.parametrize("delivered", [True, False])
def test_orders_that_arrive_during_the_backfill_are_neither_lost_nor_doubled(
    house: House, filled: SampleShop, *, delivered: bool
) -> None:
    store = house.pair(filled)
    house.backfill(store)
    arrived = []

    def arrive(answers: int) -> None:
        if answers in (2, 4, 6, 9):
            person = filled.customers()[answers]
            house.clock.advance(seconds=1)
            arrived.append(filled.place_order("33.00", customer_id=person["id"])["id"])
            if delivered:
                house.deliver(store, filled.plugin.sent[-1:])

    after_each_answer(house, arrive)
    house.catch_up()
    if not delivered:
        # Those that came after their page was read are told by the plugin, however late.
        house.deliver(store, filled.plugin.sent)
        house.catch_up()
    assert len(arrived) == 4
    held = snapshot(house.engine, store)
    assert held["orders"].keys() == {order["id"] for order in filled.orders()}
    assert held["balances"] == fresh_balances(filled)
    ledger_is_sound(house.engine, store)


def test_users_are_all_read_though_some_are_deleted_meanwhile(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    ids = [customer["id"] for customer in filled.customers()]
    house.backfill(store)

    def delete(answers: int) -> None:
        if answers in (1, 2):
            filled.delete_customer(ids[answers])

    after_each_answer(house, delete)
    house.catch_up()
    held = {row.wc_id for row in house.rows(select(customers.c.wc_id).where(customers.c.wc_id.is_not(None)))}
    assert set(ids) <= held


def test_nobody_gets_a_coupon_before_the_history_is_complete(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    newcomer = filled.register_customer("newcomer@example.com")["id"]
    filled.place_order("33.00", customer_id=newcomer)
    house.backfill(store)
    granted_early = []

    def tell_of_it(answers: int) -> None:
        if answers == 6:
            house.deliver(store, filled.plugin.sent)
            while house.queue.waiting:
                house.step()
            granted_early.append(house.rows(select(entitlements)))

    after_each_answer(house, tell_of_it)
    house.drain()
    assert granted_early == [[]]
    assert house.done[:2] == ["ingest", "ingest"]
    house.catch_up()
    (granted,) = house.rows(select(entitlements))
    (buyer,) = house.rows(select(customers).where(customers.c.wc_id == newcomer))
    assert granted.customer_id == buyer.id
    assert [coupon["email_restrictions"] for coupon in filled.coupons()] == [["newcomer@example.com"]]


def test_a_long_backfill_gives_its_place_to_others_and_goes_on(house: House, filled: SampleShop) -> None:
    store = house.pair(filled)
    house.backfill(store)
    after_each_answer(house, lambda _: house.clock.advance(seconds=8) and None)
    house.drain()
    assert house.done.count("backfill") > 3
    assert progress(house, store).state == "done"
    assert snapshot(house.engine, store)["balances"] == fresh_balances(filled)


def test_a_store_without_orders_is_read_scored_and_left_alone(house: House, shop: SampleShop) -> None:
    shop.register_customer("ann@example.com")
    store = house.pair(shop)
    read_whole(house, store)
    assert house.done == ["backfill", "score"]
    assert house.rows(select(standings)) == []
    done = progress(house, store)
    assert (done.customers_done, done.orders_done, done.orders_total) == (1, 0, 0)
    assert not [name for name in shop.requests if name.startswith("POST")]
