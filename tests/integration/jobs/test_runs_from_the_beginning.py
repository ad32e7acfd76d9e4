"""Work that a broken-off run begins anew: its failures add up, and what it has stored is told all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from connector.db import simulations
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, outbox, standings
from connector.domain.programme import Programme
from connector.domain.programme.document import to_document
from connector.domain.programme.earning import Bonuses
from connector.domain.troubles import say
from jobs import bonuses, standing
from jobs.worker import perform_in
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop


class Killed(BaseException):
    """The end of a worker, of which it can tell nobody."""


LOST_RACE = IntegrityError("insert", None, Exception("there already"))


@pytest.fixture
def store(house: House, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """A store whose work is done in chunks of seven customers, who all celebrate the day they registered."""
    with SampleShop.filled(customers=20, clock=clock, allow_basic=True) as shop:
        store = house.pair(shop)
        house.backfill(store)
        house.catch_up()
        for job in ("score", "celebrate", "simulate"):
            monkeypatch.setattr(f"jobs.{job}._CHUNK", 7)
        house.decide(store, bonuses=Bonuses(anniversary=50))
        with transaction(house.engine) as connection:
            connection.execute(update(customers).values(registered_at=clock() - timedelta(days=365)))
        house.done.clear()
        yield store


def stumble_in_the_second(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, error: BaseException) -> None:
    """Let a function do its work the first time and fail the second, time and again."""
    calls: list[int] = []
    whole = getattr(where, name)

    def called(*given: Any, **named: Any) -> Any:
        calls.append(1)
        if len(calls) % 2 == 0:
            raise error
        return whole(*given, **named)

    monkeypatch.setattr(where, name, called)


def ask(house: House, store: Store, job: str) -> int:
    if job != "simulate":
        return house.want(store, job)
    with transaction(house.engine) as connection:
        public_id = simulations.ask(connection, store.id, to_document(Programme()), house.clock())
    return house.want(store, job, public_id)


STEPS = {
    "score": (standing, "settle"),
    "celebrate": (bonuses, "keep"),
    "simulate": (simulations, "progress"),
}


@pytest.mark.parametrize("job", STEPS)
def test_what_always_fails_in_its_second_chunk_waits_longer_each_time_and_is_told(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    work_id = ask(house, store, job)
    stumble_in_the_second(monkeypatch, *STEPS[job], LOST_RACE)
    raised, delays = 0, []
    for _ in range(12):
        try:
            perform_in(house.context, work_id)
        except IntegrityError:
            raised += 1
        (owed,) = (row for row in house.owed() if row.id == work_id)
        delays.append((owed.due_at - house.clock()).total_seconds())
        house.clock.advance(seconds=delays[-1])
    # Up to five are lost races, and nothing to tell of.
    assert delays == [5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600]
    assert raised == 7
    assert owed.last_error == say("job_failed", job=job, kind="IntegrityError")


@pytest.mark.parametrize("job", STEPS)
def test_what_always_ends_its_worker_in_its_second_chunk_is_put_off(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch, job: str
) -> None:
    work_id = ask(house, store, job)
    stumble_in_the_second(monkeypatch, *STEPS[job], Killed())
    for _ in range(5):
        with pytest.raises(Killed):
            perform_in(house.context, work_id)
        house.clock.advance(seconds=45)
    assert perform_in(house.context, work_id) is False
    (owed,) = (row for row in house.owed() if row.id == work_id)
    assert (owed.claimed_by, owed.last_error) == (None, say("job_interrupted", job=job, number=5))


def test_what_a_score_has_stored_before_it_broke_off_is_written_to_the_store(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    unwritten = select(outbox.c.id).where(outbox.c.written_hash.is_distinct_from(outbox.c.desired_hash))
    with transaction(house.engine) as connection:
        connection.execute(update(standings).values(segment="lost"))
        connection.execute(update(outbox).values(desired={}, desired_hash="other", written_hash="other"))
    work_id = ask(house, store, "score")
    with monkeypatch.context() as broken:
        stumble_in_the_second(broken, standing, "settle", KeyError("unforeseen"))
        with pytest.raises(KeyError):
            perform_in(house.context, work_id)
    assert house.rows(unwritten)
    assert "write_back" in {row.job for row in house.owed()}
    house.queue.waiting.clear()
    house.catch_up()
    assert house.rows(unwritten) == []
