"""Adjustments from a file: looked at first, then done as a whole or not at all, and once for each content."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from connector.db import accounts, adjustments, customers, programmes
from connector.db.bulk import among, among_texts
from connector.db.stores import Store
from connector.db.tables import adjustments as adjustments_table
from connector.db.tables import customers as customers_table
from connector.domain.adjusting import Asked, Effect, Mistake, content_key, effects, read_rows
from connector.domain.programme.versions import in_force


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do, row by row, and what is wrong with it.

    ``done``: it was done, now or earlier; ``earlier``: when, where it was done before.
    """

    effects: Sequence[Effect]
    mistakes: Sequence[Mistake]
    done: bool = False
    earlier: datetime | None = None


def preview(connection: Connection, store: Store, text: str, default_reason: str) -> Plan:
    """Return what the file would do to accounts as they are now. Raises FileUnreadable."""
    asked, unreadable = read_rows(text, default_reason)
    if done := _done_earlier(connection, store.id, text):
        return done
    ids = _ids(connection, store.id, {row.customer for row in asked})
    return _plan(connection, store, asked, unreadable, ids)


def apply(connection: Connection, store: Store, text: str, default_reason: str, made_by: str, now: datetime) -> Plan:
    """Do all a file asks for, or nothing where any of it cannot be done; the same content is done once, ever.

    Raises FileUnreadable, and IntegrityError where another worker does the same file at this moment.
    """
    asked, unreadable = read_rows(text, default_reason)
    ids = _ids(connection, store.id, {row.customer for row in asked})
    concerned = sorted({*ids.values()})
    customers.lock(connection, store.id, concerned)
    if done := _done_earlier(connection, store.id, text):
        return done
    versions = programmes.every(connection, store.id)
    accounts.settle(connection, store, versions, concerned, now)
    plan = _plan(connection, store, asked, unreadable, ids)
    if plan.mistakes:
        return plan
    made = connection.execute(
        insert(adjustments_table).returning(adjustments_table),
        [
            {
                "store_id": store.id,
                "customer_id": one.customer_id,
                "to_customer_id": None,
                "idempotency_key": _key(text, one.line),
                "points": one.points,
                "reason": one.reason,
                "made_by": made_by,
                "made_at": now,
            }
            for one in plan.effects
        ],
    ).all()
    adjustments.file(connection, store, in_force(versions, now), made, now)
    accounts.settle(connection, store, versions, concerned, now)
    return Plan(plan.effects, (), done=True)


def _plan(
    connection: Connection, store: Store, asked: Sequence[Asked], unreadable: Sequence[Mistake], ids: dict[str, int]
) -> Plan:
    held = accounts.of_customers(connection, store.id, sorted({*ids.values()}))
    planned, impossible = effects(asked, ids, {customer: row.available for customer, row in held.items()})
    return Plan(planned, sorted([*unreadable, *impossible], key=lambda mistake: mistake.line))


def _key(text: str, line: int) -> str:
    return f"file:{content_key(text)}:{line}"


def _done_earlier(connection: Connection, store_id: int, text: str) -> Plan | None:
    """Return what the same file did when it was done, or None where it was not."""
    rows = connection.execute(
        select(adjustments_table, customers_table.c.email, customers_table.c.wc_id)
        .join(customers_table, customers_table.c.id == adjustments_table.c.customer_id)
        .where(
            adjustments_table.c.store_id == store_id,
            adjustments_table.c.idempotency_key.startswith(f"file:{content_key(text)}:", autoescape=True),
        )
        .order_by(adjustments_table.c.id)
    ).all()
    done = [
        Effect(
            line=int(row.idempotency_key.rpartition(":")[2]),
            customer_id=row.customer_id,
            customer=row.email or str(row.wc_id or ""),
            points=row.points,
            reason=row.reason,
            before=None,
            after=None,
        )
        for row in rows
    ]
    earliest = min((row.made_at for row in rows), default=None)
    return Plan(sorted(done, key=lambda one: one.line), (), done=True, earlier=earliest) if done else None


def _ids(connection: Connection, store_id: int, names: Iterable[str]) -> dict[str, int]:
    """Return our customers by address or user id; a guest who registered is the user, and users come first."""
    wanted = sorted(names)
    users = [int(name) for name in wanted if name.isdecimal()]
    found: dict[str, int] = {}
    for named in (
        among(connection, customers_table.c.wc_id, users),
        among_texts(connection, customers_table.c.email, wanted),
    ):
        rows = connection.execute(
            select(customers_table)
            .where(customers_table.c.store_id == store_id, customers_table.c.deleted_at.is_(None), named)
            .order_by(customers_table.c.wc_id.is_not(None))
        )
        for row in rows:
            found[row.email or ""] = row.merged_into_id or row.id
            if row.wc_id is not None:
                found[str(row.wc_id)] = row.id
    return {name: found[name] for name in wanted if name in found}
