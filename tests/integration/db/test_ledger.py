from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from connector.db import inbox, ledger
from connector.db.inbox import Delivery
from connector.db.ledger import OrderBooked, OrderPosting
from connector.db.session import transaction
from connector.db.tables import orders
from connector.domain.ledger import settle_order


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
    """Bring an order's booked points to what they should be, the way the award job does."""
    with transaction(engine) as connection:
        books = ledger.booked(connection, store.id, [order_id]).get(order_id, OrderBooked({}, 0))
        posting = settle_order("order 12", earner, points, books.points, seen_before=books.postings > 0)
        made = [OrderPosting(order_id, books.postings, inbox_id, posting)] if posting else []
        ledger.post(connection, store.id, made, "USD", 1, now)


def balances(engine, store, *customer_ids) -> dict[int, int]:
    with transaction(engine) as connection:
        return ledger.balances(connection, store.id, customer_ids)


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


def test_what_is_booked_for_an_order_is_told_by_customer(engine, store, now, ann, order_id, new_customer, new_order):
    ben = new_customer(store, 8)
    another = new_order(store, 13, ann)
    untouched = new_order(store, 14, ann)
    settle(engine, store, now, order_id, ann, 120)
    settle(engine, store, now, order_id, ben, 120)
    settle(engine, store, now, another, ann, 30)

    with transaction(engine) as connection:
        books = ledger.booked(connection, store.id, [order_id, another, untouched])
    assert books == {order_id: OrderBooked({ben: 120}, 2), another: OrderBooked({ann: 30}, 1)}
    assert balances(engine, store, ann, ben) == {ann: 30, ben: 120}


def test_who_never_had_points_has_no_balance(engine, store, ann):
    assert balances(engine, store, ann) == {}
    assert balances(engine, store) == {}


def test_two_workers_who_saw_the_same_books_cannot_both_post(engine, store, now, ann, order_id):
    posting = settle_order("order 12", ann, 120, {}, seen_before=False)
    together = Barrier(2)

    def award(_: int) -> bool:
        together.wait()
        try:
            with transaction(engine) as connection:
                ledger.post(connection, store.id, [OrderPosting(order_id, 0, None, posting)], "USD", 1, now)
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
        assert ledger.booked(connection, other_store.id, [order_id]) == {}
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
