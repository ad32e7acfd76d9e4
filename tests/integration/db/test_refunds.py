from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, event, insert

from connector.db import purchases, refunds
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import orders as orders_table
from connector.db.tables import refunds as refunds_table
from connector.domain.hindsight import UNKNOWN_DAY, Refunds, with_the_past
from connector.domain.orders import CountingRules
from tests.integration.db.conftest import NewCustomer

PLACED = datetime(2026, 1, 10, 12, tzinfo=UTC)
DAY = 20_463


@pytest.fixture
def place(engine: Engine, store: Store, new_customer: NewCustomer):
    """Adds an order of 119.00, of it 19.00 tax, with its refunds: amount and when."""
    buyer = new_customer(store, 7)
    placed = []

    def make(*given_back: tuple[int, datetime | None], net: int, **differs: object) -> int:
        wc_id = 100 + len(placed)
        row = {
            "store_id": store.id,
            "wc_id": wc_id,
            "customer_id": buyer,
            "wc_customer_id": 7,
            "status": "completed",
            "currency": store.currency,
            "total": 11_900,
            "tax": 1_900,
            "shipping": 500,
            "refunded": sum(amount for amount, _ in given_back),
            "counts": net > 0,
            "net_value": net,
            "local_day": DAY,
            "ordered_at": PLACED,
            "modified_at": PLACED,
            "observed_at": PLACED,
            "coupon_codes": [],
            "coupon_discounts": {},
            "country": "",
        }
        with transaction(engine) as connection:
            order = connection.execute(
                insert(orders_table).values({**row, **differs}).returning(orders_table.c.id)
            ).scalar_one()
            for number, (amount, moment) in enumerate(given_back):
                connection.execute(
                    insert(refunds_table).values(
                        store_id=store.id, order_id=order, wc_id=1000 + number, total=amount, refunded_at=moment
                    )
                )
        placed.append(order)
        return order

    return make


def read(engine: Engine, store: Store, rules: CountingRules | None = None) -> Refunds:
    with reading(engine) as connection:
        return refunds.read(connection, store, rules or CountingRules())


def after(**time: float) -> datetime:
    return PLACED + timedelta(**time)


def test_refunds_are_read_with_their_days_and_what_they_took(engine, store, place) -> None:
    order = place((4_000, after(days=30)), (1_000, after(days=3)), net=6_900)
    found = read(engine, store)
    assert found.order.tolist() == [order, order]
    assert found.day.tolist() == [DAY, DAY]
    assert found.amount.tolist() == [1_000, 4_000]
    assert found.taken.tolist() == [5_000, 5_000]
    assert found.on_day.tolist() == [DAY + 3, DAY + 30]


def test_what_was_taken_is_of_what_counts(engine, store, place) -> None:
    place((11_900, after(days=5)), net=0)
    assert read(engine, store, CountingRules(include_tax=False)).taken.tolist() == [10_000]
    assert read(engine, store, CountingRules(include_tax=False, include_shipping=False)).taken.tolist() == [9_500]


def test_a_refund_whose_day_the_store_does_not_say_is_of_unknown_day(engine, store, place) -> None:
    place((1_000, None), net=10_900)
    assert read(engine, store).on_day.tolist() == [UNKNOWN_DAY]


def test_an_order_given_back_in_full_was_a_purchase_and_one_cancelled_never(engine, store, place) -> None:
    place((11_900, after(days=5)), net=0, status="refunded")
    place((11_900, after(days=5)), net=0, status="cancelled")
    place((11_900, after(days=5)), net=0, status="refunded", deleted_at=after(days=6))
    place((11_900, after(days=5)), net=0, status="refunded", currency="XXX")
    place((11_900, after(days=5)), net=0, status="refunded", customer_id=None)
    with reading(engine) as connection:
        past = with_the_past(purchases.read(connection, store.id), refunds.read(connection, store, CountingRules()))
    assert past.histories(DAY + 4).value_total.tolist() == [11_900]
    assert len(past.histories(DAY + 5)) == 0


def test_another_stores_refunds_are_not_read(engine, store, other_store, place) -> None:
    place((1_000, after(days=5)), net=10_900)
    assert len(read(engine, store)) == 1
    assert len(read(engine, other_store)) == 0


@pytest.mark.parametrize("databases", ["sqlite"], indirect=True)
def test_reading_begins_with_the_refunds_also_without_statistics(engine, store):
    plans = []

    def explain(connection, _cursor, statement, parameters, *_):
        if "refunds" in statement and not statement.startswith("EXPLAIN"):
            plans.append(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all())

    event.listen(engine, "before_cursor_execute", explain)
    with reading(engine) as connection:
        refunds.read(connection, store, CountingRules())
    (plan,) = plans
    assert "SEARCH orders USING INTEGER PRIMARY KEY (rowid=?)" in [step.detail for step in plan]
