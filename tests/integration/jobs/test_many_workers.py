"""Many workers on the same orders and customers end where one does."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from connector.db.session import StorageUnavailable
from connector.db.stores import Store
from connector.db.tables import entitlements, postings
from jobs.sweep import sweep
from jobs.worker import perform_in
from tests.clock import Clock
from tests.integration.jobs.histories import Deed, Happened
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop import SampleShop

WORKERS = 4
DONE: Sequence[Deed] = [
    *[("order as a guest", person, 5000 + 700 * person) for person in (0, 1, 2, 0, 1)],
    *[("register", person, 10) for person in (0, 1)],
    *[("order as a customer", person, 12_345) for person in (0, 1, 0)],
    *[("complete", order, 20) for order in range(6)],
    *[("refund", order, 1_000) for order in range(6)],
    *[("order as a guest", person, 40_000) for person in (0, 1, 2)],
    *[("cancel", 1, 5), ("trash", 2, 5), ("delete a refund", 3, 5), ("change address", 0, 2), ("refund", 4, 900)],
    *[("register", 2, 10), ("restore", 2, 5), ("complete", 1, 5)],
]


@pytest.fixture
def happened(clock: Clock) -> Happened:
    return Happened(DONE, clock() - timedelta(hours=1))


def race(house: House) -> None:
    """Let several workers at the queue at once, again and again until nothing is owed but what is parked."""
    for _ in range(60):
        together = threading.Barrier(WORKERS)
        workers = [threading.Thread(target=work_off, args=(house, together)) for _ in range(WORKERS)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if house.next_due() is None:
            return
        house.clock.advance(seconds=46)
        sweep(house.context)
    raise AssertionError(f"still owed: {house.owed()}")


def work_off(house: House, together: threading.Barrier) -> None:
    together.wait()
    while True:
        try:
            work_id, _ = house.queue.waiting.popleft()
        except IndexError:
            return
        try:
            perform_in(house.context, work_id)
        except (IntegrityError, StorageUnavailable):
            # Somebody else was first: the work is done again on what they left.
            continue


def one_worker(house: House, happened: Happened) -> Store:
    store = house.pair(happened.shop, 1, site_url="https://one.example")
    house.history_is_read(store)
    for delivery in happened.told:
        house.deliver(store, [delivery])
        house.drain()
    house.want(store, "score")
    house.catch_up()
    return store


def test_workers_racing_over_the_same_customers_end_where_one_does(house: House, happened: Happened) -> None:
    alone = one_worker(house, happened)
    expected = snapshot(house.engine, alone)
    store = house.pair(happened.shop, 2, site_url="https://many.example")
    house.history_is_read(store)
    house.deliver(store, [*happened.told, *reversed(happened.told)])
    race(house)
    house.want(store, "score")
    race(house)
    assert snapshot(house.engine, store) == expected
    assert expected["balances"] == fresh_balances(happened.shop, happened.owners_of_addresses())
    ledger_is_sound(house.engine, store)
    keys = [row.idempotency_key for row in house.rows(select(postings).where(postings.c.store_id == store.id))]
    assert len(keys) == len(set(keys))


def test_a_backfill_racing_with_deliveries_ends_where_one_worker_does(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("customers", "orders"):
        monkeypatch.setattr(f"connector.shop.{module}.PER_PAGE", 5)
    with SampleShop(timezone="Europe/Berlin", clock=clock, allow_basic=True) as shop:
        store = house.pair(shop)
        people = [shop.register_customer(f"person{number}@example.com") for number in range(6)]
        for number in range(24):
            clock.advance(seconds=1)
            person = people[number % 6]
            if number % 3:
                shop.place_order("50.00", customer_id=person["id"])
            else:
                shop.place_order("60.00", email=person["email"])
        clock.advance(minutes=1)
        house.backfill(store)
        house.deliver(store, shop.plugin.sent)
        race(house)
        balances = fresh_balances(shop)
        assert snapshot(house.engine, store)["balances"] == balances
        ledger_is_sound(house.engine, store)
        assert house.rows(select(entitlements)) == []
        written = {("user", person["id"]): int(shop.meta(person["id"])["regulars_points"]) for person in people}
        assert written == balances


def test_each_job_is_done_by_one_of_many_who_are_told_of_it(house: House, happened: Happened) -> None:
    store = house.pair(happened.shop, 1, site_url="https://one.example")
    house.history_is_read(store)
    house.deliver(store, happened.told[:1])
    (work_id, _) = house.queue.waiting[0]
    together = threading.Barrier(WORKERS)
    done = []

    def perform() -> None:
        together.wait()
        done.append(perform_in(house.context, work_id))

    workers = [threading.Thread(target=perform) for _ in range(WORKERS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(done) == [False] * (WORKERS - 1) + [True]
