"""A store's own figures over a period, by the formulas of the trade."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from connector.domain import formulas
from connector.domain.history import Orders, distinct, purchase_histories


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What a store did in the `period_days` up to and with `as_of_day`; money in minor units, exact.

    orders, customers, net_value: of the period. average_order_value, purchase_frequency, revenue_per_customer: from
    these. churn_rate, retention_rate: of the customers active in the period before, against this one. lifespan: its
    inverse, in periods. repeat_rate: of all customers to date. None where there is nothing to divide by.
    """

    as_of_day: int
    period_days: int
    orders: int
    customers: int
    net_value: int
    average_order_value: Decimal | None
    purchase_frequency: Decimal | None
    revenue_per_customer: Decimal | None
    repeat_rate: Decimal | None
    churn_rate: Decimal | None
    retention_rate: Decimal | None
    lifespan: Decimal | None

    def to_json(self) -> dict[str, Any]:
        """Counts as numbers, exact figures as decimal strings."""
        values = {name: getattr(self, name) for name in self.__slots__}
        return {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}


def store_figures(orders: Orders, as_of_day: int, period_days: int = 365) -> StoreFigures:
    """The figures as known at the end of `as_of_day`. Raises ValueError for a period below one day."""
    if period_days < 1:
        raise ValueError("a period has at least one day")
    known = orders.known_on(as_of_day)
    start = as_of_day - period_days
    within = known.day > start
    active = distinct(known.customer[within])
    before = distinct(known.customer[(known.day > start - period_days) & ~within])
    stayed = int(np.intersect1d(before, active).size)
    histories = purchase_histories(known.customer, known.day, known.value, as_of_day)
    count, net = int(np.count_nonzero(within)), int(known.value[within].sum())
    churn = formulas.churn_rate(before.size, stayed)
    worth = Decimal(max(net, 0))
    return StoreFigures(
        as_of_day=as_of_day,
        period_days=period_days,
        orders=count,
        customers=active.size,
        net_value=net,
        average_order_value=formulas.average_order_value(worth, count),
        purchase_frequency=formulas.purchase_frequency(count, active.size),
        revenue_per_customer=formulas.revenue_per_customer(worth, active.size),
        repeat_rate=formulas.repeat_rate(int(np.count_nonzero(histories.x)), len(histories)),
        churn_rate=churn,
        retention_rate=formulas.retention_rate(before.size, stayed),
        lifespan=None if churn is None else formulas.lifespan(churn),
    )
