"""Standings: each customer's tier, points, scores and predicted value, with the purchases they are read from."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, delete, func, insert, select

from connector.db.session import insert_into
from connector.db.tables import customers, orders, score_runs, standings


def purchases(connection: Connection, store_id: int, customer_ids: Sequence[int] | None = None) -> list[Row[Any]]:
    """Return (customer_id, local_day, net_value) of every counted order, of these customers or of all."""
    return list(
        connection.execute(
            _counted(store_id, customer_ids).with_only_columns(
                orders.c.customer_id, orders.c.local_day, orders.c.net_value
            )
        )
    )


def coupon_codes_used(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, set[str]]:
    """Return the coupon codes on these customers' counted orders."""
    used: dict[int, set[str]] = {}
    for row in connection.execute(
        _counted(store_id, customer_ids).with_only_columns(orders.c.customer_id, orders.c.coupon_codes)
    ):
        if row.coupon_codes:
            used.setdefault(row.customer_id, set()).update(row.coupon_codes)
    return used


def window_values(
    connection: Connection, store_id: int, customer_ids: Sequence[int], since: date, until: date
) -> dict[int, int]:
    """Return each customer's net value (minor units) of counted orders after ``since`` up to and with ``until``."""
    rows = connection.execute(
        _counted(store_id, customer_ids)
        .with_only_columns(orders.c.customer_id, func.sum(orders.c.net_value).label("net_value"))
        .where(orders.c.local_day > since, orders.c.local_day <= until)
        .group_by(orders.c.customer_id)
    )
    return {row.customer_id: int(row.net_value) for row in rows}


def people(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the customers themselves, with the e-mail a coupon can be restricted to.

    That is the account's address, else the billing address of the latest order.
    """
    billing = (
        select(orders.c.email)
        .where(orders.c.store_id == store_id, orders.c.customer_id == customers.c.id, orders.c.email.is_not(None))
        .order_by(orders.c.ordered_at.desc(), orders.c.wc_id.desc())
        .limit(1)
        .scalar_subquery()
    )
    return list(
        connection.execute(
            select(
                customers.c.id,
                customers.c.wc_id,
                customers.c.deleted_at,
                customers.c.merged_into_id,
                func.coalesce(customers.c.email, billing).label("email"),
            )
            .where(customers.c.store_id == store_id, customers.c.id.in_(customer_ids))
            .order_by(customers.c.id)
        )
    )


def to_refresh(connection: Connection, store_id: int, after_id: int, limit: int) -> list[int]:
    """Return the next customers, by id, who have bought or have a standing from when they had."""
    bought = select(orders.c.customer_id).where(orders.c.store_id == store_id, orders.c.counts)
    standing = select(standings.c.customer_id).where(standings.c.store_id == store_id)
    return list(
        connection.execute(
            select(customers.c.id)
            .where(
                customers.c.store_id == store_id,
                customers.c.id > after_id,
                customers.c.id.in_(bought) | customers.c.id.in_(standing),
            )
            .order_by(customers.c.id)
            .limit(limit)
        ).scalars()
    )


def with_history(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> set[int]:
    """Return those of the customers who have ordered, or have a standing from when they had."""
    ordered = select(orders.c.customer_id).where(
        orders.c.store_id == store_id, orders.c.customer_id.in_(customer_ids)
    )
    standing = select(standings.c.customer_id).where(
        standings.c.store_id == store_id, standings.c.customer_id.in_(customer_ids)
    )
    return set(connection.execute(ordered.union(standing)).scalars())


def forget(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> None:
    """Drop the standings of guests who turned out to be users: they have a standing of their own."""
    connection.execute(
        delete(standings).where(standings.c.store_id == store_id, standings.c.customer_id.in_(customer_ids))
    )


def save(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Store standings, replacing each customer's earlier one."""
    if not rows:
        return
    statement = insert_into(connection, standings)
    replaced = {column.name: statement.excluded[column.name] for column in standings.c if not column.primary_key}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[standings.c.customer_id], set_=replaced), list(rows)
    )


def of(connection: Connection, store_id: int, customer_id: int) -> Row[Any] | None:
    """Return one customer's standing, or None."""
    return connection.execute(
        select(standings).where(standings.c.store_id == store_id, standings.c.customer_id == customer_id)
    ).one_or_none()


def save_run(
    connection: Connection, store_id: int, as_of: date, started_at: datetime, now: datetime, **run: Any
) -> int:
    """Store a scoring run (customers, basis, fitted) and return its id."""
    return int(
        connection.execute(
            insert(score_runs)
            .values(store_id=store_id, as_of=as_of, started_at=started_at, finished_at=now, **run)
            .returning(score_runs.c.id)
        ).scalar_one()
    )


def latest_run(connection: Connection, store_id: int) -> Row[Any] | None:
    """Return the store's newest scoring run, or None where it has not been scored yet."""
    return connection.execute(
        select(score_runs).where(score_runs.c.store_id == store_id).order_by(score_runs.c.id.desc()).limit(1)
    ).one_or_none()


def _counted(store_id: int, customer_ids: Sequence[int] | None) -> Select[Any]:
    counted = select(orders).where(orders.c.store_id == store_id, orders.c.counts, orders.c.customer_id.is_not(None))
    return counted if customer_ids is None else counted.where(orders.c.customer_id.in_(customer_ids))
