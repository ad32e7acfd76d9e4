"""Figures about a store for people: counts, the best customers, and what the programme has given."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from connector.db import status
from connector.db.tables import customers, entitlements, entries, standings, stores
from connector.domain.coupons import EntitlementState


def counts(connection: Connection, store_id: int) -> dict[str, int]:
    """Return how many customers, living orders, points and coupons a store has, and the REST requests made to it."""
    known = status.counts(connection, store_id)
    points = select(func.coalesce(func.sum(entries.c.points), 0)).where(
        entries.c.store_id == store_id, entries.c.customer_id.is_not(None)
    )
    coupons = select(func.count()).select_from(entitlements).where(entitlements.c.store_id == store_id)
    requests = select(stores.c.rest_requests).where(stores.c.id == store_id)
    return {
        "customers": known.customers,
        "orders": known.orders,
        "points": int(connection.execute(points).scalar_one()),
        "coupons": connection.execute(coupons).scalar_one(),
        "rest_requests": connection.execute(requests).scalar_one(),
    }


def grouped(connection: Connection, store_id: int, column: str) -> dict[str, int]:
    """Return how many customers there are of each value of a standing's column ("segment" or "tier")."""
    by = standings.c[column]
    rows = connection.execute(
        select(by.label("value"), func.count().label("customers"))
        .where(standings.c.store_id == store_id, standings.c.orders > 0)
        .group_by(by)
        .order_by(func.count().desc())
    )
    return {row.value: row.customers for row in rows}


def most_valuable(connection: Connection, store_id: int, limit: int) -> list[Row[Any]]:
    """Return the standings with the highest predicted value, with each customer's WooCommerce id."""
    return list(
        connection.execute(
            select(standings, customers.c.wc_id)
            .join(customers, customers.c.id == standings.c.customer_id)
            .where(standings.c.store_id == store_id, standings.c.clv.is_not(None))
            .order_by(standings.c.clv.desc(), standings.c.customer_id)
            .limit(limit)
        )
    )


def one_time_buyer(connection: Connection, store_id: int) -> int:
    """Return the WooCommerce id of a registered customer with one order and a coupon, the one who spent most of them.

    Raises NoResultFound where there is none.
    """
    wc_id: int = connection.execute(
        select(customers.c.wc_id)
        .join(standings, standings.c.customer_id == customers.c.id)
        .join(entitlements, entitlements.c.customer_id == customers.c.id)
        .where(
            standings.c.store_id == store_id,
            standings.c.orders == 1,
            customers.c.wc_id.is_not(None),
            entitlements.c.state == EntitlementState.GRANTED,
        )
        .order_by(standings.c.monetary.desc(), customers.c.id)
        .limit(1)
    ).scalar_one()
    return wc_id
