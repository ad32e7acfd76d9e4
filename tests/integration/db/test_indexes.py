"""What is asked again and again is found in an index, however large a store is."""

from __future__ import annotations

import pytest
from sqlalchemy import event, insert, select, text

from connector.db import bonus_facts, customers, outbox, products
from connector.db.customers import Identity
from connector.db.session import transaction
from connector.db.tables import customers as customers_table
from connector.db.tables import order_lines
from connector.db.tables import orders as orders_table
from connector.db.tables import outbox as outbox_table

MANY = 5_000


def indexes_of(engine, question) -> str:
    """How the database finds what a function asks with its last statement, once it knows how its data is spread."""
    asked = []

    def note(_connection, _cursor, statement, parameters, *_):
        asked.append((statement, parameters))

    explain = "EXPLAIN QUERY PLAN " if engine.dialect.name == "sqlite" else "EXPLAIN "
    with transaction(engine) as connection:
        connection.execute(text("ANALYZE"))
        event.listen(engine, "before_cursor_execute", note)
        question(connection)
        event.remove(engine, "before_cursor_execute", note)
        statement, parameters = asked[-1]
        return str(connection.exec_driver_sql(explain + statement, parameters).all())


@pytest.fixture
def written(engine, store, now) -> None:
    """A store that holds what it should of many customers."""
    row = {
        "store_id": store.id,
        "kind": outbox.CUSTOMER,
        "desired": {},
        "desired_hash": "a",
        "desired_at": now,
        "attempts": 0,
    }
    with transaction(engine) as connection:
        connection.execute(
            insert(outbox_table), [{**row, "written_hash": "a", "subject_id": one} for one in range(MANY)]
        )


def test_the_few_changes_that_are_not_written_are_not_looked_for_among_all(engine, store, written, now):
    found = indexes_of(engine, lambda connection: outbox.unwritten(connection, store.id, outbox.CUSTOMER, 100, now))
    assert "ix_outbox_unwritten" in found


@pytest.fixture
def people(engine, store, now) -> None:
    """A store with many guests and as many users, each of whom has ordered something once."""
    order = {"store_id": store.id, "wc_customer_id": 0, "status": "completed", "currency": "USD", "total": 100}
    order |= {"tax": 0, "shipping": 0, "refunded": 0, "counts": True, "net_value": 100, "local_day": 20_000}
    order |= {"ordered_at": now, "modified_at": now, "observed_at": now, "coupon_codes": [], "coupon_discounts": {}}
    line = {"store_id": store.id, "wc_id": 1, "variation_id": 0, "quantity": 1, "total": 100, "tax": 0}
    line |= {"refunded": 0, "on_sale": False}
    with transaction(engine) as connection:
        guests = [{"store_id": store.id, "wc_id": None, "email": f"guest{one}@example.com"} for one in range(MANY)]
        connection.execute(insert(customers_table), guests)
        users = [{"store_id": store.id, "wc_id": one, "registered_at": now} for one in range(MANY)]
        connection.execute(insert(customers_table), users)
        ids = connection.execute(select(customers_table.c.id)).scalars()
        placed = [{**order, "wc_id": one, "customer_id": one, "country": ""} for one in ids]
        connection.execute(insert(orders_table), placed)
        bought = connection.execute(select(orders_table.c.id)).scalars()
        connection.execute(insert(order_lines), [{**line, "order_id": one, "product_id": one % 7} for one in bought])


def test_whom_somebody_sent_is_not_looked_for_among_all_orders(engine, store, people):
    found = indexes_of(engine, lambda connection: bonus_facts.brought_by(connection, store.id, [7, MANY + 7]))
    assert "ix_orders_referred" in found


def test_products_to_ask_about_are_found_without_reading_their_lines(engine, store, people):
    found = indexes_of(engine, lambda connection: products.unknown(connection, store.id, 100))
    assert "ix_order_lines_following" in found
    assert "SCAN order_lines" not in found
    assert "Seq Scan on order_lines" not in found


def test_a_stores_customers_are_walked_without_sorting_them(engine, store, people):
    for walk in (
        lambda connection: customers.after(connection, store.id, MANY, 200),
        lambda connection: bonus_facts.without_sign_up(connection, store.id, [(None, None)], MANY, 200),
    ):
        found = indexes_of(engine, walk)
        assert "TEMP B-TREE" not in found
        assert "Sort" not in found


def test_a_guest_is_found_by_the_address(engine, store, people):
    known = Identity(0, "guest9@example.com")
    found = indexes_of(engine, lambda connection: customers.resolve(connection, store.id, [known]))
    assert "ix_customers_store_id_email" in found
