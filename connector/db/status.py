"""What a store's settings page shows of its data: how much there is and how fresh the scores are."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

from connector.db import orders
from connector.db.tables import customers, score_runs


@dataclass(frozen=True, slots=True)
class Counts:
    """Customers and orders that live in the store, and when all were last scored (None: never)."""

    customers: int
    orders: int
    scored_at: datetime | None


def counts(connection: Connection, store_id: int) -> Counts:
    """Return the counts of one store. Guests who registered count once; what was deleted does not count."""
    living_customers = (
        select(func.count())
        .select_from(customers)
        .where(
            customers.c.store_id == store_id,
            customers.c.deleted_at.is_(None),
            customers.c.merged_into_id.is_(None),
        )
    )
    last_run = (
        select(score_runs.c.finished_at)
        .where(score_runs.c.store_id == store_id)
        .order_by(score_runs.c.id.desc())
        .limit(1)
    )
    return Counts(
        customers=connection.execute(living_customers).scalar_one(),
        orders=orders.count(connection, store_id),
        scored_at=connection.execute(last_run).scalar_one_or_none(),
    )
