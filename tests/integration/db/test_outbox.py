from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from connector.db import outbox
from connector.db.outbox import COUPON, CUSTOMER
from connector.db.session import transaction
from connector.db.tables import outbox as outbox_table
from tests.integration.waiting import apart, waiting

LATER = datetime(2026, 12, 1, tzinfo=UTC)
SILVER, GOLD = {"regulars_tier": "silver"}, {"regulars_tier": "gold"}


def desire(engine, store, now, subject, state, kind=CUSTOMER, wc_id=None) -> None:
    with transaction(engine) as connection:
        outbox.desire(connection, store.id, kind, [(subject, wc_id, state)], now)


def unwritten(engine, store, kind=CUSTOMER, limit=100, now=LATER, after=None):
    with transaction(engine) as connection:
        return outbox.unwritten(connection, store.id, kind, limit, now, after=after)


def subjects(rows) -> list[int]:
    return [row.subject_id for row in rows]


def write(engine, store, now, row, wc_id=71) -> None:
    with transaction(engine) as connection:
        outbox.mark_written(connection, store.id, [(row, wc_id)], now)


def refuse(engine, store, row) -> None:
    with transaction(engine) as connection:
        outbox.mark_refused(connection, store.id, row, "The store says: invalid id.")


def test_what_is_desired_is_unwritten_until_the_store_holds_it(engine, store, now):
    desire(engine, store, now, 1, SILVER, wc_id=71)
    (row,) = unwritten(engine, store)
    assert (row.subject_id, row.wc_id, row.desired) == (1, 71, SILVER)

    write(engine, store, now, row)

    assert unwritten(engine, store) == []


def test_desiring_what_is_written_already_writes_nothing(engine, store, now):
    desire(engine, store, now, 1, {"a": "1", "b": "2"})
    write(engine, store, now, unwritten(engine, store)[0])

    desire(engine, store, now, 1, {"b": "2", "a": "1"})

    assert unwritten(engine, store) == []


