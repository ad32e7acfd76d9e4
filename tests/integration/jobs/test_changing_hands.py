"""Orders that change hands while other work of their customers is under way, where points depend on tiers."""

from __future__ import annotations

from datetime import UTC
from decimal import Decimal

import pytest
from sqlalchemy import select

from connector.db import audit, customers, lots, programmes
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers as customers_table
from connector.db.tables import orders
from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses
from connector.domain.programme.ladder import Benefits, Ladder, Tier, TierBasis
from jobs import bonuses, earnings
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import ledger_is_sound, snapshot
from tests.sample_shop import SampleShop

ANN, BOB = "ann@example.com", "bob@example.com"
LADDER = Ladder((Tier("member", 0), Tier("gold", 100_000, Benefits(multiplier=Decimal(2)))))


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    store = house.pair(shop)
    house.history_is_read(store)
    house.decide(store, Programme(ladder=LADDER))
    return store


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened, and do everything that follows."""
    house.hear(store, shop)
    house.catch_up()


def take_in(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened and store it, and let the awards wait."""
    told = len(shop.plugin.sent)
    house.hear(store, shop)
    for _ in range(told):
        house.step()


def give_order(house: House, shop: SampleShop, order: int, user: int, email: str) -> None:
    """Let a shop's person make another customer the owner of an order."""
    house.clock.advance(minutes=1)
    state = shop._state.orders[order]
    state["customer_id"], state["billing"]["email"] = user, email
    state["date_modified_gmt"] = house.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
    shop._noticed("order", order, "updated")


def balances(house: House, store: Store) -> dict[object, int]:
    """The points of everybody, by the ledger, once nothing of them differs from the facts."""
    ledger_is_sound(house.engine, store)
    everybody = [row.id for row in house.rows(select(customers_table).order_by(customers_table.c.id))]
    with transaction(house.engine) as connection:
        versions = programmes.every(connection, store.id)
        assert audit.differences(connection, store, versions, everybody, house.clock()) == []
    found: dict[object, int] = snapshot(house.engine, store)["balances"]
    return found


def test_whoever_had_an_order_loses_its_points_though_another_award_of_the_new_owner_comes_first(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann, bob = (shop.register_customer(email)["id"] for email in (ANN, BOB))
    moved = shop.place_order("100.00", customer_id=ann, email=ANN)["id"]
    other = shop.place_order("10.00", customer_id=bob, email=BOB)["id"]
    tell(house, store, shop)
    assert balances(house, store) == {("user", ann): 100, ("user", bob): 10}

    give_order(house, shop, moved, bob, BOB)
    shop.set_status(other, "completed")
    take_in(house, store, shop)
    awards = [one for one in house.queue.waiting if one[1] == "award"]
    assert len(awards) == 2
    house.queue.waiting.clear()
    house.queue.waiting.extend(reversed(awards))
    house.step()
    assert balances(house, store) == {("user", ann): 100, ("user", bob): 10}
    house.catch_up()
    assert balances(house, store) == {("user", bob): 110}


def test_an_order_that_changed_hands_waits_for_its_award_when_the_new_owner_is_awarded_as_a_user(
    house: House, shop: SampleShop, store: Store
) -> None:
    moved = shop.place_order("100.00", email=ANN)["id"]
    bob = shop.register_customer(BOB)["id"]
    shop.place_order("10.00", customer_id=bob, email=BOB)
    tell(house, store, shop)

    give_order(house, shop, moved, bob, BOB)
    take_in(house, store, shop)
    house.want(store, "award", f"customer:{bob}")
    house.queue.waiting.reverse()
    house.step()
    assert balances(house, store) == {("guest", ANN): 100, ("user", bob): 10}
    house.catch_up()
    assert balances(house, store) == {("user", bob): 110}


def test_a_bonus_does_not_bring_an_order_that_somebody_else_has_the_points_of(
    house: House, shop: SampleShop, store: Store
) -> None:
    by_points = Ladder(LADDER.tiers, TierBasis.POINTS)
    house.decide(store, Programme(ladder=by_points, bonuses=Bonuses(sign_up=50)))
    ann, bob = (shop.register_customer(email)["id"] for email in (ANN, BOB))
    moved = shop.place_order("100.00", customer_id=ann, email=ANN)["id"]
    tell(house, store, shop)
    house.decide(store, Programme(ladder=by_points, bonuses=Bonuses(sign_up=70)))

    give_order(house, shop, moved, bob, BOB)
    take_in(house, store, shop)
    with transaction(house.engine) as connection:
        ids = customers.ids_of(connection, store.id, [bob])
        customers.lock(connection, store.id, ids)
        changed = bonuses.bring(connection, store, programmes.every(connection, store.id), ids)
        assert changed == set(ids)
        (lot,) = lots.by_source(connection, store.id, [f"order:{order_id(house, moved)}"]).values()
        assert lot.customer_id not in ids


def test_points_are_never_taken_from_somebody_who_is_not_settled(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann, bob = (shop.register_customer(email)["id"] for email in (ANN, BOB))
    moved = shop.place_order("100.00", customer_id=ann, email=ANN)["id"]
    tell(house, store, shop)
    give_order(house, shop, moved, bob, BOB)
    take_in(house, store, shop)
    rows = house.rows(select(orders).where(orders.c.wc_id == moved))

    with transaction(house.engine) as connection:
        versions = programmes.every(connection, store.id)
        ids = customers.ids_of(connection, store.id, [bob])
    with pytest.raises(earnings.NotConcerned), transaction(house.engine) as connection:
        earnings.bring(connection, store, versions, rows, ids)
    house.catch_up()
    assert balances(house, store) == {("user", bob): 100}


def order_id(house: House, wc_id: int) -> int:
    (found,) = house.rows(select(orders.c.id).where(orders.c.wc_id == wc_id))
    return int(found.id)


def test_the_orders_of_people_who_were_forgotten_belong_to_nobody_instead_of_all_to_one(
    house: House, shop: SampleShop, store: Store
) -> None:
    orders_of = [shop.place_order("600.00", email=email)["id"] for email in (ANN, BOB)]
    tell(house, store, shop)
    assert balances(house, store) == {("guest", ANN): 600, ("guest", BOB): 600}
    for order in orders_of:
        give_order(house, shop, order, 0, "deleted@site.invalid")
    tell(house, store, shop)
    assert balances(house, store) == {}
