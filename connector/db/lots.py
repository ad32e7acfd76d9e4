"""Lots: what each source earned for whom, as its latest state has it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select, update

from connector.db import bulk
from connector.db.bulk import among_texts, given, insert_rows
from connector.db.session import insert_into
from connector.db.tables import customers, lots
from connector.domain.lots import Lot, LotState

# How the sources of lots begin that were taken over from another customer.
RECEIVED = "merge"


@dataclass(frozen=True, slots=True)
class LotFacts:
    """What a source earned: ``points`` for ``customer_id``, spendable from ``available_at`` to ``expires_at``.

    ``reason`` is what people call the source ("order 12"), or a person's own reason for an adjustment; ``detail``
    says line by line how the points came about, as JSON. ``currency``, ``rate``: see `ledger.Booking`.
    """

    customer_id: int
    source: str
    points: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None
    rule_version: int
    currency: str
    reason: str
    rate: Decimal = Decimal(1)
    order_id: int | None = None
    detail: list[dict[str, Any]] = field(default_factory=list)


def save(connection: Connection, store_id: int, facts: Sequence[LotFacts]) -> set[int]:
    """Store lots by their source, replacing what each was before.

    Returns the customers whose lots are different now, the one who had a lot before included. They are to be locked
    already, and settled afterwards in the same transaction.
    """
    held = by_source(connection, store_id, [one.source for one in facts])
    latest = {one.source: one for one in facts}.values()
    changed = [one for one in latest if one.source not in held or _differs(held[one.source], one)]
    if changed:
        statement = insert_into(connection, lots)
        replaced = {name: statement.excluded[name] for name in _FACTS if name != "source"}
        insert_rows(
            connection,
            statement.on_conflict_do_update(
                index_elements=[lots.c.store_id, lots.c.source],
                # What was spent of it follows when the customer is settled; until then it may be more than there is.
                set_=replaced | {"spent": 0, "expired": 0},
            ),
            [{"store_id": store_id, "spent": 0, "expired": 0, **asdict(one)} for one in changed],
        )
    before = {held[one.source].customer_id for one in changed if one.source in held}
    return {one.customer_id for one in changed} | before


_FACTS = tuple(LotFacts.__dataclass_fields__)


def _differs(row: Row[Any], facts: LotFacts) -> bool:
    return any(row._mapping[name] != getattr(facts, name) for name in _FACTS)


def by_source(connection: Connection, store_id: int, sources: Sequence[str]) -> dict[str, Row[Any]]:
    """Return the lots of these sources, as far as there are any."""
    rows = connection.execute(
        select(lots).where(lots.c.store_id == store_id, among_texts(connection, lots.c.source, sources))
    )
    return {row.source: row for row in rows}


def of_row(row: Row[Any]) -> Lot:
    """Return a lot as an account is played back from it. What was received came when it could be spent."""
    received = row.source.startswith(f"{RECEIVED}:")
    return Lot(
        row.source,
        row.points,
        row.earned_at,
        row.available_at,
        row.expires_at,
        row.available_at if received else None,
    )


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the lots of these customers without their details, in the order in which they were made."""
    return bulk.of_customers(connection, _of_customers, store_id, customer_ids)


@cache
def _of_customers(dialect: str) -> Select[Any]:
    columns = [column for column in lots.c if column.name != "detail"]
    found = select(*columns).where(lots.c.store_id == bindparam("store"), given(dialect, lots.c.customer_id))
    return found.order_by(lots.c.id)


def record(connection: Connection, store_id: int, rows: Iterable[Row[Any]], states: Mapping[str, LotState]) -> None:
    """Write down what the replay made of lots, where it is news."""
    news = [row for row in rows if (row.spent, row.expired) != (states[row.source].spent, states[row.source].expired)]
    if news:
        connection.execute(
            update(lots)
            .where(lots.c.store_id == store_id, lots.c.id == bindparam("lot"))
            .values(spent=bindparam("now_spent"), expired=bindparam("now_expired")),
            [
                {"lot": row.id, "now_spent": states[row.source].spent, "now_expired": states[row.source].expired}
                for row in news
            ],
        )


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> None:
    """Hand what guests earned beside their orders to the users they turned out to be; orders take theirs along."""
    user = select(customers.c.merged_into_id).where(customers.c.id == lots.c.customer_id).scalar_subquery()
    guests = select(customers.c.id).where(customers.c.store_id == store_id, customers.c.merged_into_id.in_(users))
    connection.execute(
        update(lots)
        .where(lots.c.store_id == store_id, lots.c.order_id.is_(None), lots.c.customer_id.in_(guests))
        .values(customer_id=user)
    )
