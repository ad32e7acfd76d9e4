"""Orders with a date that cannot be: they bend nobody's scores, and nobody loses one without being told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from connector.app import create_app
from connector.db.stores import Store
from connector.db.tables import backfills, customers, orders, standings
from connector.db.vault import Vault
from connector.settings import load_settings
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

LOST = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.fixture
def filled(clock: Clock) -> Any:
    with SampleShop.filled(customers=40, clock=clock, allow_basic=True) as shop:
        yield shop


Told = Callable[[], list[tuple[int, str | None]]]


@pytest.fixture
def told(house: House, shop: SampleShop, vault: Vault) -> Told:
    return partial(tell, house, shop, vault)


def tell(house: House, shop: SampleShop, vault: Vault) -> list[tuple[int, str | None]]:
    """Deliver what the shop has to say over the web and let work follow; return status and detail of each answer."""
    web = create_app(load_settings({}), engine=house.engine, vault=vault, queue=house.queue, clock=house.clock)
    answers = [
        web.test_client().post(f"/v1/hooks/{shop.plugin.store_id}", data=one.body, headers=one.headers)
        for one in shop.plugin.sent
    ]
    shop.plugin.sent.clear()
    house.catch_up()
    return [(answer.status_code, answer.get_json(force=True).get("detail")) for answer in answers]


def sentence_about(order: Any) -> str:
    return f"The store's order {order['id']} cannot be read: date_created_gmt."


def statuses(house: House) -> list[str]:
    return [row.status for row in house.rows(select(orders.c.status))]


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
    assert read.unreadable == [sentence_about(lost)]
    assert house.rows(select(orders).where(orders.c.wc_id == lost["id"])) == []


def test_a_delivery_without_a_date_is_refused_by_number_and_taken_once_the_date_is_mended(
    shop: SampleShop, store: Store, told: Told, house: House
) -> None:
    order = shop.place_order("50.00", email="ann@example.com")
    date = order["date_created_gmt"]
    assert [status for status, _ in told()] == [202]
    shop._state.orders[order["id"]]["date_created_gmt"] = "1970-01-01T00:00:00"
    shop.set_status(order["id"], "completed")
    assert told() == [(400, sentence_about(order))]
    assert statuses(house) == ["processing"]
    shop._state.orders[order["id"]]["date_created_gmt"] = date
    shop.set_status(order["id"], "on-hold")
    assert [status for status, _ in told()] == [202]
    assert statuses(house) == ["on-hold"]


def test_a_hint_at_an_order_without_a_date_is_told_by_number_until_the_date_is_mended(
    shop: SampleShop, store: Store, house: House
) -> None:
    order = shop.place_order("50.00", email="ann@example.com", created_at=LOST)
    house.hint(store, "order.created", order["id"], "1")
    house.catch_up()
    assert house.owner_reads(store) == sentence_about(order)
    shop._state.orders[order["id"]]["date_created_gmt"] = house.clock().strftime("%Y-%m-%dT%H:%M:%S")
    house.hint(store, "order.updated", order["id"], "2")
    house.catch_up()
    assert house.owner_reads(store) is None
    assert statuses(house) == ["processing"]


@pytest.mark.parametrize(("date", "answer"), [(LOST, 400), (datetime(2126, 11, 22, tzinfo=UTC), 202)])
def test_neither_a_lost_date_nor_one_to_come_moves_a_score(
    house: House, filled: SampleShop, vault: Vault, date: datetime, answer: int
) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    before = scores(house)
    filled.place_order("900.00", customer_id=filled.orders()[0]["customer_id"], created_at=date)
    assert [status for status, _ in tell(house, filled, vault)] == [answer]
    house.want(store, "score")
    house.catch_up()
    assert scores(house) == before
