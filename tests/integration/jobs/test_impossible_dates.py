"""Orders with a date that cannot be: they bend nobody's scores, and nobody loses one without being told."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from connector.db import inbox as deliveries
from connector.db.tables import backfills, customers, inbox, orders, standings
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

LOST = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def filled(clock: Clock) -> Any:
    with SampleShop.filled(customers=40, clock=clock, allow_basic=True) as shop:
        yield shop


def scores(house: House) -> dict[int, Any]:
    columns = [standings.c[name] for name in ("orders", "recency_days", "frequency", "monetary", "rfm", "clv")]
    rows = house.rows(select(customers.c.wc_id, *columns).join(customers, customers.c.id == standings.c.customer_id))
    return {row.wc_id: tuple(row) for row in rows}


def test_an_order_whose_date_was_lost_is_set_aside_and_named(house: House, filled: SampleShop) -> None:
    user = filled.orders()[0]["customer_id"]
    lost = filled.place_order("900.00", customer_id=user, created_at=LOST)
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    (read,) = house.rows(select(backfills))
    assert read.unreadable == [f"order {lost['id']}: The store's order cannot be read: date_created_gmt."]
    assert house.rows(select(orders).where(orders.c.wc_id == lost["id"])) == []


def test_a_delivered_order_whose_date_was_lost_is_kept_in_the_log_of_deliveries(
    house: House, shop: SampleShop
) -> None:
    store = house.pair(shop)
    shop.place_order("50.00", email="ann@example.com")
    lost = shop.place_order("60.00", email="ann@example.com", created_at=LOST)
    house.deliver(store, shop.plugin.sent)
    house.catch_up()
    (kept,) = house.rows(select(orders))
    assert kept.wc_id != lost["id"]
    told = house.rows(select(inbox).where(inbox.c.outcome == deliveries.UNREADABLE))
    assert {row.wc_id for row in told} == {lost["id"]}


@pytest.mark.parametrize("date", [LOST, datetime(2126, 11, 22, tzinfo=UTC)])
def test_neither_a_lost_date_nor_one_to_come_moves_a_score(house: House, filled: SampleShop, date: datetime) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    before = scores(house)
    filled.place_order("900.00", customer_id=filled.orders()[0]["customer_id"], created_at=date)
    house.deliver(store, filled.plugin.sent)
    house.want(store, "score")
    house.catch_up()
    assert scores(house) == before
