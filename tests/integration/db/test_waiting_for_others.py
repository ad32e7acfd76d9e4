"""Transactions about the same customers and orders wait for one another, and nobody loses what the other did."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from connector.db import customers, orders
from connector.db.customers import Identity
from connector.db.orders import Observed
from connector.db.session import transaction
from connector.db.tables import customers as customers_table
from connector.db.tables import orders as orders_table
from connector.domain.orders import CountingRules, CustomerState, OrderState
from tests.integration.waiting import apart, waiting

ANN, ZOE = "ann@example.com", "zoe@example.com"
pytestmark = pytest.mark.parametrize("databases", ["postgresql"], indirect=True)


def test_an_order_that_is_given_to_somebody_meanwhile_does_not_follow_its_address(engine, store, now):
    placed = OrderState(1, "completed", "USD", 500, 0, 0, 0, ANN, now, now)
    with transaction(engine) as connection:
        orders.save(connection, store, CountingRules(), [Observed(placed, now)])
        (ann,) = customers.save(connection, store.id, [(CustomerState(7, ANN), now)])
    with transaction(engine) as connection:
        given = replace(placed, wc_customer_id=8, modified_at=now + timedelta(minutes=1))
        orders.save(connection, store, CountingRules(), [Observed(given, given.modified_at)])
        following = waiting(connection, apart(engine, lambda beside: orders.follow_claims(beside, store.id, [ann])))
    assert following.result(60) == {}
    with transaction(engine) as connection:
        owners = select(customers_table.c.wc_id).join(
            orders_table, orders_table.c.customer_id == customers_table.c.id
        )
        assert connection.execute(owners).scalars().all() == [8]


@pytest.mark.parametrize("deed", ["orders name them", "users claim them"])
def test_whoever_waits_for_one_guest_keeps_nobody_from_another(engine, store, now, deed):
    with transaction(engine) as connection:
        (zoe,) = customers.resolve(connection, store.id, [Identity(0, ZOE)]).values()
        (ann,) = customers.resolve(connection, store.id, [Identity(0, ANN)]).values()
    deeds = {
        "orders name them": lambda beside: customers.resolve(beside, store.id, [Identity(0, ANN), Identity(0, ZOE)]),
        "users claim them": lambda beside: customers.save(
            beside, store.id, [(CustomerState(1, ANN), now), (CustomerState(2, ZOE), now)]
        ),
    }
    with transaction(engine) as connection:
        customers.lock(connection, store.id, [zoe])
        other = waiting(connection, apart(engine, deeds[deed]))
        customers.lock(connection, store.id, [ann])
    other.result(60)


def test_whoever_waits_for_a_guest_keeps_nobody_from_the_user_who_claims_them(engine, store, now):
    with transaction(engine) as connection:
        (guest,) = customers.resolve(connection, store.id, [Identity(0, ANN)]).values()
        (user,) = customers.save(connection, store.id, [(CustomerState(1, ZOE), now)])
    moved = CustomerState(1, ANN), now + timedelta(minutes=1)
    with transaction(engine) as connection:
        customers.lock(connection, store.id, [guest])
        other = waiting(connection, apart(engine, lambda beside: customers.save(beside, store.id, [moved])))
        customers.lock(connection, store.id, [user])
    assert other.result(60) == [user]
