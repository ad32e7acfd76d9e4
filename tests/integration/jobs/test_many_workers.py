"""Many workers on the same orders and customers end where one does."""

from __future__ import annotations

import random
import threading
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from connector.db import accounts, audit, customers, lots, programmes, redeeming, redemptions
from connector.db.lots import LotFacts
from connector.db.session import StorageUnavailable, open_engine, transaction
from connector.db.stores import Store
from connector.db.tables import entitlements
from connector.domain.orders import CustomerState
from connector.domain.programme import Programme
from connector.domain.programme.earning import EarningRules
from connector.domain.programme.points import RedeemingRules
from connector.domain.redemption import Refused
from jobs.context import Context
from jobs.sweep import sweep
from jobs.worker import perform_in
from tests.clock import Clock
from tests.integration.jobs.histories import Deed, Happened
from tests.integration.jobs.house import House, record_deliveries
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


def at_once(threads: int, work: Callable[[], object]) -> list[Any]:
    """Do the same in many threads that start together; return what each returned.

    Raises what any of them died of, when all have ended.
    """
    together = threading.Barrier(threads)

    def begin() -> object:
        together.wait()
        return work()

    with ThreadPoolExecutor(threads) as pool:
        ends = [pool.submit(begin) for _ in range(threads)]
    return [end.result() for end in ends]


def race(house: House) -> None:
    """Let several workers at the queue at once, again and again until nothing is owed but what is parked."""
    for _ in range(60):
        at_once(WORKERS, partial(work_off, house))
        if house.next_due() is None:
            return
        house.clock.advance(seconds=46)
        sweep(house.context)
    raise AssertionError(f"still owed: {house.owed()}")


def work_off(house: House) -> None:
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


def test_a_backfill_racing_with_deliveries_ends_where_one_worker_does(
    house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connector.shop.paging.PER_PAGE", 5)
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
    done = at_once(WORKERS, partial(perform_in, house.context, work_id))
    assert sorted(done) == [False] * (WORKERS - 1) + [True]


# Fifty at once: workers with deliveries, and shoppers' requests beside them, all about the same three customers.
FIFTY = 50
REQUESTS, EACH, PRESENT = 14, 100, 1_000
RULES = Programme(
    earning=EarningRules(hold_days=14), redeeming=RedeemingRules(points_per_unit=100, minimum=100, step=100)
)
Task = Callable[[Context], object]


@pytest.fixture
def busy_shop(clock: Clock) -> SampleShop:
    """A shop where three customers have ordered, and much was refunded, cancelled and completed again."""
    shop = SampleShop(timezone="Europe/Berlin", clock=Clock(clock() - timedelta(hours=1)))
    record_deliveries(shop, "st_shop", f"whsec_{1:0>32}")
    for number in range(3):
        shop.register_customer(f"person{number}@example.com")
    for customer in shop.customers() * 3:
        shop._state.clock.advance(seconds=1)  # type: ignore[attr-defined]
        order = shop.place_order("49.90", customer_id=customer["id"])["id"]
        shop.refund(order, "10.00")
        shop.cancel(order)
        shop.set_status(order, "completed")
    return shop


def presented(house: House, shop: SampleShop, number: int) -> Store:
    """A store whose customers have been given points beside their orders, whose own are on hold for two weeks."""
    store = house.pair(shop, number, site_url=f"https://shop{number}.example")
    with transaction(house.engine) as connection:
        programmes.save(connection, store.id, RULES, 1, None, house.clock())
        versions = programmes.every(connection, store.id)
        seen = [(CustomerState(one["id"], one["email"]), house.clock()) for one in shop.customers()]
        for customer in customers.save(connection, store.id, seen):
            now = house.clock()
            present = LotFacts(customer, f"adjustment:{customer}", PRESENT, now, now, None, 2, "USD", "A present")
            lots.save(connection, store.id, [present])
            accounts.settle(connection, store, versions, [customer], now)
    house.history_is_read(store)
    return store


def requests(store: Store, shop: SampleShop) -> list[Task]:
    """More requests than there are points for, each sent twice."""
    return [
        partial(ask_to_redeem, store, customer["id"], f"{customer['id']}-{number}")
        for number in range(REQUESTS)
        for customer in shop.customers()
        for _ in range(2)
    ]


def ask_to_redeem(store: Store, wc_id: int, key: str, context: Context) -> bool:
    with transaction(context.engine) as connection:
        customer = customers.find(connection, store.id, str(wc_id))
        assert customer is not None
        made = redeeming.redeem(connection, store, customer, EACH, key, context.clock())
        return not isinstance(made, Refused)


def work_to_do(house: House) -> list[Task]:
    tasks: list[Task] = [partial(perform, work_id) for work_id, _ in house.queue.waiting]
    house.queue.waiting.clear()
    return tasks


def perform(work_id: int, context: Context) -> bool:
    return perform_in(context, work_id)


def all_at_once(house: House, url: str, tasks: Iterable[Task]) -> None:
    """Do tasks, and what they lead to, in fifty threads that each have a connection of their own."""
    waiting = deque(tasks)
    engines = [open_engine(url) for _ in range(FIFTY)]
    unclaimed = deque(engines)

    def work() -> None:
        context = replace(house.context, engine=unclaimed.popleft())
        while waiting or house.queue.waiting:
            try:
                task = waiting.popleft() if waiting else partial(perform, house.queue.waiting.popleft()[0])
            except IndexError:
                continue
            try:
                task(context)
            except (IntegrityError, StorageUnavailable):
                # Somebody else was first, or two held what the other wanted: it is done again on what they left.
                waiting.append(task)

    try:
        at_once(FIFTY, work)
    finally:
        for engine in engines:
            engine.dispose()
    house.catch_up()


def ends(house: House, store: Store) -> dict[int, Any]:
    """What each customer has, and how much of it became coupons."""
    with transaction(house.engine) as connection:
        versions = programmes.every(connection, store.id)
        ids = customers.after(connection, store.id, 0, 99)
        found = [customers.by_id(connection, store.id, one) for one in ids]
        known = {one.id: one.wc_id for one in found if one.wc_id}
        assert audit.differences(connection, store, versions, ids, house.clock()) == []
        held = accounts.of_customers(connection, store.id, list(known))
        made = redemptions.live_of(connection, store.id, list(known))
    assert all(row.available >= 0 for row in held.values())
    return {
        wc_id: (held[row].pending, held[row].available, [one.points for one in made if one.customer_id == row])
        for row, wc_id in known.items()
    }


def test_fifty_workers_and_shoppers_racing_end_where_one_does_and_spend_no_point_twice(
    house: House, database_url: str, busy_shop: SampleShop
) -> None:
    alone = presented(house, busy_shop, 1)
    house.deliver(alone, busy_shop.plugin.sent)
    house.drain()
    for ask in requests(alone, busy_shop):
        ask(house.context)
    expected = ends(house, alone)
    assert list(expected.values()) == [(3 * 39, 0, [EACH] * 10)] * 3
    store = presented(house, busy_shop, 2)
    house.deliver(store, [*busy_shop.plugin.sent, *reversed(busy_shop.plugin.sent)])
    tasks = [*work_to_do(house), *requests(store, busy_shop)]
    all_at_once(house, database_url, random.Random(7).sample(tasks, len(tasks)))
    assert ends(house, store) == expected
    ledger_is_sound(house.engine, store)
