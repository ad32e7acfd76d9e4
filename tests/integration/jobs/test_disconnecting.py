"""A store that has left is left alone, and what it was owed is done when it comes back."""

from __future__ import annotations

import pytest

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from jobs.sweep import sweep
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, snapshot
from tests.sample_shop import SampleShop


def disconnect(house: House, store: Store) -> None:
    with transaction(house.engine) as connection:
        stores.disconnect(connection, store.id, house.clock())


def deliver(house: House, shop: SampleShop, store: Store) -> None:
    house.hear(store, shop)


def test_a_store_that_disconnects_is_written_to_no_more_and_what_it_is_owed_waits(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("50.00", email="ann@example.com")
    deliver(house, shop, store)
    disconnect(house, store)
    house.drain()
    house.clock.advance(minutes=10)
    assert sweep(house.context) == 0
    assert house.done == []
    assert [owed.job for owed in house.owed()] == ["ingest"]
    assert not shop.requests


@pytest.mark.parametrize("steps", [0, 1, 2])
def test_points_are_given_for_an_order_though_the_store_left_while_it_was_told(
    house: House, shop: SampleShop, store: Store, steps: int
) -> None:
    ann = shop.register_customer("ann@example.com")
    house.drain()
    shop.place_order("50.00", customer_id=ann["id"])
    deliver(house, shop, store)
    for _ in range(steps):
        house.step()
    disconnect(house, store)
    house.drain()

    house.clock.advance(days=1)
    house.backfill(house.pair(shop))
    house.catch_up()

    assert snapshot(house.engine, store)["balances"] == fresh_balances(shop)
    assert shop.meta(ann["id"])["regulars_points"] == "50"
    assert house.owed() == []


def test_a_deletion_that_was_told_before_the_store_left_takes_the_points_back(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer("ann@example.com")
    order = shop.place_order("50.00", customer_id=ann["id"])
    deliver(house, shop, store)
    house.drain()
    shop.trash(order["id"])
    deliver(house, shop, store)
    disconnect(house, store)
    house.drain()

    house.clock.advance(days=1)
    house.backfill(house.pair(shop))
    house.catch_up()

    assert shop.meta(ann["id"])["regulars_points"] == "0"
