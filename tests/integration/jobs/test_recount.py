"""A programme that counts other orders: points and bonuses follow for whoever's orders count for something else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.db import orders as orders_by_state
from connector.db import recounts
from connector.db.session import open_engine, transaction
from connector.db.stores import Store
from connector.db.tables import accounts, orders
from connector.db.vault import Vault
from connector.domain.orders import CountingRules
from connector.domain.programme.earning import Bonuses
from connector.shop.payloads import parse_order
from jobs.schedule import run_due
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

ANN, BEN = "ann@example.com", "ben@example.com"
COMPLETED_ONLY = CountingRules(statuses=frozenset({"completed"}))


@pytest.fixture
def impatient(house: House, vault: Vault, database_url: str) -> Iterator[House]:
    """A second process on the same database, which waits a twentieth of a second for anything."""
    engine = open_engine(database_url, wait_seconds=0.05)
    yield House(engine, vault, house.clock)
    engine.dispose()


def count_completed_orders_only(house: House, store: Store) -> None:
    """Let what counts change from now on: what was earned before stays as it was earned."""
    house.decide(store, since=house.clock(), counting=COMPLETED_ONLY)


def tell(house: House, store: Store, shop: SampleShop) -> None:
    house.hear(store, shop)
    house.catch_up()


@pytest.mark.parametrize("jobs", [["recount", "settle_due"], ["settle_due", "recount"]])
def test_bonuses_do_not_depend_on_when_a_customer_was_last_awarded(
    house: House, shop: SampleShop, store: Store, jobs: list[str]
) -> None:
    house.decide(store, bonuses=Bonuses(first_order=50))
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", customer_id=ann, email=ANN)
    shop.set_status(shop.place_order("10.00", email=BEN)["id"], "completed")
    tell(house, store, shop)
    assert house.balances(store) == {("user", ann): 60, ("guest", BEN): 60}

    house.clock.advance(minutes=1)
    count_completed_orders_only(house, store)
    for job in jobs:
        house.want(store, job)
    house.catch_up()
    recounted = house.balances(store)
    assert recounted == {("user", ann): 10, ("guest", BEN): 60}
    house.want(store, "award", f"customer:{ann}")
    house.catch_up()
    assert house.balances(store) == recounted


def test_who_sent_a_friend_loses_the_reward_when_the_friends_order_counts_no_more(
    house: House, shop: SampleShop, store: Store
) -> None:
    house.decide(store, bonuses=Bonuses(referrer=100, friend=40))
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", email=BEN, referrer=ann)
    tell(house, store, shop)
    assert house.balances(store) == {("user", ann): 100, ("guest", BEN): 50}

    house.clock.advance(minutes=1)
    count_completed_orders_only(house, store)
    house.want(store, "settle_due")
    house.catch_up()
    house.want(store, "recount")
    house.catch_up()
    assert house.balances(store) == {("guest", BEN): 10}


def test_only_those_are_awarded_anew_whose_orders_count_for_something_else(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("10.00", email=ANN)
    shop.set_status(shop.place_order("10.00", email=BEN)["id"], "completed")
    tell(house, store, shop)
    count_completed_orders_only(house, store)
    house.want(store, "settle_due")
    house.drain()

    house.want(store, "recount")
    house.step()
    outdated = select(orders.c.email).join(accounts, accounts.c.customer_id == orders.c.customer_id)
    assert [row.email for row in house.rows(outdated.where(accounts.c.rule_version < 0))] == [ANN]
    house.clock.advance(seconds=timedelta(minutes=11).total_seconds())
    run_due(house.context)
    house.catch_up()
    assert house.rows(outdated.where(accounts.c.rule_version < 0)) == []


def test_a_worker_whose_clock_is_behind_waits_for_the_moment_of_a_programme_before_it_recounts(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("10.00", email=ANN)
    tell(house, store, shop)
    count_completed_orders_only(house, store)
    house.want(store, "recount", "version 2")
    house.clock.advance(seconds=-1)
    house.context = replace(house.context, pause=lambda seconds: house.clock.advance(seconds=seconds))
    house.drain()
    assert "recount" in house.done
    assert [row.counts for row in house.rows(select(orders.c.counts))] == [False]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
@pytest.mark.parametrize("deleted", [False, True])
def test_what_is_being_stored_by_earlier_rules_is_recounted_when_it_is_there(
    house: House, shop: SampleShop, store: Store, impatient: House, deleted: bool
) -> None:
    """Be it new, or brought back: a recount beside it would not see it, nor what it counts for."""
    shop.place_order("10.00", email=ANN)
    if deleted:
        tell(house, store, shop)
        with transaction(house.engine) as connection:
            orders_by_state.mark_deleted(connection, store.id, shop.orders()[0]["id"], house.clock(), None)
        house.clock.advance(minutes=1)
    state = parse_order(shop.orders()[0], store.currency)
    with transaction(house.engine) as connection:
        rules = recounts.rules_held(connection, store.id, house.clock)
        orders_by_state.save(connection, store, rules, [orders_by_state.Observed(state, house.clock())])
        count_completed_orders_only(impatient, store)
        impatient.want(store, "recount")
        impatient.drain()
        assert impatient.done == []
    house.catch_up()
    assert [tuple(row) for row in house.rows(select(orders.c.counts, orders.c.deleted_at))] == [(False, None)]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_stores_do_not_wait_for_each_others_recounts_nor_one_delivery_for_another(
    house: House, shop: SampleShop, store: Store, impatient: House
) -> None:
    another = house.pair(shop, 2, site_url="https://another.example")
    with transaction(house.engine) as connection:
        recounts.rules_held(connection, store.id, house.clock)
        with transaction(impatient.engine) as beside:
            recounts.rules_held(beside, store.id, house.clock)
            recounts.let_storing_end(beside, another.id)
