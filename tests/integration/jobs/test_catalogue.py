"""A product that moves to another category, and everybody who bought it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.db import accounts, products
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import accounts as accounts_table
from connector.db.tables import products as products_table
from connector.domain.programme.earning import EarningRules, Exclusions
from jobs import chunks, settle_due
from jobs.schedule import settle_stores
from jobs.worker import perform_in
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

BUYERS = [f"person{number}@example.com" for number in range(5)]


@pytest.fixture
def household(shop: SampleShop) -> int:
    return int(shop.add_category("Household")["id"])


@pytest.fixture
def store(house: House, shop: SampleShop, household: int) -> Store:
    """A store in which household goods earn nothing, settled two customers at a time."""
    store = house.pair(shop)
    shop._state.has_plugin = False
    house.history_is_read(store)
    house.decide(store, earning=EarningRules(exclude=Exclusions(categories=frozenset({household}))))
    return store


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settle_due, "_LOOKED_AT", 2)


def buy(house: House, shop: SampleShop, store: Store, product: int, email: str) -> int:
    order = int(shop.place_order("", email=email, products={product: "50.00"})["id"])
    house.hint(store, "order.created", order, f"hint {order}")
    house.drain()
    return order


def tell_of(house: House, store: Store, order_id: int, name: str) -> None:
    house.hint(store, "order.updated", order_id, name)
    house.drain()


def settle(house: House) -> None:
    settle_stores(house.context)
    house.drain()


def outdated(house: House) -> int:
    return len(house.rows(select(accounts_table).where(accounts_table.c.rule_version < 0)))


def walks(house: House) -> list[int | None]:
    return [row.outdated_up_to for row in house.rows(select(products_table).order_by(products_table.c.wc_id))]


def points(*emails: str) -> dict[object, int]:
    return {("guest", email): 50 for email in emails}


def test_a_delivery_that_shows_a_product_elsewhere_leaves_its_buyers_to_the_settling(
    house: House, shop: SampleShop, store: Store, household: int
) -> None:
    lamp = shop.add_product("Lamp", "50.00")["id"]
    orders = [buy(house, shop, store, lamp, email) for email in BUYERS]
    assert house.balances(store) == points(*BUYERS)

    shop.move_product(lamp, [household])
    tell_of(house, store, orders[-1], "another hint")
    assert (outdated(house), walks(house)) == (0, [0])

    settle(house)
    assert house.balances(store) == {}
    assert (outdated(house), walks(house)) == (0, [None])
    assert settle_stores(house.context) == 0


def test_only_who_bought_what_moved_is_awarded_anew(
    house: House, shop: SampleShop, store: Store, household: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp, book = (shop.add_product(name, "50.00")["id"] for name in ("Lamp", "Book"))
    orders = [buy(house, shop, store, (lamp, book)[number % 2], email) for number, email in enumerate(BUYERS)]
    settle(house)
    shop.move_product(book, [household])
    tell_of(house, store, orders[1], "another hint")
    awarded = record(monkeypatch, settle_due, "award_customers", lambda given: given[2])

    settle(house)
    assert [len(chunk) for chunk in awarded] == [1, 1]
    assert house.balances(store) == points(*BUYERS[::2])


def record(monkeypatch: pytest.MonkeyPatch, module: object, name: str, of: Callable[..., object]) -> list[object]:
    """Note what a function is called with, and let it be called."""
    called, original = [], getattr(module, name)

    def noting(*given: object) -> object:
        called.append(of(given))
        return original(*given)

    monkeypatch.setattr(module, name, noting)
    return called


def test_a_walk_that_dies_is_taken_up_where_it_ended(
    house: House, shop: SampleShop, store: Store, household: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = shop.add_product("Lamp", "50.00")["id"]
    orders = [buy(house, shop, store, lamp, email) for email in BUYERS]
    shop.move_product(lamp, [household])
    tell_of(house, store, orders[-1], "another hint")
    outdate, chunks = accounts.outdate, []

    def dies(*given: object) -> None:
        chunks.append(given)
        outdate(*given)  # type: ignore[arg-type]
        if len(chunks) == 2:
            raise ZeroDivisionError

    with monkeypatch.context() as patched:
        patched.setattr(accounts, "outdate", dies)
        work_id = house.want(store, "settle_due")
        with pytest.raises(ZeroDivisionError):
            perform_in(house.context, work_id)
    assert house.balances(store) == points(*BUYERS[2:])
    assert walks(house) == [2]
    looked_at = record(monkeypatch, accounts, "outdate", lambda given: list(given[2]))
    house.queue.waiting.clear()
    house.catch_up()
    assert looked_at == [[3, 4], [5]]
    assert house.balances(store) == {}


def test_a_product_that_moves_again_meanwhile_has_all_its_buyers_looked_at_again(
    house: House, shop: SampleShop, store: Store, household: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    lamp = shop.add_product("Lamp", "50.00")["id"]
    orders = [buy(house, shop, store, lamp, email) for email in BUYERS]
    shop.move_product(lamp, [household])
    tell_of(house, store, orders[-1], "it moved")
    monkeypatch.setattr(chunks, "STEP", timedelta())
    settle_stores(house.context)
    for _chunk_and_award in range(4):
        house.step()
    assert walks(house) == [4]
    assert house.balances(store) == points(BUYERS[4])

    shop.move_product(lamp, [])
    house.hint(store, "order.updated", orders[-1], "it moved back")
    house.drain()
    assert walks(house) == [None]
    assert house.balances(store) == points(*BUYERS)


def test_what_moves_meanwhile_catches_up_and_goes_on_with_the_others(
    house: House, shop: SampleShop, store: Store, household: int
) -> None:
    lamp, book = (shop.add_product(name, "50.00")["id"] for name in ("Lamp", "Book"))
    for number, email in enumerate(BUYERS):
        buy(house, shop, store, (lamp, book)[number % 2], email)
    seen = []
    with transaction(house.engine) as connection:
        products.note_moved(connection, store.id, [lamp])
        for _ in range(5):
            products.outdate_buyers(connection, store.id, 2)
            seen.append([row.outdated_up_to for row in connection.execute(in_order())])
            if len(seen) == 1:
                products.note_moved(connection, store.id, [book])
        assert not products.outdate_buyers(connection, store.id, 2)
    assert seen == [[2, None], [2, 2], [4, 4], [5, 5], [None, None]]
    assert outdated(house) == len(BUYERS)


def in_order() -> object:
    return select(products_table.c.outdated_up_to).order_by(products_table.c.wc_id)


def test_another_stores_customers_are_left_alone(
    house: House, shop: SampleShop, store: Store, household: int
) -> None:
    other = house.pair(shop, 2, site_url="https://other.example")
    shop._state.has_plugin = False
    lamp = shop.add_product("Lamp", "50.00")["id"]
    for one in (store, other):
        house.history_is_read(one)
        order = shop.place_order("", email=BUYERS[0], products={lamp: "50.00"})
        house.hint(one, "order.created", order["id"], "hint")
    house.drain()
    with transaction(house.engine) as connection:
        products.note_moved(connection, store.id, [lamp])
        while products.outdate_buyers(connection, store.id, 2):
            pass
        assert not products.any_moved(connection, other.id)
    assert outdated(house) == 1
