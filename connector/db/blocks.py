"""Blocks: periods in which a customer earns and redeems nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select

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
    """Return the blocks of these customers, those of guests whom they turned out to be included."""
    whose = func.coalesce(customers.c.merged_into_id, customers.c.id)
    rows = connection.execute(
        select(whose.label("customer_id"), blocks.c.from_at, blocks.c.until_at)
        .join(customers, customers.c.id == blocks.c.customer_id)
        .where(blocks.c.store_id == store_id, whose.in_(customer_ids))
        .order_by(blocks.c.id)
    )
    return [Block(row.customer_id, row.from_at, row.until_at) for row in rows]
