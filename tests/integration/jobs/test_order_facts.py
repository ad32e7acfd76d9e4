"""What is known of an order does not depend on how we came to know it: delivered, hinted at, or backfilled."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from connector.db.stores import Store
from connector.db.tables import order_lines, orders, products, refunds
from connector.domain.programme.earning import EarningRules, Exclusions
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

ANN = "ann@example.com"
Way = Callable[[House, SampleShop, Store], None]

_ORDER = (
    "wc_id status total tax refunded counts net_value coupon_codes coupon_discounts country referrer_wc_id".split()
)
_LINE = "wc_id product_id variation_id quantity total tax refunded on_sale categories".split()
_REFUND = "wc_id total refunded_at".split()


def facts(house: House, store: Store) -> dict[str, Any]:
    """Everything that orders and products are known by, in names of the shop."""

    def all_of(table: Any, names: list[str]) -> list[dict[str, Any]]:
        rows = house.rows(select(table).where(table.c.store_id == store.id).order_by(table.c.wc_id))
        return [{name: row._mapping[name] for name in names} for row in rows]

    return {
        "orders": all_of(orders, _ORDER),
        "lines": all_of(order_lines, _LINE),
        "refunds": all_of(refunds, _REFUND),
        "products": all_of(products, ["wc_id", "categories"]),
    }


def rule_on_categories(house: House, store: Store) -> None:
    """From now on the programme asks which categories products are in."""
    house.decide(store, earning=EarningRules(exclude=Exclusions(categories=frozenset({999}))))


def busy_day(house: House, shop: SampleShop) -> None:
    """Everything that can be known of an order happens to one of these."""
    house_wares = shop.add_category("Household")["id"]
    lamps = shop.add_category("Lamps", parent=house_wares)["id"]
    lamp = shop.add_product("Lamp", "50.00", [lamps], sale_price="45.00")["id"]
    book = shop.add_product("Book", "40.00")["id"]
    ann = shop.register_customer(ANN)["id"]
    shop.update_customer(ann, billing={"country": "DE"})
    # Before the plugin wrote anything down at checkout.
    shop._state.has_plugin = False
    old = shop.place_order("", products={lamp: "50.00"}, email=ANN)
    shop._state.has_plugin = True
    house.clock.advance(minutes=5)
    order = shop.place_order("", customer_id=ann, products={lamp: "45.00", book: "40.00"}, referrer=77)
    other = shop.place_order("", email="ben@example.com", products={book: "40.00"})
    house.clock.advance(days=2)
    shop.refund(order["id"], lines={order["line_items"][0]["id"]: "15.00"})
    gone = shop.refund(order["id"], lines={order["line_items"][1]["id"]: "40.00"})["refunds"][0]["id"]
    shop.refund(order["id"], "7.50")
    shop.delete_refund(order["id"], gone)
    shop.refund(other["id"])
    shop.refund(old["id"], "5.00")


def delivered(house: House, shop: SampleShop, store: Store) -> None:
    house.deliver(store, shop.plugin.sent)


def hinted(house: House, shop: SampleShop, store: Store) -> None:
    for order in shop.orders():
        house.hint(store, "order.updated", order["id"], f"hint {order['id']}")


def read(house: House, shop: SampleShop, store: Store) -> None:
    house.backfill(store)


@pytest.mark.parametrize("way", [hinted, read])
def test_every_way_leads_to_the_same_facts(house: House, shop: SampleShop, way: Way) -> None:
    first = house.pair(shop)
    second = house.pair(shop, 2, site_url="https://second.example")
    for store in (first, second):
        house.history_is_read(store)
        rule_on_categories(house, store)
    busy_day(house, shop)

    delivered(house, shop, first)
    house.catch_up()
    way(house, shop, second)
    house.catch_up()

    assert facts(house, second) == facts(house, first)


def test_an_order_is_known_by_its_lines_refunds_country_and_referrer(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    busy_day(house, shop)
    delivered(house, shop, store)
    house.catch_up()

    known = facts(house, store)
    order = known["orders"][1]
    assert (order["country"], order["referrer_wc_id"], order["refunded"]) == ("DE", 77, 2_250)
    lamp, book = known["lines"][1:3]
    assert (lamp["refunded"], lamp["on_sale"], lamp["categories"]) == (1_500, True, [15, 16])
    assert (book["refunded"], book["on_sale"], book["categories"]) == (0, False, [])
    assert all(refund["refunded_at"] == house.clock() for refund in known["refunds"])


def test_a_coupon_is_known_with_what_it_took_off(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    coupon = {"code": "TEN", "discount_type": "percent", "amount": "10.00"}
    with house.open_shop(shop.rest_url, shop.consumer_key, shop.consumer_secret) as client:
        client.post("coupons", coupon)
    shop.place_order("80.00", email=ANN, coupons=["ten"])
    delivered(house, shop, store)
    house.catch_up()

    (order,) = facts(house, store)["orders"]
    assert (order["coupon_codes"], order["coupon_discounts"]) == (["ten"], {"ten": 800})


def test_the_categories_of_a_line_stay_what_they_were_at_checkout(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    lamps, gifts = shop.add_category("Lamps")["id"], shop.add_category("Gifts")["id"]
    lamp = shop.add_product("Lamp", "50.00", [lamps])["id"]
    order = shop.place_order("", email=ANN, products={lamp: "50.00"})
    shop.move_product(lamp, [gifts])
    shop.refund(order["id"], "1.00")
    delivered(house, shop, store)
    house.catch_up()

    assert [line["categories"] for line in facts(house, store)["lines"]] == [[lamps]]


def test_without_rules_on_categories_the_store_is_not_asked_for_any(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    house.history_is_read(store)
    busy_day(house, shop)
    hinted(house, shop, store)
    read(house, shop, store)
    house.catch_up()

    assert not [name for name in shop.requests if "products" in name]


def test_a_deleted_product_keeps_the_categories_it_was_last_seen_in(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    rule_on_categories(house, store)
    shop._state.has_plugin = False
    lamps = shop.add_category("Lamps")["id"]
    lamp, book = (shop.add_product(name, "50.00", [lamps])["id"] for name in ("Lamp", "Book"))
    order = shop.place_order("", email=ANN, products={lamp: "50.00"})
    hinted(house, shop, store)
    house.catch_up()
    shop.place_order("", email=ANN, products={book: "50.00"})
    shop.delete_product(lamp)
    shop.delete_product(book)
    shop.refund(order["id"], "1.00")
    house.clock.advance(seconds=1)
    read(house, shop, store)
    house.catch_up()

    assert facts(house, store)["products"] == [
        {"wc_id": lamp, "categories": [lamps]},
        {"wc_id": book, "categories": []},
    ]


def test_a_refund_taken_back_gives_the_line_its_worth_again(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    order = shop.place_order("60.00", email=ANN)
    refund = shop.refund(order["id"], lines={order["line_items"][0]["id"]: "20.00"})["refunds"][0]["id"]
    shop.delete_refund(order["id"], refund)
    delivered(house, shop, store)
    house.catch_up()

    (line,) = facts(house, store)["lines"]
    (known,) = facts(house, store)["orders"]
    assert (line["refunded"], known["refunded"], known["net_value"]) == (0, 0, int(Decimal("60.00") * 100))
