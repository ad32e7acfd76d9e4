from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import select

from connector.db import work
from connector.db.session import transaction
from connector.db.tables import work as work_table
from connector.db.work import ClaimLost
from tests.integration.db.owing import AFTER_THE_LEASE, LEASE, claim, finish, offer_due, owed, put_off, want


def test_work_asked_for_several_times_is_one_piece_of_work(engine, store, clock):
    assert {want(engine, store, clock) for _ in range(3)} == {1}
    assert owed(engine, store) == {"award": 1}


def test_work_differs_by_store_job_and_subject(engine, store, other_store, clock):
    ids = [
        want(engine, store, clock),
        want(engine, store, clock, subject="8"),
        want(engine, store, clock, job="ingest"),
        want(engine, other_store, clock),
    ]

    assert len(set(ids)) == 4
    assert owed(engine, store) == {"award": 2, "ingest": 1}
    assert owed(engine, other_store) == {"award": 1}


def test_work_that_was_rolled_back_with_its_cause_is_not_owed(engine, store, clock):
    def ask_and_fail():
        with transaction(engine) as connection:
            work.want(connection, store.id, "award", "7", clock())
            raise LookupError

    with pytest.raises(LookupError):
        ask_and_fail()

    assert owed(engine, store) == {}


def test_finished_work_is_gone_however_often_it_was_asked_for_before(engine, store, clock):
    want(engine, store, clock)
    held = claim(engine, want(engine, store, clock), clock)

    assert finish(engine, held, clock) is False
    assert owed(engine, store) == {}
    assert claim(engine, held.id, clock) is None


def test_a_claim_says_what_it_holds(engine, store, clock):
    held = claim(engine, want(engine, store, clock, "ingest", "order:12"), clock, by="worker-9")

    assert (held.store_id, held.job, held.subject, held.attempts, held.claimed_by) == (
        store.id,
        "ingest",
        "order:12",
        0,
        "worker-9",
    )


def test_one_of_many_workers_that_reach_for_the_same_work_gets_it(engine, store, clock):
    ids = [want(engine, store, clock, subject=str(number)) for number in range(12)]
    workers = 6
    together = Barrier(workers)

    def claim_all(name: str) -> list[int]:
        together.wait()
        return [held.id for work_id in ids if (held := claim(engine, work_id, clock, by=name))]

    with ThreadPoolExecutor(workers) as pool:
        claimed = list(pool.map(claim_all, [f"worker-{number}" for number in range(workers)]))

    assert sorted(work_id for each in claimed for work_id in each) == ids


def test_work_asked_for_by_many_at_once_is_asked_for_once_and_counted_each_time(engine, store, clock):
    together = Barrier(6)

    def ask(_: int) -> int:
        together.wait()
        return want(engine, store, clock)

    with ThreadPoolExecutor(6) as pool:
        ids = set(pool.map(ask, range(6)))

    assert len(ids) == 1
    assert claim(engine, ids.pop(), clock).wanted == 6


