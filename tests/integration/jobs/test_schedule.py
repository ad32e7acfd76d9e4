"""What runs when: each tick once, each store's scoring once in its own night."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, select

from connector.db import orders, stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import score_runs
from connector.db.vault import Vault
from connector.domain.orders import CountingRules, OrderState
from jobs.schedule import SCHEDULE, run_due, run_scheduler, score_stores
from tests.clock import Clock
from tests.conftest import NewStore
from tests.integration.jobs.house import House


def sell_something(house: House, store: Store, ordered_at: datetime, email: str | None = "ann@example.com") -> None:
    """Give a store one counted order, so that there is something to score."""
    state = OrderState(
        1,
        "completed",
        store.currency,
        5000,
        0,
        0,
        0,
        email,
        ordered_at=ordered_at,
        modified_at=ordered_at,
    )
    with transaction(house.engine) as connection:
        orders.save(connection, store, CountingRules(), [orders.Observed(state, ordered_at)])


def scored(house: House) -> list[datetime]:
    return [row.started_at for row in house.rows(select(score_runs).order_by(score_runs.c.id))]


def test_of_two_schedulers_one_takes_each_tick(house: House) -> None:
    together = threading.Barrier(2)
    ran: list[list[str]] = []

    def schedule() -> None:
        together.wait()
        ran.append(run_due(house.context))

    for passed in (0, 5, 4, 1):
        house.clock.advance(seconds=passed)
        schedulers = [threading.Thread(target=schedule) for _ in range(2)]
        for scheduler in schedulers:
            scheduler.start()
        for scheduler in schedulers:
            scheduler.join()
    taken = Counter(name for names in ran for name in names)
    assert taken == {periodic.name: 3 if periodic.name == "sweep" else 1 for periodic in SCHEDULE}


def test_every_task_is_due_at_once_and_again_after_its_interval(house: House) -> None:
    assert run_due(house.context) == [periodic.name for periodic in SCHEDULE]
    assert run_due(house.context) == []
    house.clock.advance(seconds=5)
    assert run_due(house.context) == ["sweep"]
    house.clock.advance(minutes=10)
    soon = [periodic.name for periodic in SCHEDULE if periodic.every <= timedelta(minutes=10)]
    assert "score_stores" in soon
    assert run_due(house.context) == soon


def test_a_scheduler_stops_when_it_is_told_to(house: House) -> None:
    stop = threading.Event()
    scheduler = threading.Thread(target=run_scheduler, args=(house.context, stop))
    scheduler.start()
    stop.set()
    scheduler.join(30)
    assert not scheduler.is_alive()


@pytest.mark.parametrize(
    ("timezone", "first_try", "nights"),
    [
        # Two nights in Berlin: scoring begins at half past two by the store's clock.
        (
            "Europe/Berlin",
            datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
            [
                datetime(2026, 11, 22, 20, 0, tzinfo=UTC),
                *(datetime(2026, 11, d, 1, 30, tzinfo=UTC) for d in (23, 24)),
            ],
        ),
        # The clocks go forward from 2:00 to 3:00: half past two does not exist, and the night is not left out.
        (
            "Europe/Berlin",
            datetime(2027, 3, 27, 12, 0, tzinfo=UTC),
            [
                datetime(2027, 3, 27, 12, 0, tzinfo=UTC),
                datetime(2027, 3, 28, 1, 0, tzinfo=UTC),
                datetime(2027, 3, 29, 0, 30, tzinfo=UTC),
            ],
        ),
        # The clocks go back from 3:00 to 2:00: half past two comes twice and is used once.
        (
            "Europe/Berlin",
            datetime(2026, 10, 24, 12, 0, tzinfo=UTC),
            [
                datetime(2026, 10, 24, 12, 0, tzinfo=UTC),
                datetime(2026, 10, 25, 0, 30, tzinfo=UTC),
                datetime(2026, 10, 26, 1, 30, tzinfo=UTC),
            ],
        ),
        # A store on the other side of the date line has its own days.
        (
            "+13:00",
            datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
            [
                datetime(2026, 11, 22, 8, 0, tzinfo=UTC),
                *(datetime(2026, 11, d, 13, 30, tzinfo=UTC) for d in (22, 23)),
            ],
        ),
    ],
)
def test_a_store_is_scored_once_in_each_of_its_own_nights(
    engine: Engine,
    vault: Vault,
    new_store: NewStore,
    timezone: str,
    first_try: datetime,
    nights: list[datetime],
) -> None:
    house = House(engine, vault, Clock(first_try))
    store = new_store(1, timezone=timezone)
    house.history_is_read(store)
    sell_something(house, store, first_try - timedelta(days=3))
    while house.clock() <= nights[-1] + timedelta(hours=3):
        score_stores(house.context)
        while house.queue.waiting:
            work_id, job = house.queue.waiting.popleft()
            if job == "score":
                house.queue.waiting.appendleft((work_id, job))
                house.step()
        house.clock.advance(minutes=30)
    assert scored(house) == nights


def test_a_store_that_has_sold_nothing_is_left_alone(house: House, new_store: NewStore) -> None:
    house.history_is_read(new_store(1))
    assert score_stores(house.context) == 0


def test_a_store_that_has_sold_to_nobody_by_name_is_left_alone(house: House, new_store: NewStore) -> None:
    store = new_store(1)
    house.history_is_read(store)
    sell_something(house, store, house.clock() - timedelta(days=3), email=None)
    assert score_stores(house.context) == 0


def test_a_store_is_not_scored_before_its_history_is_complete_or_after_it_disconnected(
    house: House, new_store: NewStore
) -> None:
    reading, gone, ready = (new_store(number) for number in (1, 2, 3))
    for store in (gone, ready):
        house.history_is_read(store)
    for store in (reading, gone, ready):
        sell_something(house, store, house.clock() - timedelta(days=3))
    with transaction(house.engine) as connection:
        stores.disconnect(connection, gone.id, house.clock())
    assert reading.connected
    assert score_stores(house.context) == 1
    assert [row.store_id for row in house.owed()] == [ready.id]
