"""Long runs go on where they ended, give others their turn, and store nothing beside who took them over."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, update

from connector.db import accounts, programmes, recounts, work
from connector.db import customers as people
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, orders, score_runs
from connector.db.tables import work as work_table
from connector.domain.orders import CountingRules
from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses
from jobs.worker import perform_in
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, snapshot
from tests.sample_shop import SampleShop


@pytest.fixture
def filled(clock: Clock) -> Iterator[SampleShop]:
    with SampleShop.filled(customers=20, clock=clock, allow_basic=True) as shop:
        yield shop


@pytest.fixture
def store(house: House, filled: SampleShop) -> Store:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    house.done.clear()
    return store


def after_each(monkeypatch: pytest.MonkeyPatch, where: Any, name: str, then: Callable[[], object]) -> list[int]:
    """Do something after each call of a function; return how often it was called."""
    calls: list[int] = []
    whole = getattr(where, name)

    def called(*given: Any, **named: Any) -> Any:
        found = whole(*given, **named)
        calls.append(1)
        then()
        return found

    monkeypatch.setattr(where, name, called)
    return calls


def count_completed_orders_only(house: House, store: Store) -> None:
    with transaction(house.engine) as connection:
        held = programmes.latest(connection, store.id)
        wanted = replace(held, counting=CountingRules(statuses=frozenset({"completed"})))
        programmes.save(connection, store.id, wanted, held.version, house.clock(), house.clock())


def places(house: House) -> list[int | None]:
    return [row.place for row in house.rows(select(work_table.c.place).where(work_table.c.job == "recount"))]


def test_a_recount_gives_its_place_to_others_and_goes_on_where_it_was(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.recount._CHUNK", 5)
    chunks = -(-len(house.rows(select(orders.c.id))) // 5) + 1
    calls = after_each(monkeypatch, recounts, "recount", lambda: house.clock.advance(seconds=11))
    count_completed_orders_only(house, store)
    house.want(store, "recount")
    house.step()
    assert places(house) == [house.rows(select(orders.c.wc_id).order_by(orders.c.wc_id))[14].wc_id]
    house.drain()
    assert house.done.count("recount") > 2
    assert len(calls) == chunks
    assert places(house) == []


def test_a_recount_that_is_asked_for_again_begins_anew(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.recount._CHUNK", 5)
    after_each(monkeypatch, recounts, "recount", lambda: house.clock.advance(seconds=11))
    house.want(store, "recount")
    house.step()
    count_completed_orders_only(house, store)
    house.want(store, "recount")
    assert places(house) == [None]
    house.catch_up()
    counted = {row.status for row in house.rows(select(orders.c.status).where(orders.c.counts))}
    assert counted == {"completed"}


def test_one_that_is_asked_for_again_while_it_runs_keeps_no_place(house: House, store: Store) -> None:
    work_id = house.want(store, "recount")
    with transaction(house.engine) as connection:
        held = work.claim(connection, work_id, "a worker", house.clock(), timedelta(seconds=45))
        assert held is not None
        work.progressed(connection, held, 7)
    assert places(house) == [7]
    house.want(store, "recount")
    for keep in (partial(work.progressed, place=9), partial(work.go_on, now=house.clock(), place=11)):
        with transaction(house.engine) as connection:
            keep(connection, held)
        assert places(house) == [None]


@pytest.mark.parametrize(
    ("job", "where", "name"),
    [("recount", recounts, "recount"), ("score", people, "lock"), ("settle_due", accounts, "settle")],
)
def test_a_worker_that_was_overtaken_within_a_chunk_stores_nothing_of_it(
    house: House, store: Store, monkeypatch: pytest.MonkeyPatch, job: str, where: Any, name: str
) -> None:
    count_completed_orders_only(house, store)
    counted = select(orders.c.id, orders.c.counts, orders.c.net_value).order_by(orders.c.id)
    before = house.rows(counted), snapshot(house.engine, store)
    work_id = house.want(store, job)
    whole = getattr(where, name)

    def overtaken(connection: Any, *given: Any, **named: Any) -> Any:
        # Within the same transaction, because SQLite has one writer.
        found = whole(connection, *given, **named)
        taken = update(work_table).where(work_table.c.id == work_id).values(claimed_by="another worker")
        connection.execute(taken)
        return found

    with monkeypatch.context() as stalled:
        stalled.setattr(where, name, overtaken)
        assert perform_in(house.context, work_id) is False
    assert (house.rows(counted), snapshot(house.engine, store)) == before


def test_bonuses_follow_a_backfill_step_by_step_until_everybody_is_awarded_and_scored(
    house: House, filled: SampleShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = house.pair(filled)
    with transaction(house.engine) as connection:
        rules = Programme(bonuses=Bonuses(first_order=25))
        programmes.save(connection, store.id, rules, 1, None, house.clock())
    monkeypatch.setattr("jobs.backfill._CHUNK", 3)
    calls = after_each(monkeypatch, accounts, "outdate", lambda: house.clock.advance(seconds=11))
    house.backfill(store)
    house.catch_up()
    assert house.done.count("backfill") > 3
    assert len(calls) == -(-len(house.rows(select(customers.c.id))) // 3)
    assert len(house.rows(select(score_runs.c.id))) == 1
    rewarded = {who: points + 25 for who, points in fresh_balances(filled).items()}
    assert snapshot(house.engine, store)["balances"] == rewarded
