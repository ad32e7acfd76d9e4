"""How much work nobody takes, by which an operator sees that nobody is at work."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from connector.db import stores, unattended, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from tests.clock import Clock


def left_alone(engine: Engine, clock: Clock) -> int:
    with reading(engine) as connection:
        return unattended.left_alone(connection, clock())


@pytest.fixture
def wanted(engine: Engine, store: Store, clock: Clock) -> int:
    with transaction(engine) as connection:
        return work.want(connection, store.id, "award", "7", clock())


@pytest.mark.usefixtures("wanted")
def test_work_is_left_alone_when_it_has_been_due_for_five_minutes(engine: Engine, clock: Clock) -> None:
    assert left_alone(engine, clock) == 0
    clock.advance(minutes=5)
    assert left_alone(engine, clock) == 1


@pytest.mark.usefixtures("wanted")
def test_no_work_is_left_alone_while_a_worker_holds_any_whatever_waits_behind_it(
    engine: Engine, other_store: Store, clock: Clock
) -> None:
    clock.advance(minutes=5)
    with transaction(engine) as connection:
        other = work.want(connection, other_store.id, "backfill", "", clock())
        assert work.claim(connection, other, "worker-1", clock(), timedelta(seconds=60))
    assert left_alone(engine, clock) == 0

    clock.advance(minutes=10)
    assert left_alone(engine, clock) == 2


def test_work_that_waits_for_a_person_or_its_store_is_not_left_alone(
    engine: Engine, store: Store, other_store: Store, clock: Clock, wanted: int
) -> None:
    with transaction(engine) as connection:
        held = work.claim(connection, wanted, "worker-1", clock(), timedelta(seconds=60))
        assert held is not None
        work.park(connection, held, clock(), "The store refused the key.")
        work.want(connection, other_store.id, "award", "7", clock())
        stores.disconnect(connection, other_store.id, clock())
    clock.advance(minutes=10)
    assert left_alone(engine, clock) == 0
