"""What the programme's rules of earning do to real orders, through the whole house."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from connector.db import tier_overrides
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, lots
from connector.domain.calendar import local_day
from connector.domain.programme import Programme, Tier
from connector.domain.programme.earning import Bonuses, EarningRules, Exclusions, Multiplier
from connector.domain.programme.ladder import Benefits, Ladder, TierBasis
from connector.domain.tiers import Override
from jobs.schedule import run_due
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import ledger_is_sound, snapshot
from tests.sample_shop import SampleShop

ANN = "ann@example.com"
DOUBLE = Benefits(multiplier=Decimal(2))
GOLD_FROM_100 = Ladder(tiers=(Tier("member", 0), Tier("gold", 100, DOUBLE)))


def earning(**rules: Any) -> Programme:
    return Programme(earning=EarningRules(**rules))


def tell(house: House, store: Store, shop: SampleShop) -> dict[object, int]:
    """Deliver what happened since the last time and let time pass; return the balances."""
    house.hear(store, shop)
    return let_time_pass(house, store)


def let_time_pass(house: House, store: Store) -> dict[object, int]:
    """Run the schedule a few times, and whatever it asks for."""
    for _ in range(3):
        house.clock.advance(minutes=11)
        run_due(house.context)
        house.catch_up()
    ledger_is_sound(house.engine, store)
    balances: dict[object, int] = snapshot(house.engine, store)["balances"]
    return balances


def ordered(shop: SampleShop, **what: Any) -> int:
    return int(shop.place_order("", email=ANN, **what)["id"])


def test_a_refund_of_a_line_takes_back_that_lines_points_and_no_others(
    house: House, shop: SampleShop, store: Store
) -> None:
    lamp, book = (shop.add_product(name, "50.00")["id"] for name in ("Lamp", "Book"))
    house.decide(store, earning(multipliers=(Multiplier("lamps", Decimal(3), products=frozenset({lamp})),)))
    order = ordered(shop, products={lamp: "50.00", book: "40.00"})
    assert tell(house, store, shop) == {("guest", ANN): 190}
    lines = {line["product_id"]: line["id"] for line in shop.order(order)["line_items"]}
    shop.refund(order, lines={lines[book]: "40.00"})
    assert tell(house, store, shop) == {("guest", ANN): 150}
    refund = shop.refund(order, lines={lines[lamp]: "20.00"})["refunds"][0]["id"]
    assert tell(house, store, shop) == {("guest", ANN): 90}
    shop.delete_refund(order, refund)
    assert tell(house, store, shop) == {("guest", ANN): 150}


def test_sale_items_can_earn_nothing(house: House, shop: SampleShop, store: Store) -> None:
    lamp = shop.add_product("Lamp", "50.00", sale_price="45.00")["id"]
    book = shop.add_product("Book", "40.00")["id"]
    house.decide(store, earning(exclude=Exclusions(sale_items=True)))
    ordered(shop, products={lamp: "45.00", book: "40.00"})
    assert tell(house, store, shop) == {("guest", ANN): 40}


def test_a_category_can_earn_nothing_and_those_below_it_with_it(house: House, shop: SampleShop, store: Store) -> None:
    household = shop.add_category("Household")["id"]
    lamp = shop.add_product("Lamp", "50.00", [shop.add_category("Lamps", parent=household)["id"]])["id"]
    house.decide(store, earning(exclude=Exclusions(categories=frozenset({household}))))
    ordered(shop, products={lamp: "50.00", shop.add_product("Book", "7.00")["id"]: "7.00"})
    assert tell(house, store, shop) == {("guest", ANN): 7}


def test_a_rule_on_categories_that_comes_later_asks_for_the_products_of_the_past(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop._state.has_plugin = False
    household = shop.add_category("Household")["id"]
    lamp = shop.add_product("Lamp", "50.00", [household])["id"]
    gone = shop.add_product("Radio", "30.00", [household])["id"]
    order = ordered(shop, products={lamp: "50.00", gone: "30.00"})
    shop.delete_product(gone)
    house.hint(store, "order.created", order, "hint")
    assert let_time_pass(house, store) == {("guest", ANN): 80}
    assert not [name for name in shop.requests if "products" in name]

    house.decide(store, earning(exclude=Exclusions(categories=frozenset({household}))))
    assert let_time_pass(house, store) == {("guest", ANN): 30}

    shop.reset_requests()
    assert let_time_pass(house, store) == {("guest", ANN): 30}
    assert not shop.requests


def test_the_points_of_old_orders_follow_a_product_into_another_category(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop._state.has_plugin = False
    household = shop.add_category("Household")["id"]
    lamp = shop.add_product("Lamp", "50.00")["id"]
    house.decide(store, earning(exclude=Exclusions(categories=frozenset({household}))))
    for total in ("50.00", "20.00"):
        order = ordered(shop, products={lamp: total})
        house.hint(store, "order.created", order, f"hint {total}")
    assert let_time_pass(house, store) == {("guest", ANN): 70}

    shop.move_product(lamp, [household])
    house.hint(store, "order.updated", order, "another hint")
    assert let_time_pass(house, store) == {}


def test_an_order_in_another_currency_earns_by_its_rate(house: House, shop: SampleShop, store: Store) -> None:
    house.decide(store, earning(currency_rates={"EUR": Decimal("1.25")}))
    order = shop.place_order("80.00", email=ANN)
    shop._state.orders[order["id"]]["currency"] = "EUR"
    house.hint(store, "order.created", order["id"], "hint")
    assert let_time_pass(house, store) == {("guest", ANN): 100}
    (lot,) = house.rows(select(lots))
    assert (lot.currency, lot.rate) == ("EUR", Decimal("1.25"))


def test_a_refund_of_an_early_order_takes_the_tiers_factor_from_the_later_ones(
    house: House, shop: SampleShop, store: Store
) -> None:
    house.decide(store, Programme(ladder=GOLD_FROM_100))
    first = shop.place_order("100.00", email=ANN, created_at=house.clock() - timedelta(days=2))
    shop.place_order("30.00", email=ANN, created_at=house.clock() - timedelta(days=1))
    assert tell(house, store, shop) == {("guest", ANN): 160}
    refund = shop.refund(first["id"], "1.00")["refunds"][0]["id"]
    assert tell(house, store, shop) == {("guest", ANN): 129}
    shop.delete_refund(first["id"], refund)
    assert tell(house, store, shop) == {("guest", ANN): 160}


def test_a_tier_given_by_hand_earns_from_its_first_day(house: House, shop: SampleShop, store: Store) -> None:
    house.decide(store, Programme(ladder=GOLD_FROM_100))
    ann = shop.register_customer(ANN)["id"]
    for days in (2, 1):
        shop.place_order("10.00", customer_id=ann, created_at=house.clock() - timedelta(days=days))
    assert tell(house, store, shop) == {("user", ann): 20}
    ours = house.rows(select(customers.c.id).where(customers.c.wc_id == ann))[0].id
    yesterday = local_day(house.clock() - timedelta(days=1), store.zone)
    with transaction(house.engine) as connection:
        override = Override("gold", yesterday, None)
        tier_overrides.give(connection, store.id, ours, override, "a guest of honour", "the owner")
    house.want(store, "award", f"customer:{ann}")
    assert let_time_pass(house, store) == {("user", ann): 30}


def test_points_beside_orders_raise_a_tier_that_goes_by_points(house: House, shop: SampleShop, store: Store) -> None:
    by_points = replace(GOLD_FROM_100, basis=TierBasis.POINTS)
    house.decide(store, Programme(ladder=by_points, bonuses=Bonuses(review=100)))
    ann = shop.register_customer(ANN)["id"]
    review = shop.write_review(ann, 11)
    house.clock.advance(days=1)
    shop.place_order("10.00", customer_id=ann)
    assert tell(house, store, shop) == {("user", ann): 120}
    shop.withdraw_review(review)
    assert tell(house, store, shop) == {("user", ann): 10}


def test_an_order_told_late_raises_what_was_bought_after_it(house: House, shop: SampleShop, store: Store) -> None:
    house.decide(store, Programme(ladder=GOLD_FROM_100))
    shop.place_order("100.00", email=ANN, created_at=house.clock() - timedelta(days=2))
    shop.place_order("30.00", email=ANN, created_at=house.clock() - timedelta(days=1))
    late, early = shop.plugin.sent
    house.deliver(store, [early])
    assert let_time_pass(house, store) == {("guest", ANN): 30}
    house.deliver(store, [late])
    assert let_time_pass(house, store) == {("guest", ANN): 160}


def test_new_rules_for_the_past_reach_every_order_and_rules_from_now_on_reach_none(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("100.00", email=ANN)
    assert tell(house, store, shop) == {("guest", ANN): 100}
    house.decide(store, earning(rate=Decimal(5)), since=house.clock())
    assert let_time_pass(house, store) == {("guest", ANN): 100}
    shop.place_order("10.00", email=ANN)
    assert tell(house, store, shop) == {("guest", ANN): 150}
    house.decide(store, earning(rate=Decimal(2)))
    assert let_time_pass(house, store) == {("guest", ANN): 220}


def test_each_line_of_an_order_says_how_it_came_to_its_points(house: House, shop: SampleShop, store: Store) -> None:
    lamp = shop.add_product("Lamp", "50.00")["id"]
    twice = Multiplier("twice", Decimal(2), products=frozenset({lamp}))
    house.decide(store, earning(multipliers=(replace(twice),)))
    ordered(shop, products={lamp: "50.00"})
    tell(house, store, shop)

    ((line,),) = [row.detail for row in house.rows(select(lots))]
    assert (line["part"], line["product"], line["multiplier"]) == ("line", lamp, "twice")
    assert (line["net"], line["factor"], line["points"]) == ("5000", "2", "100")
