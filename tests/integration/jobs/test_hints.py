"""Native webhooks are hints: they make us look, and what the store shows then is what counts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.db.stores import Store
from connector.db.tables import customers, inbox, orders
from connector.shop.client import ShopClient
from jobs.clocks import on_store_clock
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, snapshot
from tests.sample_shop import SampleShop

ANN = "ann@example.com"
Act = Callable[[SampleShop, int], object]


def hint(house: House, store: Store, topic: str, wc_id: int) -> None:
    house.clock.advance(seconds=1)
    house.hint(store, topic, wc_id, f"hint {house.clock()}")
    house.catch_up()


def test_a_hint_reads_the_order_anew_whatever_it_says_itself(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN)
    hint(house, store, "order.created", order["id"])
    assert snapshot(house.engine, store)["balances"] == {("guest", ANN): 70}
    shop.refund(order["id"], "30.00")
    hint(house, store, "order.created", order["id"])
    assert snapshot(house.engine, store)["balances"] == {("guest", ANN): 40}


@pytest.mark.parametrize(
    "act", [lambda shop, wc_id: shop.trash(wc_id), lambda shop, wc_id: shop.delete(wc_id)], ids=["trash", "delete"]
)
def test_an_order_that_is_no_more_is_taken_back_by_a_hint_of_any_topic(
    house: House, shop: SampleShop, store: Store, act: Act
) -> None:
    order = shop.place_order("70.00", email=ANN)
    hint(house, store, "order.updated", order["id"])
    act(shop, order["id"])
    hint(house, store, "order.updated", order["id"])
    held = snapshot(house.engine, store)
    assert held["orders"] == {order["id"]: "gone"}
    assert held["balances"] == {}
    assert shop.coupons() == []


def test_an_order_restored_from_the_trash_comes_back(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN)
    hint(house, store, "order.created", order["id"])
    shop.trash(order["id"])
    hint(house, store, "order.deleted", order["id"])
    shop.restore(order["id"])
    hint(house, store, "order.restored", order["id"])
    assert snapshot(house.engine, store)["balances"] == fresh_balances(shop) == {("guest", ANN): 70}


def test_a_hint_about_an_order_nobody_ever_had_leaves_no_points(house: House, store: Store) -> None:
    hint(house, store, "order.created", 4711)
    assert [row.counts for row in house.rows(select(orders))] == [False]
    assert house.owed() == []


def test_hints_about_customers_read_them_anew(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)["id"]
    hint(house, store, "customer.created", ann)
    shop.update_customer(ann, email="ann@example.org")
    hint(house, store, "customer.updated", ann)
    user = select(customers).where(customers.c.wc_id == ann)
    assert [row.email for row in house.rows(user)] == ["ann@example.org"]
    shop.delete_customer(ann)
    hint(house, store, "customer.deleted", ann)
    assert [row.deleted_at is None for row in house.rows(user)] == [False]


def test_many_hints_waiting_together_are_one_look(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN)
    for number in range(4):
        house.hint(store, "order.updated", order["id"], f"hint {number}")
    house.deliver(store, shop.plugin.sent)
    house.catch_up()
    assert shop.requests["GET /wc/v3/orders/<id>"] == 1
    assert {row.outcome for row in house.rows(select(inbox))} == {"changed"}
    assert snapshot(house.engine, store)["balances"] == {("guest", ANN): 70}


@pytest.mark.parametrize(
    ("skew", "dated"),
    [(None, -2), (0, -2), (-1, -3), (1, -1), (90, 88), (-3600, -3602)],
)
def test_a_look_is_dated_by_the_stores_clock_and_rather_too_early(
    house: House, skew: float | None, dated: float
) -> None:
    with ShopClient("https://shop.example/wp-json/", "ck", "cs") as client:
        client.clock_skew = None if skew is None else timedelta(seconds=skew)
        assert on_store_clock(client, house.clock()) == house.clock() + timedelta(seconds=dated)


@pytest.mark.parametrize("skew", [-1.5, -0.5, 0.0, 0.5, 1.5])
def test_a_deletion_right_after_we_have_looked_is_believed_whatever_the_stores_clock_shows(
    house: House, shop: SampleShop, store: Store, skew: float
) -> None:
    ours = house.clock
    shop._state.clock = lambda: ours() + timedelta(seconds=skew)
    order = shop.place_order("70.00", email=ANN)
    shop.plugin.sent.clear()
    hint(house, store, "order.created", order["id"])
    ours.advance(seconds=0.5)
    shop.trash(order["id"])
    house.deliver(store, shop.plugin.sent)
    house.catch_up()
    assert snapshot(house.engine, store)["balances"] == {}
