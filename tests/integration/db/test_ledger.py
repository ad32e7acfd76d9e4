from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from threading import Barrier

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import IntegrityError

from connector.db import inbox, ledger
from connector.db.inbox import Delivery
from connector.db.ledger import Booking
from connector.db.session import transaction
from connector.db.tables import customers, orders
from connector.domain.ledger import AVAILABLE, difference


@pytest.fixture
def new_order(engine, now):
    def make(store, wc_id, customer_id) -> int:
        order = {"wc_customer_id": 1, "status": "completed", "currency": "USD", "counts": True}
        order |= {"coupon_codes": [], "coupon_discounts": {}, "country": ""}
        amounts = dict.fromkeys(["total", "tax", "shipping", "refunded", "net_value"], 0)
        times = {"local_day": 20779, "ordered_at": now, "modified_at": now, "observed_at": now}
        with transaction(engine) as connection:
            return connection.execute(
                insert(orders)
                .values(store_id=store.id, wc_id=wc_id, customer_id=customer_id, **order, **amounts, **times)
                .returning(orders.c.id)
            ).scalar_one()

    return make


@pytest.fixture
def ann(new_customer, store) -> int:
    return new_customer(store, 7)


@pytest.fixture
def order_id(new_order, store, ann) -> int:
    return new_order(store, 12, ann)


def settle(engine, store, now, order_id, earner, points, inbox_id=None) -> None:
    """Bring what is booked for an order to what it should be."""
    source = f"order:{order_id}"
    with transaction(engine) as connection:
        people = list(connection.execute(select(customers.c.id)).scalars())
        books = ledger.booked(connection, store.id, people).get(source, {})
        number = ledger.counts(connection, store.id, [source]).get(source, 0)
        posting = difference(source, "order 12", {(earner, AVAILABLE): points}, books, seen_before=number > 0)
        if posting is not None:
            made = [Booking(posting, number + 1, "USD", Decimal(1), 1, order_id, inbox_id)]
            ledger.post(connection, store.id, made, now)


def balances(engine, store, *customer_ids) -> dict[int, int]:
    with transaction(engine) as connection:
        sums = ledger.sums(connection, store.id, customer_ids)
    return {customer: of.get("available", 0) for customer, of in sums.items()}


def imbalance(engine, store) -> int:
    with transaction(engine) as connection:
        return ledger.imbalance(connection, store.id)


def test_an_order_earns_once_however_often_it_is_settled(engine, store, now, ann, order_id):
    for _ in range(3):
        settle(engine, store, now, order_id, ann, 120)

    assert balances(engine, store, ann) == {ann: 120}
    assert imbalance(engine, store) == 0


def test_a_refund_and_its_undoing_leave_the_points_there_were(engine, store, now, ann, order_id):
    for points in (120, 70, 0, 120):
        settle(engine, store, now, order_id, ann, points)

    assert balances(engine, store, ann) == {ann: 120}
    assert imbalance(engine, store) == 0


def test_what_is_booked_is_told_by_source_customer_and_account(
    engine, store, now, ann, order_id, new_customer, new_order
):
    ben = new_customer(store, 8)
    another = new_order(store, 13, ann)
    settle(engine, store, now, order_id, ann, 120)
    settle(engine, store, now, order_id, ben, 120)
    settle(engine, store, now, another, ann, 30)

    with transaction(engine) as connection:
        books = ledger.booked(connection, store.id, [ann, ben])
        assert ledger.booked(connection, store.id, [ben]) == {f"order:{order_id}": {(ben, AVAILABLE): 120}}
        counts = ledger.counts(connection, store.id, [f"order:{order_id}", f"order:{another}", "order:999"])
    assert books == {f"order:{order_id}": {(ben, AVAILABLE): 120}, f"order:{another}": {(ann, AVAILABLE): 30}}
    assert counts == {f"order:{order_id}": 2, f"order:{another}": 1}
    assert balances(engine, store, ann, ben) == {ann: 30, ben: 120}


def test_who_never_had_points_has_no_balance(engine, store, ann):
    assert balances(engine, store, ann) == {}
    assert balances(engine, store) == {}


def test_two_workers_who_saw_the_same_books_cannot_both_post(engine, store, now, ann, order_id):
    posting = difference(f"order:{order_id}", "order 12", {(ann, AVAILABLE): 120}, {}, seen_before=False)
    made = [Booking(posting, 1, "USD", Decimal(1), 1, order_id)]
    together = Barrier(2)

    def award(_: int) -> bool:
        together.wait()
        try:
            with transaction(engine) as connection:
                ledger.post(connection, store.id, made, now)
        except IntegrityError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(award, range(2))) == [False, True]
    assert balances(engine, store, ann) == {ann: 120}


def test_one_store_does_not_see_anothers_points(engine, store, other_store, now, ann, order_id):
    settle(engine, store, now, order_id, ann, 120)

    assert balances(engine, other_store, ann) == {}
    with transaction(engine) as connection:
        assert ledger.booked(connection, other_store.id, [ann]) == {}
        assert ledger.counts(connection, other_store.id, [f"order:{order_id}"]) == {}
        assert ledger.sums(connection, other_store.id, [ann]) == {}
        assert ledger.history(connection, other_store.id, ann) == []


def test_every_point_leads_back_to_the_delivery_that_caused_it(engine, store, now, ann, order_id):
    delivery = Delivery("msg_1", "plugin", "order.updated", "order", 12, now, {"id": 12}, causes=("refunded",))
    settle(engine, store, now, order_id, ann, 120)
    with transaction(engine) as connection:
        inbox_id = inbox.keep(connection, store.id, delivery, now)
    settle(engine, store, now, order_id, ann, 70, inbox_id)

    with transaction(engine) as connection:
        earned, taken = ledger.history(connection, store.id, ann)
    assert (earned.kind, earned.points, earned.order_wc_id, earned.delivery_id) == ("earn", 120, 12, None)
    assert (taken.kind, taken.points, taken.order_wc_id, taken.delivery_id) == ("clawback", -50, 12, "msg_1")
    assert (taken.causes, taken.received_at, taken.rule_version) == (["refunded"], now, 1)
