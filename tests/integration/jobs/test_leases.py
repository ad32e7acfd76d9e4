"""Work belongs to the worker that holds its lease, and a living worker keeps it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from connector.db import work
from connector.db.session import StorageContended, transaction
from connector.db.stores import Store
from connector.db.work import Claim, ClaimLost
from connector.domain.troubles import say
from connector.shop.errors import ShopRefused, ShopUnavailable
from jobs.lease import kept_alive
from jobs.worker import HANDLERS, perform_in
from tests.faults.jobs.processes import eventually
from tests.integration.jobs.house import House

LEASE = timedelta(seconds=0.04)


def claimed(house: House, work_id: int, by: str = "one worker") -> Claim | None:
    with transaction(house.engine) as connection:
        return work.claim(connection, work_id, by, house.clock(), timedelta(seconds=45))


@pytest.fixture
def work_id(house: House, store: Store) -> int:
    return house.want(store, "award", "order:1")


def test_the_lease_is_renewed_for_as_long_as_the_worker_lives(house: House, work_id: int) -> None:
    claim = claimed(house, work_id)
    assert claim is not None
    house.clock.advance(seconds=30)
    with kept_alive(house.context, claim, LEASE):
        eventually(lambda: house.owed()[0].due_at == house.clock() + LEASE)
    due_at = house.owed()[0].due_at
    house.clock.advance(seconds=30)
    assert house.owed()[0].due_at == due_at


def test_who_has_lost_the_lease_cannot_finish(house: House, work_id: int) -> None:
    first = claimed(house, work_id)
    house.clock.advance(seconds=45)
    second = claimed(house, work_id, "another worker")
    assert first is not None
    assert second is not None
    with pytest.raises(ClaimLost), transaction(house.engine) as connection:
        work.finish(connection, first, house.clock())
    with pytest.raises(ClaimLost), transaction(house.engine) as connection:
        work.renew(connection, first, house.clock(), LEASE)
    with transaction(house.engine) as connection:
        assert work.finish(connection, second, house.clock()) is False
    assert house.owed() == []


@pytest.mark.parametrize(
    "failure",
    [
        ShopUnavailable("The store took too long to answer.", reason="timeout"),
        ShopRefused("The store refused the key.", status=401, code="http_401"),
        KeyError("unforeseen"),
    ],
    ids=["passing", "lasting", "unforeseen"],
)
def test_a_worker_that_was_overtaken_before_it_failed_leaves_the_work_to_the_other(
    house: House, work_id: int, monkeypatch: pytest.MonkeyPatch, failure: Exception
) -> None:
    def overtaken(context: object, claim: Claim) -> None:
        house.clock.advance(seconds=46)
        assert claimed(house, work_id, "another worker") is not None
        raise failure

    monkeypatch.setitem(HANDLERS, "award", overtaken)
    assert perform_in(house.context, work_id) is False
    row = house.owed()[0]
    assert (row.claimed_by, row.last_error, row.parked_at) == ("another worker", None, None)


def test_a_worker_that_was_overtaken_says_that_it_did_nothing(
    house: House, work_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def overtaken(context: object, claim: Claim) -> None:
        raise ClaimLost

    monkeypatch.setitem(HANDLERS, "award", overtaken)
    assert perform_in(house.context, work_id) is False
    assert house.owed()[0].attempts == 0


def test_work_asked_for_while_it_is_done_is_done_once_more(house: House, store: Store, work_id: int) -> None:
    claim = claimed(house, work_id)
    assert claim is not None
    house.want(store, "award", "order:1")
    with transaction(house.engine) as connection:
        assert work.finish(connection, claim, house.clock()) is True
    again = claimed(house, work_id)
    assert again is not None
    with transaction(house.engine) as connection:
        assert work.finish(connection, again, house.clock()) is False


def test_what_nobody_foresaw_is_put_off_shown_and_raised(
    house: House, store: Store, work_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(context: object, claim: Claim) -> None:
        raise ZeroDivisionError("with a secret in it")

    monkeypatch.setitem(HANDLERS, "award", stumble)
    with pytest.raises(ZeroDivisionError):
        perform_in(house.context, work_id)
    (owed,) = house.owed()
    assert owed.due_at - house.clock() == timedelta(seconds=5)
    assert house.owner_reads(store) == say("job_failed", job="award", kind="ZeroDivisionError")
    monkeypatch.undo()
    house.catch_up()
    assert house.owed() == []
    assert house.owner_reads(store) is None


def test_work_that_others_stood_in_the_way_of_is_done_again_without_a_word(
    house: House, store: Store, work_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    def wait_in_vain(context: object, claim: Claim) -> None:
        raise StorageContended

    monkeypatch.setitem(HANDLERS, "award", wait_in_vain)
    for _ in range(7):
        house.clock.advance(hours=1)
        assert perform_in(house.context, work_id) is False
    (owed,) = house.owed()
    assert (owed.claimed_by, owed.last_error) == (None, None)
    monkeypatch.undo()
    house.catch_up()
    assert house.owed() == []


def test_work_whose_workers_keep_dying_is_put_off_with_a_sentence(house: House, store: Store, work_id: int) -> None:
    for life in range(5):
        claim = claimed(house, work_id)
        assert claim is not None
        assert claim.attempts == life
        house.clock.advance(seconds=45)
    assert perform_in(house.context, work_id) is False
    (owed,) = house.owed()
    assert owed.claimed_by is None
    assert owed.due_at > house.clock() + timedelta(minutes=2)
    assert house.owner_reads(store) == say("job_interrupted", job="award", number=5)
