"""Counted orders as columns of numbers: what scoring reads, for a few customers or for a million."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
from sqlalchemy import Connection, select

from connector.db.tables import orders
from connector.domain.history import Ints, Orders

_BLOCK = 50_000


def read(connection: Connection, store_id: int, customer_ids: Sequence[int] | None = None) -> Orders:
    """Return the counted orders of these customers, or of all, read in blocks: 24 bytes of memory an order.

    Refunds and cancellations are in the latest state; days are the store's own.
    """
    counted = select(orders.c.customer_id, orders.c.local_day, orders.c.net_value).where(
        orders.c.store_id == store_id, orders.c.counts
    )
    if customer_ids is None:
        counted = counted.where(orders.c.customer_id.is_not(None)).order_by(orders.c.customer_id, orders.c.local_day)
    else:
        counted = counted.where(orders.c.customer_id.in_(customer_ids))
    rows = connection.execute(counted.execution_options(yield_per=_BLOCK))
    blocks = [_columns(list(chain.from_iterable(block))) for block in rows.partitions()]
    customer, day, value = np.concatenate(blocks, axis=1) if blocks else np.zeros((3, 0), dtype=np.int64)
    return Orders(customer, day, value)


def any_of(connection: Connection, store_id: int) -> bool:
    """Say whether anybody has bought anything that counts."""
    counted = select(orders.c.id).where(orders.c.store_id == store_id, orders.c.counts).limit(1)
    return connection.execute(counted).first() is not None


def _columns(numbers: list[int]) -> Ints:
    return np.array(numbers, dtype=np.int64).reshape(-1, 3).T