def test_only_the_latest_desire_for_a_subject_is_written(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    desire(engine, store, now, 1, GOLD)

    assert [row.desired for row in unwritten(engine, store)] == [GOLD]


def test_what_is_desired_while_something_older_is_being_written_stays_unwritten(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    (being_written,) = unwritten(engine, store)
    desire(engine, store, now, 1, GOLD)

    write(engine, store, now, being_written)

    assert [row.desired for row in unwritten(engine, store)] == [GOLD]


def test_returning_to_what_is_written_needs_no_write(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    write(engine, store, now, unwritten(engine, store)[0])
    desire(engine, store, now, 1, GOLD)
    desire(engine, store, now, 1, SILVER)

    assert unwritten(engine, store) == []


def test_what_the_store_refused_is_not_tried_again_until_something_else_is_desired(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    refuse(engine, store, unwritten(engine, store)[0])
    assert unwritten(engine, store) == []

    desire(engine, store, now, 1, GOLD)
    assert [row.desired for row in unwritten(engine, store)] == [GOLD]


def test_a_late_refusal_does_not_stop_what_was_desired_since(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    (being_written,) = unwritten(engine, store)
    desire(engine, store, now, 1, GOLD)

    refuse(engine, store, being_written)

    assert [row.desired for row in unwritten(engine, store)] == [GOLD]


def test_a_coupon_keeps_the_id_the_store_gave_it(engine, store, now):
    desire(engine, store, now, 1, {"code": "abcd2345"}, kind=COUPON)
    write(engine, store, now, unwritten(engine, store, COUPON)[0], wc_id=501)

    desire(engine, store, now, 1, {"code": "abcd2345", "status": "draft"}, kind=COUPON)

    assert [row.wc_id for row in unwritten(engine, store, COUPON)] == [501]


def test_customers_and_coupons_of_each_store_are_written_apart_and_in_order_up_to_a_limit(
    engine, store, other_store, now
):
    for subject in (3, 1, 2):
        desire(engine, store, now, subject, SILVER)
    desire(engine, store, now, 4, SILVER, kind=COUPON)
    desire(engine, other_store, now, 5, SILVER)

    assert subjects(unwritten(engine, store, limit=2)) == [3, 1]
    assert subjects(unwritten(engine, store, COUPON)) == [4]
    assert subjects(unwritten(engine, other_store)) == [5]


def test_a_store_cannot_settle_what_another_is_to_hold(engine, store, other_store, now):
    desire(engine, store, now, 1, SILVER)
    (row,) = unwritten(engine, store)

    write(engine, other_store, now, row)
    refuse(engine, other_store, row)

    assert subjects(unwritten(engine, store)) == [1]


def test_states_are_counted_as_written_waiting_or_refused(engine, store, other_store, now):
    for subject in (1, 2, 3, 4, 5, 6):
        desire(engine, store, now, subject, SILVER)
    rows = unwritten(engine, store)
    for row in rows[:3]:
        write(engine, store, now, row)
    refuse(engine, store, rows[3])

    with transaction(engine) as connection:
        assert outbox.counts(connection, store.id) == {"written": 3, "waiting": 2, "refused": 1}
        assert outbox.counts(connection, other_store.id) == {"written": 0, "waiting": 0, "refused": 0}


def test_desiring_nothing_is_harmless(engine, store, now):
    with transaction(engine) as connection:
        outbox.desire(connection, store.id, CUSTOMER, [], now)

    assert unwritten(engine, store) == []


def put_off(engine, store, now, rows) -> None:
    with transaction(engine) as connection:
        outbox.put_off(connection, store.id, rows, now)


def put_off_until(engine, store):
    with transaction(engine) as connection:
        return outbox.put_off_until(connection, store.id)


def test_what_the_store_stumbles_over_is_tried_again_less_and_less_often(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    waited = []
    for _ in range(12):
        put_off(engine, store, now, unwritten(engine, store))
        number, again_at = put_off_until(engine, store)
        waited.append((again_at - now).total_seconds())
        assert number == 1
        assert unwritten(engine, store, now=again_at - timedelta(seconds=1)) == []
        assert subjects(unwritten(engine, store, now=again_at)) == [1]

    assert waited == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]


def test_those_it_has_stumbled_over_least_come_first_page_by_page(engine, store, now):
    for subject in (1, 2, 3, 4):
        desire(engine, store, now, subject, SILVER)
    put_off(engine, store, now, unwritten(engine, store, limit=2))

    first = unwritten(engine, store, limit=3)
    assert subjects(first) == [3, 4, 1]
    assert subjects(unwritten(engine, store, limit=3, after=first[-1])) == [2]


def test_something_else_that_is_desired_is_tried_at_once_and_the_same_is_not(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    put_off(engine, store, now, unwritten(engine, store))
    desire(engine, store, now, 1, SILVER)
    assert unwritten(engine, store, now=now) == []

    desire(engine, store, now, 1, GOLD)
    assert [row.desired for row in unwritten(engine, store, now=now)] == [GOLD]
    assert put_off_until(engine, store) == (0, None)


def test_a_late_stumble_does_not_hold_up_what_was_desired_since(engine, store, now):
    desire(engine, store, now, 1, SILVER)
    being_written = unwritten(engine, store)
    desire(engine, store, now, 1, GOLD)

    put_off(engine, store, now, being_written)

    assert [row.desired for row in unwritten(engine, store, now=now)] == [GOLD]


def test_what_is_written_in_the_end_is_put_off_no_more(engine, store, other_store, now):
    desire(engine, store, now, 1, SILVER)
    put_off(engine, other_store, now, unwritten(engine, store))
    assert put_off_until(engine, store) == (0, None)
    put_off(engine, store, now, unwritten(engine, store))
    write(engine, store, now, unwritten(engine, store)[0])
    assert put_off_until(engine, store) == (0, None)

    desire(engine, store, now, 1, GOLD)
    put_off(engine, store, now, unwritten(engine, store))
    assert put_off_until(engine, store) == (1, now + timedelta(seconds=5))


def test_those_that_were_stumbled_over_and_those_that_were_not_are_told_apart(engine, store, now):
    for subject in (1, 2, 3):
        desire(engine, store, now, subject, SILVER)
    put_off(engine, store, now, unwritten(engine, store, limit=1))
    with transaction(engine) as connection:
        again, first = (
            outbox.unwritten(connection, store.id, CUSTOMER, 9, LATER, stumbled=stumbled)
            for stumbled in (True, False)
        )
    assert (subjects(again), subjects(first)) == ([1], [2, 3])


def test_whoever_writes_back_waits_without_holding_what_comes_later(engine, store, now):
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    for subject in (2, 1):
        desire(engine, store, now, subject, SILVER)
    rows = unwritten(engine, store)
    with transaction(engine) as connection:
        desire_in(connection, store, now, 1)
        locked = waiting(connection, apart(engine, lambda beside: outbox.lock(beside, store.id, rows)))
        assert not locked.done()
        connection.execute(
            select(outbox_table.c.id).where(outbox_table.c.subject_id == 2).with_for_update(nowait=True)
        ).one()
    locked.result()


def desire_in(connection, store, now, subject) -> None:
    outbox.desire(connection, store.id, CUSTOMER, [(subject, None, GOLD)], now)
