"""Refunds as columns of numbers: what a back-test needs to see orders as they were."""

from datetime import datetime
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, func, select

from connector.db.stores import Store
from connector.db.tables import orders, refunds
from connector.domain.calendar import local_day
from connector.domain.hindsight import UNKNOWN_DAY, Refunds
from connector.domain.history import epoch_day
from connector.domain.orders import CountingRules

_BLOCK = 10_000
_COLUMNS = 6
# What WooCommerce makes of an order that was given back in full: a purchase until then.
_GIVEN_BACK = "refunded"


def read(connection: Connection, store: Store, rules: CountingRules) -> Refunds:
    """Return the refunds of all orders that are purchases by the rules, or were until they were given back.

    Days are the store's own. Nothing for the refunds of orders whose customer is not known.
    """
    gross: ColumnElement[Any] = orders.c.total
    gross = gross if rules.include_tax else gross - orders.c.tax
    gross = gross if rules.include_shipping else gross - orders.c.shipping
    query = (
        select(
            refunds.c.order_id,
            orders.c.customer_id,
            orders.c.local_day,
            (gross - orders.c.net_value).label("taken"),
            refunds.c.total,
            refunds.c.refunded_at,
        )
        .join(orders, orders.c.id == refunds.c.order_id)
        .where(
            refunds.c.store_id == store.id,
            # The sum keeps SQLite from beginning with the orders, of which there are many more.
            orders.c.store_id + 0 == store.id,
            orders.c.customer_id.is_not(None),
            orders.c.deleted_at.is_(None),
            orders.c.currency == store.currency,
            orders.c.status.in_(sorted({*rules.statuses, _GIVEN_BACK})),
        )
        .order_by(refunds.c.order_id, func.coalesce(refunds.c.refunded_at, orders.c.ordered_at), refunds.c.wc_id)
    )
    found = connection.execute(query.execution_options(yield_per=_BLOCK))
    rows = [
        (order, customer, day, max(0, taken), amount, _day(store, moment))
        for order, customer, day, taken, amount, moment in found
    ]
    return Refunds(*np.array(rows, dtype=np.int64).reshape(-1, _COLUMNS).T)


def _day(store: Store, moment: datetime | None) -> int:
    return UNKNOWN_DAY if moment is None else epoch_day(local_day(moment, store.zone))
