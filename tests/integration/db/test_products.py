from __future__ import annotations

from datetime import timedelta

from connector.db import products
from connector.db.session import transaction

LAMP, BOOK = 11, 12


def save(engine, store, at, **seen: set[int]) -> list[int]:
    ids = {"lamp": LAMP, "book": BOOK}
    with transaction(engine) as connection:
        return products.save(connection, store.id, {ids[name]: categories for name, categories in seen.items()}, at)


def held(engine, store) -> dict[int, frozenset[int]]:
    with transaction(engine) as connection:
        return products.categories_of(connection, store.id, [LAMP, BOOK])


def test_products_are_in_the_categories_they_were_last_seen_in(engine, store, now):
    save(engine, store, now, lamp={3, 7}, book=set())
    save(engine, store, now + timedelta(seconds=1), lamp={7})

    assert held(engine, store) == {LAMP: {7}, BOOK: frozenset()}


def test_only_products_that_are_elsewhere_now_have_moved(engine, store, now):
    assert save(engine, store, now, lamp={3}, book=set()) == [LAMP]
    assert save(engine, store, now, lamp={3}, book=set()) == []
    assert save(engine, store, now, lamp=set(), book={3}) == [LAMP, BOOK]


def test_an_older_look_changes_nothing(engine, store, now):
    save(engine, store, now, lamp={3})

    assert save(engine, store, now - timedelta(seconds=1), lamp={7}) == []
    assert held(engine, store) == {LAMP: {3}}


def test_a_product_that_is_gone_stays_where_it_was(engine, store, now):
    save(engine, store, now, lamp={3})
    with transaction(engine) as connection:
        products.note_gone(connection, store.id, [LAMP, BOOK], now)

    assert held(engine, store) == {LAMP: {3}, BOOK: frozenset()}


def test_what_was_looked_at_lately_is_not_asked_for_again(engine, store, now):
    save(engine, store, now, lamp={3})
    later = now + timedelta(seconds=1)
    with transaction(engine) as connection:
        assert products.not_seen_since(connection, store.id, [BOOK, LAMP, 0], now) == [BOOK]
        assert products.not_seen_since(connection, store.id, [BOOK, LAMP], later) == [LAMP, BOOK]
        products.note_gone(connection, store.id, [LAMP], later)
        assert products.not_seen_since(connection, store.id, [LAMP], later) == []


def test_a_stores_products_are_its_own(engine, store, other_store, now):
    save(engine, store, now, lamp={3})

    assert held(engine, other_store) == {}
    assert save(engine, other_store, now, lamp={9}) == [LAMP]
    assert held(engine, store) == {LAMP: {3}}
