"""Spends and write-offs: what was taken out of customers' points, as each source's latest state has it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, insert, select, update

from connector.db import bulk
from connector.db.bulk import given
from connector.db.session import insert_into
from connector.db.tables import customers, spends, write_offs


@dataclass(frozen=True, slots=True)
class SpendFacts:
    """Points taken out for a source ("redemption:3"); 0 where they were given back.

    ``reason`` is what people call the source ("coupon abc"), or a person's own reason for a deduction.
    """

    customer_id: int
    source: str
    points: int
    spent_at: datetime
    rule_version: int
    reason: str


def save(connection: Connection, store_id: int, facts: Sequence[SpendFacts]) -> None:
    """Store spends by their source, replacing what each was before.

    The customers, also those who had a spend before, are to be locked already, and settled afterwards in the same
    transaction.
    """
    if not facts:
        return
    statement = insert_into(connection, spends)
    replaced = {name: statement.excluded[name] for name in SpendFacts.__dataclass_fields__ if name != "source"}
    connection.execute(
        statement.on_conflict_do_update(index_elements=[spends.c.store_id, spends.c.source], set_=replaced),
        [{"store_id": store_id, **asdict(one)} for one in facts],
    )


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the spends of these customers, in the order in which they were made."""
    return bulk.of_customers(connection, _spends_of, store_id, customer_ids)


def write_offs_of(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the debts forgiven to these customers, the oldest first."""
    return bulk.of_customers(connection, _write_offs_of, store_id, customer_ids)


@cache
def _spends_of(dialect: str) -> Select[Any]:
    found = select(spends).where(spends.c.store_id == bindparam("store"), given(dialect, spends.c.customer_id))
    return found.order_by(spends.c.id)


@cache
def _write_offs_of(dialect: str) -> Select[Any]:
    mine = given(dialect, write_offs.c.customer_id)
    return select(write_offs).where(write_offs.c.store_id == bindparam("store"), mine).order_by(write_offs.c.id)


def write_off(
    connection: Connection, store_id: int, customer_id: int, points: int, rule_version: int, now: datetime
) -> int:
    """Forgive a customer so many points of debt, and return the write-off's id."""
    return int(
        connection.execute(
            insert(write_offs)
            .values(
                store_id=store_id,
                customer_id=customer_id,
                points=points,
                written_off_at=now,
                rule_version=rule_version,
            )
            .returning(write_offs.c.id)
        ).scalar_one()
    )


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> None:
    """Hand what guests spent, and what was forgiven to them, to the users they turned out to be."""
    guests = select(customers.c.id).where(customers.c.store_id == store_id, customers.c.merged_into_id.in_(users))
    for table in (spends, write_offs):
        user = select(customers.c.merged_into_id).where(customers.c.id == table.c.customer_id).scalar_subquery()
        connection.execute(
            update(table)
            .where(table.c.store_id == store_id, table.c.customer_id.in_(guests))
            .values(customer_id=user)
        )
