"""Two stores with the same ids in WooCommerce never touch each other's rows."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from connector.db.tables import metadata
from tests.clock import Clock
from tests.integration.jobs.histories import Deed, Happened
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances, snapshot

OURS: list[Deed] = [
    ("register", 0, 1),
    ("order as a customer", 0, 10_000),
    ("order as a guest", 1, 7_000),
    ("order as a guest", 0, 3_000),
    ("refund", 1, 2_000),
    ("register", 1, 9),
    ("cancel", 2, 1),
]
THEIRS: list[Deed] = [
    ("register", 0, 1),
    ("order as a guest", 0, 90_000),
    ("order as a customer", 0, 80_000),
    ("trash", 0, 1),
    ("register", 1, 9),
    ("order as a guest", 1, 70_000),
]


def rows_of(house: House, store_id: int) -> dict[str, list[Any]]:
    """Everything the database holds of a store."""
    return {
        table.name: house.rows(select(table).where(table.c.store_id == store_id).order_by(*table.primary_key))
        for table in metadata.sorted_tables
        if "store_id" in table.c
    }


def test_stores_with_the_same_ids_do_not_touch_each_others_rows(house: House, clock: Clock) -> None:
    ours, theirs = (Happened(done, clock() - timedelta(hours=1)) for done in (OURS, THEIRS))
    assert {order["id"] for order in ours.shop.orders()} & {order["id"] for order in theirs.shop.orders()}
    our_store = house.pair(ours.shop, 1, site_url="https://ours.example")
    their_store = house.pair(theirs.shop, 2, site_url="https://theirs.example")
    for store, happened in ((our_store, ours), (their_store, theirs)):
        house.history_is_read(store)
        before = rows_of(house, our_store.id)
        for delivery in happened.told:
            house.deliver(store, [delivery])
            house.drain()
        house.want(store, "score")
        house.catch_up()
    assert rows_of(house, our_store.id) == before
    assert snapshot(house.engine, our_store)["balances"] == fresh_balances(ours.shop)
    assert snapshot(house.engine, their_store)["balances"] == fresh_balances(theirs.shop)
    everything = rows_of(house, their_store.id)
    assert everything["entries"]
    assert everything["outbox"]


def test_no_row_refers_to_a_row_of_another_store(house: House, clock: Clock) -> None:
    for number, done in enumerate((OURS, THEIRS), 1):
        happened = Happened(done, clock() - timedelta(hours=1))
        store = house.pair(happened.shop, number, site_url=f"https://shop{number}.example")
        house.history_is_read(store)
        house.deliver(store, happened.told)
        house.drain()
        house.want(store, "score")
        house.catch_up()
    checked = 0
    for table in metadata.sorted_tables:
        for key in table.foreign_keys:
            other = key.column.table.alias("other")
            if "store_id" not in table.c or "store_id" not in other.c:
                continue
            astray = (
                select(func.count())
                .select_from(table.join(other, key.parent == other.c[key.column.name]))
                .where(table.c.store_id != other.c.store_id)
            )
            assert house.rows(astray)[0][0] == 0, f"{table.name}.{key.parent.name}"
            checked += 1
    assert checked >= 8
