"""What an order's life does to points: always what a fresh computation from its last state gives."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from connector.db import customers as customers_of_stores
from connector.db import ledger
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import blocks, customers, inbox, orders, postings
from jobs.award import award_customers
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, ledger_is_sound, snapshot
from tests.sample_shop import SampleShop

ANN = "ann@example.com"


def tell(house: House, store: Store, shop: SampleShop) -> dict[object, int]:
    """Deliver what happened since the last time; return the balances, after checking them against the shop."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.drain()
    balances = snapshot(house.engine, store)["balances"]
    assert balances == fresh_balances(shop)
    ledger_is_sound(house.engine, store)
    return balances


def kinds(house: House) -> list[str]:
    return [row.kind for row in house.rows(select(postings).order_by(postings.c.id))]


@pytest.mark.parametrize(
    ("total", "points"), [("120.00", 120), ("120.99", 120), ("0.99", 0), ("0.00", 0), ("1.00", 1)]
)
def test_an_order_earns_one_point_for_each_whole_unit(
    house: House, shop: SampleShop, store: Store, total: str, points: int
) -> None:
    shop.place_order(total, email=ANN)
    assert tell(house, store, shop).get(("guest", ANN), 0) == points


def test_a_partial_refund_takes_back_its_share_and_its_deletion_gives_it_again(
    house: House, shop: SampleShop, store: Store
) -> None:
    order = shop.place_order("120.50", email=ANN)
    tell(house, store, shop)
    refunded = shop.refund(order["id"], "20.75")
    assert tell(house, store, shop) == {("guest", ANN): 99}
    shop.delete_refund(order["id"], refunded["refunds"][0]["id"])
    assert tell(house, store, shop) == {("guest", ANN): 120}
    assert kinds(house) == ["earn", "clawback", "reinstate"]


