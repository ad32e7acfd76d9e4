from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Engine, insert

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers
from tests.integration.db.by_hand import people

__all__ = ["new_customer", "people"]

NewCustomer = Callable[[Store, int], int]


@pytest.fixture
def new_customer(engine: Engine) -> NewCustomer:
    """Adds a registered customer with a WooCommerce id to a store: `new_customer(store, 7)` returns our id."""

    def make(store: Store, wc_id: int) -> int:
        with transaction(engine) as connection:
            return connection.execute(
                insert(customers).values(store_id=store.id, wc_id=wc_id).returning(customers.c.id)
            ).scalar_one()

    return make
