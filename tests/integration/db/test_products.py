from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from connector.db import products
from connector.db.session import transaction
from connector.db.tables import products as table

LAMP, BOOK = 11, 12


def save(engine, store, at, **seen: set[int]) -> list[int]:
    return save_all(engine, store, (at, seen))


def save_all(engine, store, *sights) -> list[int]:
    ids = {"lamp": LAMP, "book": BOOK}
    named = [({ids[name]: categories for name, categories in seen.items()}, at) for at, seen in sights]
    with transaction(engine) as connection:
        return products.save(connection, store.id, named)


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


def test_of_several_sights_the_newest_of_each_product_stays(engine, store, now):
    later = now + timedelta(seconds=1)
    moved = save_all(engine, store, (later, {"lamp": {7}}), (now, {"lamp": {3}, "book": {3}}))

    assert moved == [LAMP, BOOK]
    assert held(engine, store) == {LAMP: {7}, BOOK: {3}}
    assert save_all(engine, store, (later, {"lamp": set()}), (later, {"lamp": {7}})) == []


def test_products_are_written_in_one_order_whichever_was_seen_first(engine, store, now):
    save_all(engine, store, (now, {"book": {3}}), (now + timedelta(seconds=1), {"lamp": {3}}))

    with transaction(engine) as connection:
        assert list(connection.execute(select(table.c.wc_id).order_by(table.c.id)).scalars()) == [LAMP, BOOK]


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
