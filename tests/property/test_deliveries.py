"""Duplicates and disorder are harmless: the end state follows from what was told, not from how."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.db.stores import Store
from connector.domain.programme import Programme, Tier
from connector.domain.programme.earning import Bonuses
from connector.domain.programme.ladder import Benefits, Ladder
from tests.integration.jobs.histories import Deed, Happened, deeds
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import Snapshot, fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop.plugin import Delivery

# Each example takes a third of a second: many where it is quick, and some where the database is another one.
on_sqlite = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)

GENEROUS = Programme(
    bonuses=Bonuses(sign_up=7, first_order=11, referrer=101, friend=41),
    ladder=Ladder(tiers=(Tier("member", 0), Tier("gold", 100, Benefits(multiplier=Decimal("1.5"))))),
)


def tell(
    house: House, happened: Happened, order: list[int], breaks: set[int], rules: Programme | None = None
) -> tuple[Store, Snapshot]:
    """Connect a new store, deliver in the given order, working whenever there is a break; return its end state."""
    number = len(house.rows("SELECT id FROM stores")) + 1
    store = house.pair(happened.shop, number, site_url=f"https://shop{number}.example")
    house.history_is_read(store)
    if rules is not None:
        house.decide(store, rules)
    told: list[Delivery] = list(happened.told)
    for place, index in enumerate(order):
        house.deliver(store, [told[index]])
        if place in breaks:
            house.drain()
    house.drain()
    house.want(store, "score")
    house.drain()
    assert house.owed() == [row for row in house.owed() if row.job == "write_back"]
    return store, snapshot(house.engine, store)


def disordered_and_repeated_ends_the_same(house: House, now: datetime, done: list[Deed], data: st.DataObject) -> None:
    happened = Happened(done, now - timedelta(hours=1))
    count = len(happened.told)
    again = data.draw(st.lists(st.integers(0, max(count - 1, 0)), max_size=4 if count else 0))
    shuffled = data.draw(st.permutations([*range(count), *again]))
    breaks = data.draw(st.just(set()) | st.sets(st.integers(0, max(len(shuffled) - 1, 0))))
    first, in_order = tell(house, happened, list(range(count)), set(range(count)))
    second, disordered = tell(house, happened, shuffled, breaks)
    assert disordered == in_order
    balances = fresh_balances(happened.shop, happened.owners_of_addresses())
    assert in_order["balances"] == balances
    for store in (first, second):
        ledger_is_sound(house.engine, store)


@on_sqlite
@settings(max_examples=15)
@given(done=deeds(), data=st.data())
def test_any_permutation_and_repetition_of_deliveries_ends_in_the_same_state(
    house: House, now: datetime, done: list[Deed], data: st.DataObject
) -> None:
    disordered_and_repeated_ends_the_same(house, now, done, data)


@on_postgresql
@settings(max_examples=5)
@given(done=deeds(), data=st.data())
def test_any_permutation_and_repetition_ends_in_the_same_state_on_the_other_database(
    house: House, now: datetime, done: list[Deed], data: st.DataObject
) -> None:
    disordered_and_repeated_ends_the_same(house, now, done, data)


def bonuses_and_tiers_end_the_same(house: House, now: datetime, done: list[Deed], data: st.DataObject) -> None:
    happened = Happened(done, now - timedelta(hours=1))
    count = len(happened.told)
    shuffled = data.draw(st.permutations(range(count)))
    breaks = data.draw(st.sets(st.integers(0, max(count - 1, 0))))
    first, in_order = tell(house, happened, list(range(count)), set(range(count)), GENEROUS)
    second, disordered = tell(house, happened, list(shuffled), breaks, GENEROUS)
    # Who is kept without offers is drawn by lot for each store, so coupons are not compared here.
    for what in ("orders", "balances", "standings"):
        assert disordered[what] == in_order[what]
    for store in (first, second):
        ledger_is_sound(house.engine, store)


@on_sqlite
@settings(max_examples=15)
@given(done=deeds(), data=st.data())
def test_bonuses_and_tiers_follow_from_what_was_told_as_well_whatever_its_order(
    house: House, now: datetime, done: list[Deed], data: st.DataObject
) -> None:
    bonuses_and_tiers_end_the_same(house, now, done, data)


@on_postgresql
@settings(max_examples=5)
@given(done=deeds(), data=st.data())
def test_bonuses_and_tiers_follow_from_what_was_told_on_the_other_database(
    house: House, now: datetime, done: list[Deed], data: st.DataObject
) -> None:
    bonuses_and_tiers_end_the_same(house, now, done, data)


def test_an_address_a_user_once_had_brings_its_orders_however_late_it_is_told(house: House, now: datetime) -> None:
    done: list[Deed] = [("register", 2, 8_263), ("change address", 0, 18), ("order as a guest", 2, 381)]
    happened = Happened(done, now - timedelta(hours=1))
    _, in_order = tell(house, happened, [0, 1, 2], {0, 1, 2})
    _, disordered = tell(house, happened, [1, 2, 0], {0, 1, 2})
    assert disordered["orders"] == in_order["orders"]
    assert disordered["balances"] == in_order["balances"]
    assert len(in_order["balances"]) == 1
