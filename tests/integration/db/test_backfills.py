from __future__ import annotations

from connector.db import backfills
from connector.db.session import transaction


def start(engine, store, clock) -> int:
    with transaction(engine) as connection:
        return backfills.start(connection, store.id, clock())


def latest(engine, store):
    with transaction(engine) as connection:
        return backfills.latest(connection, store.id)


def checkpoint(engine, store, backfill_id, clock, **progress) -> None:
    with transaction(engine) as connection:
        backfills.checkpoint(connection, store.id, backfill_id, clock(), **progress)


def is_complete(engine, store) -> bool:
    with transaction(engine) as connection:
        return backfills.is_complete(connection, store.id)


def test_a_store_that_was_never_backfilled_has_none(engine, store):
    assert latest(engine, store) is None
    assert not is_complete(engine, store)


def test_a_backfill_starts_with_the_customers_and_nothing_done(engine, store, clock):
    backfill_id = start(engine, store, clock)

    row = latest(engine, store)
    assert (row.id, row.state, row.phase, row.started_at) == (backfill_id, "running", "customers", clock())
    assert (row.customers_done, row.customers_total, row.orders_done, row.orders_total) == (0, 0, 0, 0)
    assert not is_complete(engine, store)


def test_a_backfill_that_runs_goes_on_where_its_checkpoint_says(engine, store, clock):
    backfill_id = start(engine, store, clock)
    clock.advance(minutes=1)
    checkpoint(
        engine, store, backfill_id, clock, phase="orders", cursor={"page": 3}, customers_done=150, orders_total=900
    )
    clock.advance(minutes=1)

    assert start(engine, store, clock) == backfill_id
    row = latest(engine, store)
    assert (row.phase, row.cursor, row.customers_done, row.orders_total) == ("orders", {"page": 3}, 150, 900)
    assert row.updated_at == clock.advance(minutes=-1)


def test_a_backfill_after_one_that_is_done_is_a_new_one_and_the_history_stays_complete(engine, store, clock):
    first = start(engine, store, clock)
    checkpoint(engine, store, first, clock, state=backfills.DONE, finished_at=clock())
    assert is_complete(engine, store)

    second = start(engine, store, clock)

    assert second != first
    assert latest(engine, store).id == second
    assert is_complete(engine, store)


def test_a_backfill_begun_anew_leaves_the_cursor_of_an_unfinished_one_behind(engine, store, clock):
    unfinished = start(engine, store, clock)
    checkpoint(engine, store, unfinished, clock, phase="orders", cursor={"page": 3})

    with transaction(engine) as connection:
        anew = backfills.start(connection, store.id, clock(), anew=True)
    checkpoint(engine, store, unfinished, clock, cursor={"page": 4})

    row = latest(engine, store)
    assert (row.id, row.phase, row.cursor) == (anew, "customers", {})


def test_stores_are_backfilled_apart(engine, store, other_store, clock):
    checkpoint(engine, store, start(engine, store, clock), clock, state=backfills.DONE)

    assert latest(engine, other_store) is None
    assert not is_complete(engine, other_store)
