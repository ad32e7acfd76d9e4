"""Counted orders as columns of numbers: what scoring reads, for a few customers or for a million."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from connector.db.bulk import among, numbers
from connector.db.tables import orders
from connector.domain.history import Orders


def read(connection: Connection, store_id: int, customer_ids: Sequence[int] | None = None) -> Orders:
    """Return the counted orders of these customers, or of all, 24 bytes of memory an order.

    Refunds and cancellations are in the latest state; days are the store's own.
    """
    counted = select(orders.c.customer_id, orders.c.local_day, orders.c.net_value).where(
        orders.c.store_id == store_id, orders.c.counts
    )
    if customer_ids is None:
        counted = counted.where(orders.c.customer_id.is_not(None)).order_by(orders.c.customer_id, orders.c.local_day)
    else:
        counted = counted.where(among(connection, orders.c.customer_id, customer_ids))
    return Orders(*numbers(connection, counted))


def any_of(connection: Connection, store_id: int) -> bool:
    """Say whether anybody who is known has bought anything that counts."""
    named = orders.c.customer_id.is_not(None)
    counted = select(orders.c.id).where(orders.c.store_id == store_id, orders.c.counts, named).limit(1)
    return connection.execute(counted).first() is not None
