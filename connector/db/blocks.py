"""Blocks: periods in which a customer earns and redeems nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, or_, select, update

from connector.db.bulk import among
from connector.db.tables import blocks, customers


@dataclass(frozen=True, slots=True)
class Block:
    """A period from ``from_at`` on; ``until_at`` is the first moment after it, None while it lasts."""

    customer_id: int
    from_at: datetime
    until_at: datetime | None

    def covers(self, customer_id: int, moment: datetime) -> bool:
        """Say whether somebody is blocked at a moment by this."""
        begun = customer_id == self.customer_id and self.from_at <= moment
        return begun and (self.until_at is None or moment < self.until_at)


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Block]:
    """Return the blocks of these customers, in the order in which they were made."""
    rows = connection.execute(
        select(blocks.c.customer_id, blocks.c.from_at, blocks.c.until_at)
        .where(blocks.c.store_id == store_id, among(connection, blocks.c.customer_id, customer_ids))
        .order_by(blocks.c.id)
    )
    return [Block(row.customer_id, row.from_at, row.until_at) for row in rows]


def begin(connection: Connection, store_id: int, customer_id: int, reason: str, made_by: str, now: datetime) -> bool:
    """Block a customer from now on; return whether that is news. The customer must be locked."""
    if any(block.covers(customer_id, now) for block in of_customers(connection, store_id, [customer_id])):
        return False
    connection.execute(
        insert(blocks).values(
            store_id=store_id, customer_id=customer_id, reason=reason, made_by=made_by, from_at=now, until_at=None
        )
    )
    return True


def end(connection: Connection, store_id: int, customer_id: int, now: datetime) -> bool:
    """End a customer's block, also one they got as a guest; return whether there was one. They must be locked.

    What was ordered while it lasted stays without points.
    """
    theirs = select(customers.c.id).where(
        customers.c.store_id == store_id,
        or_(customers.c.id == customer_id, customers.c.merged_into_id == customer_id),
    )
    ended = connection.execute(
        update(blocks)
        .where(
            blocks.c.store_id == store_id,
            blocks.c.customer_id.in_(theirs),
            or_(blocks.c.until_at.is_(None), blocks.c.until_at > now),
        )
        .values(until_at=now)
    )
    return bool(ended.rowcount)


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> set[int]:
    """Let guests' blocks hold for the users they turned out to be; return the users who inherited one."""
    user = select(customers.c.merged_into_id).where(customers.c.id == blocks.c.customer_id).scalar_subquery()
    guests = select(customers.c.id).where(customers.c.store_id == store_id, customers.c.merged_into_id.in_(users))
    moved = connection.execute(
        update(blocks)
        .where(blocks.c.store_id == store_id, blocks.c.customer_id.in_(guests))
        .values(customer_id=user)
        .returning(blocks.c.customer_id)
    )
    return set(moved.scalars())
