"""Customers whose points are changed by hand, and what tests do with them."""

from __future__ import annotations

import pytest
from sqlalchemy import insert

from connector.db import adjustments, ledger
from connector.db.adjustments import Act
from connector.db.session import reading, transaction
from connector.db.tables import customers


@pytest.fixture
def people(engine, store, other_store):
    """Two users and a guest of the store, and a user of another one."""
    with transaction(engine) as connection:
        made = [
            connection.execute(
                insert(customers).values(store_id=owner.id, wc_id=wc_id, email=email).returning(customers.c.id)
            ).scalar_one()
            for owner, wc_id, email in (
                (store, 1, "ann@example.com"),
                (store, 2, "bob@example.com"),
                (store, None, "guest@example.com"),
                (other_store, 1, "ann@example.com"),
            )
        ]
    return dict(zip(("ann", "bob", "guest", "stranger"), made, strict=True))


def act(key="k1", reason="Anniversary"):
    return Act(reason, "owner", key)


def give(engine, store, customer, points, now, key="k1", reason="Anniversary"):
    with transaction(engine) as connection:
        return adjustments.adjust(connection, store, customer, points, act(key, reason), now)


def available(engine, store, customer):
    with reading(engine) as connection:
        return adjustments.available(connection, store.id, customer)


def reasons(engine, store, customer):
    with reading(engine) as connection:
        return [(row.points, row.reason) for row in ledger.history(connection, store.id, customer)]
