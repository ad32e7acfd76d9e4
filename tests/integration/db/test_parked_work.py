"""Work set aside for a person, and the ways by which it comes back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.db import stores, unattended, work
from connector.db.session import transaction
from connector.db.tables import work as work_table
from connector.db.work import ClaimLost

LEASE = timedelta(seconds=45)


@pytest.fixture
def held(engine, store, clock):
    """A backfill of the store in a worker's hands."""
    with transaction(engine) as connection:
        work_id = work.want(connection, store.id, "backfill", "", clock())
        return work.claim(connection, work_id, "a worker", clock(), LEASE)


def park(engine, held, clock) -> None:
    with transaction(engine) as connection:
        work.park(connection, held, clock(), "The store refused the key.")


def row_of(engine, held):
    with transaction(engine) as connection:
        return connection.execute(select(work_table).where(work_table.c.id == held.id)).one()


def test_work_that_was_asked_for_again_before_it_failed_for_good_is_tried_again(engine, store, clock, held):
    with transaction(engine) as connection:
        work.want(connection, store.id, "backfill", "", clock())

    park(engine, held, clock)

    row = row_of(engine, held)
    assert (row.parked_at, row.claimed_by, row.last_error, row.due_at) == (None, None, None, clock())


def test_a_store_that_pairs_again_under_a_job_has_the_job_tried_with_its_new_key(
    engine, store, other_store, clock, held
):
    with transaction(engine) as connection:
        work.unpark(connection, store.id, clock())

    park(engine, held, clock)

    assert row_of(engine, held).parked_at is None


def test_another_store_that_pairs_again_changes_nothing(engine, other_store, clock, held):
    with transaction(engine) as connection:
        work.unpark(connection, other_store.id, clock())

    park(engine, held, clock)

    assert row_of(engine, held).parked_at == clock()


def test_nobody_parks_what_is_another_workers(engine, store, clock, held):
    clock.advance(seconds=46)
    with transaction(engine) as connection:
        assert work.claim(connection, held.id, "another worker", clock(), LEASE) is not None

    with pytest.raises(ClaimLost):
        park(engine, held, clock)

    assert row_of(engine, held).claimed_by == "another worker"


def try_parked(engine, clock) -> int:
    with transaction(engine) as connection:
        return unattended.try_parked(connection, clock())


def test_parked_work_is_tried_again_after_six_hours_and_keeps_its_sentence_until_it_is_done(engine, clock, held):
    park(engine, held, clock)
    clock.advance(hours=5, minutes=59)
    assert try_parked(engine, clock) == 0
    clock.advance(minutes=1)
    assert try_parked(engine, clock) == 1

    row = row_of(engine, held)
    assert (row.parked_at, row.due_at, row.last_error) == (None, clock(), "The store refused the key.")
    assert try_parked(engine, clock) == 0


def test_parked_work_of_a_store_that_left_stays_parked(engine, store, clock, held):
    park(engine, held, clock)
    with transaction(engine) as connection:
        stores.disconnect(connection, store.id, clock())
    clock.advance(hours=6)
    assert try_parked(engine, clock) == 0
