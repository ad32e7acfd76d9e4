"""Work that failed waits, longer each time; work for which somebody has to do something waits for them."""

from datetime import timedelta

import pytest

from connector.db import work
from connector.db.session import transaction
from tests.integration.db.owing import LEASE, claim, finish, offer_due, park, put_off, want


def test_delays_after_failures_double_from_five_seconds_to_an_hour(engine, store, clock):
    work_id = want(engine, store, clock)
    delays = []
    for _ in range(15):
        due_at = put_off(engine, claim(engine, work_id, clock), clock)
        delays.append((due_at - clock()).total_seconds())
        clock.advance(seconds=delays[-1])

    assert delays == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600, 3600, 3600]


def test_work_put_off_can_be_claimed_when_it_is_due_and_not_before(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    put_off(engine, held, clock)

    clock.advance(seconds=4)
    assert claim(engine, held.id, clock) is None
    assert offer_due(engine, clock) == []
    clock.advance(seconds=1)
    assert offer_due(engine, clock) == [(held.id, "award")]
    assert claim(engine, held.id, clock).attempts == 1


@pytest.mark.parametrize(("retry_after", "delay"), [(120, 120), (2, 5), (None, 5)])
def test_a_store_that_says_how_long_to_wait_is_obeyed(engine, store, clock, retry_after, delay):
    held = claim(engine, want(engine, store, clock), clock)

    assert put_off(engine, held, clock, retry_after) == clock() + timedelta(seconds=delay)


def test_asking_does_not_shorten_the_wait_after_a_failure(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    due_at = put_off(engine, held, clock, retry_after=120)
    clock.advance(seconds=60)
    want(engine, store, clock)

    assert claim(engine, held.id, clock) is None
    clock.advance(seconds=60)
    assert clock() == due_at
    assert claim(engine, held.id, clock).wanted == 2


def test_work_that_went_on_starts_over_with_short_delays(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    clock.advance(seconds=(put_off(engine, held, clock) - clock()).total_seconds())
    with transaction(engine) as connection:
        work.go_on(connection, work.claim(connection, held.id, "worker-1", clock(), LEASE), clock())

    assert claim(engine, held.id, clock).attempts == 0


def test_parked_work_waits_however_long_until_it_is_asked_for_again(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    park(engine, held, clock)
    clock.advance(days=30)

    assert claim(engine, held.id, clock) is None
    assert offer_due(engine, clock) == []

    want(engine, store, clock)
    assert claim(engine, held.id, clock) is not None


def test_unparked_work_is_due_at_once_in_that_store_only(engine, store, other_store, clock):
    parked = claim(engine, want(engine, store, clock, subject="parked"), clock)
    put_aside = claim(engine, want(engine, store, clock, subject="put off"), clock)
    elsewhere = claim(engine, want(engine, other_store, clock), clock)
    retried = claim(engine, want(engine, store, clock, subject="running"), clock)
    clock.advance(seconds=(put_off(engine, retried, clock) - clock()).total_seconds())
    running = claim(engine, retried.id, clock)
    park(engine, parked, clock)
    put_off(engine, put_aside, clock, retry_after=3_000)
    park(engine, elsewhere, clock)

    with transaction(engine) as connection:
        work.unpark(connection, store.id, clock())

    assert {work_id for work_id, _ in offer_due(engine, clock)} == {parked.id, put_aside.id}
    assert claim(engine, parked.id, clock).attempts == 0
    assert claim(engine, elsewhere.id, clock) is None
    assert claim(engine, running.id, clock, by="worker-2") is None
    # It began with the key there was before, so it is done once more.
    assert finish(engine, running, clock) is True


def test_resting_work_is_due_at_once_when_the_store_pairs_again_and_not_what_is_wanted_at_a_time_to_come(
    engine, store, clock
):
    resting = claim(engine, want(engine, store, clock, "write_back", ""), clock)
    with transaction(engine) as connection:
        work.rest(connection, resting, clock(), clock() + timedelta(hours=1), "The store failed on 1 of the changes.")
        work.want(connection, store.id, "recount", "version 2", clock() + timedelta(hours=2))
        work.unpark(connection, store.id, clock())

    assert offer_due(engine, clock) == [(resting.id, "write_back")]