def test_several_refunds_take_no_more_than_one_of_the_same_sum(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("100.00", email=ANN)
    for _ in range(3):
        shop.refund(order["id"], "0.40")
        tell(house, store, shop)
    assert tell(house, store, shop) == {("guest", ANN): 98}


def test_a_full_refund_takes_everything_and_nothing_more(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("100.00", email=ANN)
    tell(house, store, shop)
    shop.refund(order["id"], "30.00")
    tell(house, store, shop)
    shop.refund(order["id"])
    assert tell(house, store, shop) == {}


def test_cancelling_takes_the_points_and_completing_gives_them_again(
    house: House, shop: SampleShop, store: Store
) -> None:
    order = shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    shop.cancel(order["id"])
    assert tell(house, store, shop) == {}
    shop.set_status(order["id"], "completed")
    assert tell(house, store, shop) == {("guest", ANN): 70}


def test_setting_a_status_again_and_again_awards_once(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN)
    for status in ("completed", "processing", "completed", "completed"):
        shop.set_status(order["id"], status)
        tell(house, store, shop)
    assert kinds(house) == ["earn"]


def test_the_trash_takes_the_points_and_restoring_gives_them_again(
    house: House, shop: SampleShop, store: Store
) -> None:
    order = shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    shop.trash(order["id"])
    assert tell(house, store, shop) == {}
    house.clock.advance(seconds=1)
    shop.restore(order["id"])
    assert tell(house, store, shop) == {("guest", ANN): 70}


def test_an_order_given_to_another_customer_takes_its_points_along(
    house: House, shop: SampleShop, store: Store
) -> None:
    order = shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    ben = shop.register_customer("ben@example.com")
    shop._state.orders[order["id"]]["customer_id"] = ben["id"]
    shop.set_status(order["id"], "completed")
    assert tell(house, store, shop) == {("user", ben["id"]): 70}
    assert kinds(house)[-1] == "transfer"


def test_a_guest_who_registers_keeps_history_and_points(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("70.00", email="Ann@Example.com ")
    tell(house, store, shop)
    ann = shop.register_customer(ANN)
    assert tell(house, store, shop) == {("user", ann["id"]): 70}
    shop.place_order("5.00", email=ANN)
    assert tell(house, store, shop) == {("user", ann["id"]): 75}


def block(house: House, store: Store, email: str, days: int) -> None:
    """Block whoever has this address from now on, as the owner does."""
    with transaction(house.engine) as connection:
        found = customers_of_stores.find(connection, store.id, email)
        assert found is not None
        since, until = house.clock(), house.clock() + timedelta(days=days)
        values = {"store_id": store.id, "customer_id": found.id, "reason": "Fraud", "made_by": "Owner"}
        connection.execute(insert(blocks).values(from_at=since, until_at=until, **values))
        award_customers(connection, store, [found.id], since)


def test_orders_placed_while_a_customer_is_blocked_earn_nothing(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("70.00", email=ANN)
    house.deliver(store, shop.plugin.sent)
    house.clock.advance(hours=1)
    house.drain()
    block(house, store, ANN, days=1)
    shop.place_order("20.00", email=ANN)
    house.clock.advance(days=1)
    shop.place_order("3.00", email=ANN)
    house.deliver(store, shop.plugin.sent)
    house.drain()
    assert snapshot(house.engine, store)["balances"] == {("guest", ANN): 73}


def test_a_blocked_guest_who_registers_stays_blocked_for_that_time_under_every_address(
    house: House, shop: SampleShop, store: Store
) -> None:
    ben = shop.register_customer("ben@example.com")
    shop.place_order("70.00", email=ANN)
    house.deliver(store, shop.plugin.sent)
    house.clock.advance(hours=1)
    house.drain()
    block(house, store, ANN, days=9)
    shop.place_order("20.00", customer_id=ben["id"])
    house.deliver(store, shop.plugin.sent)
    house.drain()
    assert snapshot(house.engine, store)["balances"] == {("guest", ANN): 70, ("user", ben["id"]): 20}
    house.clock.advance(days=1)
    shop.update_customer(ben["id"], email=ANN)
    house.deliver(store, shop.plugin.sent)
    house.drain()
    assert snapshot(house.engine, store)["balances"] == {("user", ben["id"]): 70}


def test_an_order_in_another_currency_earns_nothing(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN, status="pending")
    shop._state.orders[order["id"]]["currency"] = "EUR"
    shop.set_status(order["id"], "processing")
    assert tell(house, store, shop) == {}
    assert [row.counts for row in house.rows(select(orders))] == [False]


def test_an_order_that_names_no_currency_is_in_the_stores(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("120.00", email=ANN)
    (sent,) = (one for one in shop.plugin.sent if b"order.updated" in one.body)
    body = json.loads(sent.body)
    body["data"]["currency"] = ""
    house.deliver(store, [replace(sent, body=json.dumps(body).encode())])
    house.drain()
    assert snapshot(house.engine, store)["balances"] == {("guest", ANN): 120}


@pytest.mark.parametrize(
    ("currency", "decimals", "total", "refund", "points"),
    [("JPY", 0, "12345", "345", 12_000), ("KWD", 3, "12.345", "0.346", 11)],
)
def test_currencies_without_and_with_three_decimals_earn_whole_units(
    house: House, currency: str, decimals: int, total: str, refund: str, points: int
) -> None:
    shop = SampleShop(timezone="Asia/Tokyo", currency=currency, decimals=decimals, clock=house.clock)
    store = house.pair(shop)
    order = shop.place_order(total, email=ANN)
    shop.refund(order["id"], refund)
    assert tell(house, store, shop) == {("guest", ANN): points}


def test_an_order_that_names_nobody_earns_for_nobody(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("70.00")
    tell(house, store, shop)
    assert house.rows(select(postings)) == []
    assert [(row.customer_id, row.net_value) for row in house.rows(select(orders))] == [(None, 7000)]


def test_every_point_leads_back_to_its_order_its_delivery_and_its_rule(
    house: House, shop: SampleShop, store: Store
) -> None:
    order = shop.place_order("70.00", email=ANN)
    earned_by = shop.plugin.sent[-1].message_id
    tell(house, store, shop)
    shop.refund(order["id"], "20.00")
    taken_by = shop.plugin.sent[-1].message_id
    tell(house, store, shop)
    with transaction(house.engine) as connection:
        ann = connection.execute(select(customers.c.id)).scalar_one()
        told = ledger.history(connection, store.id, ann)
    assert [(row.points, row.order_wc_id, row.delivery_id, row.rule_version) for row in told] == [
        (70, order["id"], earned_by, 1),
        (-20, order["id"], taken_by, 1),
    ]
    assert [row.reason for row in told] == [
        f"Earned with order {order['id']}",
        f"Taken back: order {order['id']} is worth less now",
    ]
    settled = house.rows(select(inbox).order_by(inbox.c.id))
    assert [row.outcome for row in settled] == ["changed", "changed"]


def test_edited_items_are_kept_also_where_the_total_stays(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN, quantity=1)
    tell(house, store, shop)
    shop._state.orders[order["id"]]["line_items"][0]["quantity"] = 7
    shop.plugin.deliver_order(order["id"])
    tell(house, store, shop)
    parts = snapshot(house.engine, store)["orders"][order["id"]]["parts"]
    assert [part[3] for part in parts] == [7]


def test_a_refund_replaced_by_another_of_the_same_sum_is_kept(house: House, shop: SampleShop, store: Store) -> None:
    order = shop.place_order("70.00", email=ANN)
    first = shop.refund(order["id"], "10.00")["refunds"][0]["id"]
    tell(house, store, shop)
    shop.delete_refund(order["id"], first)
    second = shop.refund(order["id"], "10.00")["refunds"][0]["id"]
    shop.plugin.sent = shop.plugin.sent[-1:]
    tell(house, store, shop)
    parts = snapshot(house.engine, store)["orders"][order["id"]]["parts"]
    assert [part[1] for part in parts if part[0] == "refund"] == [second]


def test_a_delivery_that_cannot_be_read_says_so_and_holds_up_no_other(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("70.00", email=ANN)
    (readable,) = shop.plugin.sent
    body = json.loads(readable.body)
    body["data"] = {"id": body["data"]["id"]}
    house.deliver(store, [replace(readable, message_id="broken", body=json.dumps(body).encode())])
    assert tell(house, store, shop) == {("guest", ANN): 70}

    told = house.rows(select(inbox.c.delivery_id, inbox.c.outcome).order_by(inbox.c.id))
    assert told == [("broken", "could not be read"), (readable.message_id, "changed")]
