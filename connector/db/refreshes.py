"""Customers about whom somebody decided: their points, tier and what the store shows follow."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sqlalchemy import Connection, func, select

from connector.db import customers, work
from connector.db.bulk import among
from connector.db.tables import customers as customers_table
from connector.db.tables import orders

# More customers than this are brought up to date together.
_ONE_BY_ONE: Final = 100


def ask(connection: Connection, store_id: int, customer_ids: Sequence[int], now: datetime) -> list[tuple[str, int]]:
    """Ask for these customers to be brought up to date; return (job, work id) to offer after the commit.

    A guest has no id the work could name; one of their orders stands for them.
    """
    users = customers.wc_ids(connection, store_id, customer_ids)
    subjects = [f"customer:{wc_id}" for wc_id in users]
    subjects += [f"order:{wc_id}" for wc_id in _orders_of_guests(connection, store_id, customer_ids)]
    if len(subjects) > _ONE_BY_ONE:
        return [("score", work.want(connection, store_id, "score", "", now))]
    return [("award", work.want(connection, store_id, "award", subject, now)) for subject in subjects]


def _orders_of_guests(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[int]:
    latest = (
        select(func.max(orders.c.wc_id))
        .join(customers_table, customers_table.c.id == orders.c.customer_id)
        .where(
            orders.c.store_id == store_id,
            among(connection, orders.c.customer_id, customer_ids),
            customers_table.c.wc_id.is_(None),
        )
        .group_by(orders.c.customer_id)
    )
    return sorted(connection.execute(latest).scalars())