def test_work_asked_for_again_while_it_runs_runs_once_more(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    clock.advance(seconds=1)
    want(engine, store, clock)

    assert claim(engine, held.id, clock, by="worker-2") is None
    assert finish(engine, held, clock) is True

    again = claim(engine, held.id, clock, by="worker-2")
    assert again.claimed_by == "worker-2"
    assert finish(engine, again, clock) is False


def test_a_worker_that_dies_loses_the_work_when_its_lease_ends(engine, store, clock):
    dead = claim(engine, want(engine, store, clock), clock, by="worker-1")

    clock.advance(seconds=59)
    assert claim(engine, dead.id, clock, by="worker-2") is None
    clock.advance(seconds=1)
    assert claim(engine, dead.id, clock, by="worker-2").claimed_by == "worker-2"


def test_work_is_offered_again_when_the_lease_of_a_dead_worker_ends(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)

    clock.advance(seconds=59)
    assert offer_due(engine, clock) == []
    clock.advance(seconds=1)
    assert offer_due(engine, clock) == [(held.id, "award")]


@pytest.mark.parametrize("ending", ["finish", "renew", "go_on", "put_off", "park"])
def test_a_worker_that_lost_its_claim_can_record_nothing(engine, store, clock, ending):
    late = claim(engine, want(engine, store, clock), clock, by="worker-1")
    clock.advance(seconds=AFTER_THE_LEASE.total_seconds())
    current = claim(engine, late.id, clock, by="worker-2")
    endings = {
        "finish": lambda connection: work.finish(connection, late, clock()),
        "renew": lambda connection: work.renew(connection, late, clock(), LEASE),
        "go_on": lambda connection: work.go_on(connection, late, clock()),
        "put_off": lambda connection: work.put_off(connection, late, clock(), "Too slow."),
        "park": lambda connection: work.park(connection, late, clock(), "Too slow."),
    }

    with pytest.raises(ClaimLost, match="award 7"), transaction(engine) as connection:
        endings[ending](connection)

    assert finish(engine, current, clock) is False


def test_what_a_worker_did_after_it_lost_its_claim_is_rolled_back(engine, store, clock):
    late = claim(engine, want(engine, store, clock), clock, by="worker-1")
    clock.advance(seconds=AFTER_THE_LEASE.total_seconds())
    claim(engine, late.id, clock, by="worker-2")

    def finish_late():
        with transaction(engine) as connection:
            work.want(connection, store.id, "write_back", "customers", clock())
            work.finish(connection, late, clock())

    with pytest.raises(ClaimLost):
        finish_late()
    assert owed(engine, store) == {"award": 1}


def test_a_renewed_lease_ends_later(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    clock.advance(seconds=40)
    with transaction(engine) as connection:
        work.renew(connection, held, clock(), LEASE)

    clock.advance(seconds=59)
    assert claim(engine, held.id, clock, by="worker-2") is None
    clock.advance(seconds=1)
    assert claim(engine, held.id, clock, by="worker-2") is not None


def test_work_given_back_at_a_checkpoint_is_due_at_once(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    with transaction(engine) as connection:
        work.go_on(connection, held, clock())

    assert claim(engine, held.id, clock, by="worker-2") is not None


def test_due_work_is_offered_once_oldest_first_up_to_a_limit(engine, store, clock):
    ids = []
    for number in range(4):
        ids.append(want(engine, store, clock, subject=str(number)))
        clock.advance(seconds=1)
    clock.advance(minutes=5)

    assert offer_due(engine, clock, limit=3) == [(work_id, "award") for work_id in ids[:3]]
    assert offer_due(engine, clock, limit=3) == [(ids[3], "award")]
    assert offer_due(engine, clock, limit=3) == []


def test_work_the_queue_lost_is_offered_again_after_half_a_minute(engine, store, clock):
    work_id = want(engine, store, clock)

    clock.advance(seconds=29)
    assert offer_due(engine, clock) == []
    clock.advance(seconds=1)
    assert offer_due(engine, clock) == [(work_id, "award")]
    clock.advance(seconds=29)
    assert offer_due(engine, clock) == []
    clock.advance(seconds=1)
    assert offer_due(engine, clock) == [(work_id, "award")]


def test_the_latest_failure_of_a_store_can_be_read_until_the_work_succeeds(engine, store, other_store, clock):
    def last_error(of) -> str | None:
        with transaction(engine) as connection:
            return work.last_error(connection, of.id)

    held = claim(engine, want(engine, store, clock), clock)
    assert last_error(store) is None

    put_off(engine, held, clock)
    assert last_error(store) == "The store is slow."
    assert last_error(other_store) is None

    clock.advance(seconds=5)
    finish(engine, claim(engine, held.id, clock), clock)
    assert last_error(store) is None


def test_a_claim_survives_everything_but_its_own_ending(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    want(engine, store, clock)
    offer_due(engine, clock)

    with transaction(engine) as connection:
        row = connection.execute(select(work_table)).one()
    assert (row.claimed_by, row.due_at) == ("worker-1", clock() + LEASE)
    assert finish(engine, held, clock) is True


def rest(engine, held, clock, **later) -> bool:
    with transaction(engine) as connection:
        until = clock() + timedelta(**later)
        return work.rest(connection, held, clock(), until, "The store failed on 1 of the changes.")


def test_work_that_rests_is_due_at_its_time_and_sooner_where_it_is_asked_for(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    assert rest(engine, held, clock, minutes=40) is False
    clock.advance(minutes=39)
    assert offer_due(engine, clock) == []
    assert claim(engine, held.id, clock) is None

    want(engine, store, clock)
    assert claim(engine, held.id, clock) is not None


def test_work_that_was_asked_for_while_it_was_done_does_not_rest(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    want(engine, store, clock)
    assert rest(engine, held, clock, minutes=40) is True
    assert claim(engine, held.id, clock) is not None


def test_who_has_lost_the_work_cannot_let_it_rest(engine, store, clock):
    held = claim(engine, want(engine, store, clock), clock)
    clock.advance(seconds=AFTER_THE_LEASE.total_seconds())
    claim(engine, held.id, clock, by="worker-2")
    with pytest.raises(ClaimLost):
        rest(engine, held, clock, minutes=40)


def test_delays_begin_anew_once_the_work_gets_on(engine, store, clock):
    work_id = want(engine, store, clock)
    for seconds in (5, 10, 20):
        held = claim(engine, work_id, clock)
        assert put_off(engine, held, clock) - clock() == timedelta(seconds=seconds)
        clock.advance(seconds=seconds)
    held = claim(engine, work_id, clock)
    with transaction(engine) as connection:
        work.progressed(connection, held)
    assert put_off(engine, held, clock) - clock() == timedelta(seconds=5)


def test_only_work_of_the_jobs_named_is_offered(engine, store, clock):
    award, score = want(engine, store, clock), want(engine, store, clock, "score", "")
    clock.advance(seconds=31)
    assert offer_due(engine, clock, jobs=["score", "recount"]) == [(score, "score")]
    assert offer_due(engine, clock) == [(award, "award")]


def test_work_that_is_asked_for_again_and_again_keeps_its_turn(engine, store, clock):
    hot = want(engine, store, clock)
    clock.advance(seconds=20)
    cold = want(engine, store, clock, subject="8")
    clock.advance(seconds=20)
    want(engine, store, clock)
    clock.advance(seconds=31)
    assert offer_due(engine, clock, limit=1) == [(hot, "award")]
    assert offer_due(engine, clock, limit=1) == [(cold, "award")]


def due_in(engine, work_id, clock):
    with transaction(engine) as connection:
        return work.due_in(connection, work_id, clock())


def test_nothing_is_begun_before_its_moment_but_fresh_work_says_how_soon_that_is(engine, store, clock):
    work_id = want(engine, store, clock)
    assert due_in(engine, work_id, clock) is None
    clock.advance(seconds=-6)
    assert due_in(engine, work_id, clock) is None
    clock.advance(seconds=1)
    assert claim(engine, work_id, clock) is None
    assert due_in(engine, work_id, clock) == timedelta(seconds=5)
    clock.advance(seconds=5)
    rest(engine, claim(engine, work_id, clock), clock, seconds=3)
    assert due_in(engine, work_id, clock) is None
    clock.advance(seconds=3)
    put_off(engine, claim(engine, work_id, clock), clock)
    assert due_in(engine, work_id, clock) is None


def test_work_is_gone_on_with_at_its_old_delays_where_it_only_kept_its_lease(engine, store, clock):
    work_id = want(engine, store, clock)
    for seconds in (5, 10, 20):
        held = claim(engine, work_id, clock)
        with transaction(engine) as connection:
            work.renew(connection, held, clock(), LEASE)
        assert put_off(engine, held, clock) - clock() == timedelta(seconds=seconds)
        clock.advance(seconds=seconds)
