"""Customers about whom somebody decided: their points, tier and what the store shows follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from connector.db import work
from connector.db.bulk import among, keyed
from connector.db.tables import customers, orders

# More customers than this are brought up to date together.
_ONE_BY_ONE: Final = 100


def ask(connection: Connection, store_id: int, customer_ids: Sequence[int], now: datetime) -> list[tuple[str, int]]:
    """Ask for these customers to be brought up to date; return (job, work id) to offer after the commit.

    A guest has no id the work could name; one of their orders stands for them.
    """
    subjects = [f"customer:{wc_id}" for wc_id in _users(connection, store_id, customer_ids)]
    subjects += [f"order:{wc_id}" for wc_id in _orders_of_guests(connection, store_id, customer_ids)]
    if len(subjects) > _ONE_BY_ONE:
        return [("score", work.want(connection, store_id, "score", "", now))]
    return [("award", work.want(connection, store_id, "award", subject, now)) for subject in subjects]


def _users(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[int]:
    found = select(customers.c.wc_id).where(
        keyed(connection, customers.c.id, store_id, customer_ids),
        customers.c.wc_id.is_not(None),
        customers.c.deleted_at.is_(None),
    )
    return sorted(connection.execute(found).scalars())


def _orders_of_guests(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[int]:
    latest = (
        select(func.max(orders.c.wc_id))
        .join(customers, customers.c.id == orders.c.customer_id)
        .where(
            orders.c.store_id == store_id,
            among(connection, orders.c.customer_id, customer_ids),
            customers.c.wc_id.is_(None),
        )
        .group_by(orders.c.customer_id)
    )
    return sorted(connection.execute(latest).scalars())
