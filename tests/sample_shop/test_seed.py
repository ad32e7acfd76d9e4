"""The shop filled with CDNOW's purchases."""

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

import pytest

from tests.sample_shop import SampleShop

TODAY = date(2026, 11, 22)


@pytest.fixture(scope="module")
def shop() -> Iterator[SampleShop]:
    with SampleShop.filled(TODAY) as shop:
        yield shop


@pytest.fixture(scope="module")
def orders(shop: SampleShop) -> list[dict[str, Any]]:
    return shop.orders()


def test_every_customer_and_every_purchase_is_there(shop: SampleShop) -> None:
    assert shop.counts() == {"customers": 2357, "orders": 6919, "coupons": 0}


def test_what_was_spent_is_what_was_spent_at_cdnow(orders: list[dict[str, Any]]) -> None:
    assert sum(Decimal(order["total"]) for order in orders) == Decimal("244091.94")


def test_the_last_purchase_was_yesterday_in_the_shops_zone(orders: list[dict[str, Any]]) -> None:
    days = {datetime.fromisoformat(order["date_created"]).date() for order in orders}

    assert (min(days), max(days)) == (date(2025, 5, 25), date(2026, 11, 21))


def test_every_order_is_a_registered_customers(shop: SampleShop, orders: list[dict[str, Any]]) -> None:
    buyers = {order["customer_id"] for order in orders}

    assert buyers == {customer["id"] for customer in shop.customers()}


def test_customers_registered_before_they_bought(shop: SampleShop, orders: list[dict[str, Any]]) -> None:
    registered = {customer["id"]: customer["date_created_gmt"] for customer in shop.customers()}

    assert all(registered[order["customer_id"]] < order["date_created_gmt"] for order in orders)


def test_order_numbers_follow_time(orders: list[dict[str, Any]]) -> None:
    numbers = [order["id"] for order in orders]

    assert numbers == sorted(numbers)


def test_the_same_day_fills_the_same_shop() -> None:
    shops = [SampleShop.filled(TODAY, customers=100) for _ in range(2)]

    facts = [
        [(order["id"], order["customer_id"], order["date_created_gmt"], order["total"]) for order in shop.orders()]
        for shop in shops
    ]
    for shop in shops:
        shop.close()
    assert facts[0] == facts[1]


def test_fewer_customers_can_be_asked_for() -> None:
    shop = SampleShop.filled(TODAY, customers=20)
    shop.close()

    assert shop.counts()["customers"] == 20
