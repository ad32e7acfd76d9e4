"""Adjustments: points that a person gives, takes, or moves from one customer to another."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select

from connector.db import accounts, customers, lots, programmes, spends
from connector.db.lots import LotFacts
from connector.db.spends import SpendFacts
from connector.db.stores import Store
from connector.db.tables import adjustments
from connector.domain.adjusting import too_much
from connector.domain.expiry import expiry_of
from connector.domain.programme import Programme
from connector.domain.programme.versions import in_force


class KeyReused(Exception):
    """The idempotency key was used for another act."""


class NotEnough(Exception):
    """More would be taken than there is. The message is for the person who asked."""


@dataclass(frozen=True, slots=True)
class Act:
    """What a person wants: who, why, and the key under which it is done once, however often it is asked for."""

    reason: str
    made_by: str
    key: str


def adjust(connection: Connection, store: Store, customer_id: int, points: int, act: Act, now: datetime) -> Row[Any]:
    """Give points to a customer, or take some (negative), and return the adjustment.

    Asked again under its key it is the same one. Raises NotEnough, with nothing taken, KeyReused, and IntegrityError
    where the key was used for somebody else at this moment.
    """
    customers.lock(connection, store.id, [customer_id])
    if (made := by_key(connection, store.id, act.key)) is not None:
        if (made.customer_id, made.to_customer_id, made.points) != (customer_id, None, points):
            raise KeyReused
        return made
    versions = programmes.every(connection, store.id)
    accounts.settle(connection, store, versions, [customer_id], now)
    if refusal := too_much(points, available(connection, store.id, customer_id)):
        raise NotEnough(refusal)
    made = _keep(connection, store.id, customer_id, None, points, act, now)
    file(connection, store, in_force(versions, now), [made], now)
    accounts.settle(connection, store, versions, [customer_id], now)
    return made


def move(connection: Connection, store: Store, from_id: int, to_id: int, act: Act, now: datetime) -> Row[Any]:
    """Move all points one customer can spend to another, each lot with the days it was earned on and expires on.

    What is still on hold stays until it is free. Asked again under its key it is the same move. Raises NotEnough
    where there is nothing to move, KeyReused, and IntegrityError as `adjust` does.
    """
    customers.lock(connection, store.id, sorted({from_id, to_id}))
    if (made := by_key(connection, store.id, act.key)) is not None:
        if (made.customer_id, made.to_customer_id) != (from_id, to_id):
            raise KeyReused
        return made
    versions = programmes.every(connection, store.id)
    accounts.settle(connection, store, versions, [from_id, to_id], now)
    held = [
        (row, row.points - row.spent - row.expired)
        for row in lots.of_customers(connection, store.id, [from_id])
        if row.available_at <= now and row.points > row.spent + row.expired
    ]
    moving = sum(left for _, left in held)
    if not moving or moving != available(connection, store.id, from_id):
        raise NotEnough("This customer has no points that could be moved.")
    made = _keep(connection, store.id, from_id, to_id, moving, act, now)
    source, version = f"{lots.RECEIVED}:{made.id}", in_force(versions, now).version
    spends.save(connection, store.id, [SpendFacts(from_id, source, moving, now, version, act.reason)])
    lots.save(
        connection, store.id, [_moved(row, left, to_id, f"{source}:{row.id}", act.reason, now) for row, left in held]
    )
    accounts.settle(connection, store, versions, [from_id, to_id], now)
    return made


def by_key(connection: Connection, store_id: int, key: str) -> Row[Any] | None:
    """Return the adjustment that was made under an idempotency key."""
    return connection.execute(
        select(adjustments).where(adjustments.c.store_id == store_id, adjustments.c.idempotency_key == key)
    ).one_or_none()


def available(connection: Connection, store_id: int, customer_id: int) -> int:
    """Return the points a customer can spend, as far as the account is settled."""
    account = accounts.of(connection, store_id, customer_id)
    return 0 if account is None else int(account.available)


def file(connection: Connection, store: Store, rules: Programme, made: Sequence[Row[Any]], now: datetime) -> None:
    """Let lots and spends follow from adjustments that move nothing between customers. Settle the customers then."""
    given = [row for row in made if row.points > 0]
    taken = [row for row in made if row.points < 0]
    lots.save(
        connection,
        store.id,
        [
            LotFacts(
                customer_id=row.customer_id,
                source=f"adjustment:{row.id}",
                points=row.points,
                earned_at=now,
                available_at=now,
                expires_at=expiry_of(now, rules.expiry, store.zone),
                rule_version=rules.version,
                currency=store.currency,
                reason=row.reason,
            )
            for row in given
        ],
    )
    spends.save(
        connection,
        store.id,
        [
            SpendFacts(row.customer_id, f"adjustment:{row.id}", -row.points, now, rules.version, row.reason)
            for row in taken
        ],
    )


def _keep(
    connection: Connection, store_id: int, customer_id: int, to_id: int | None, points: int, act: Act, now: datetime
) -> Row[Any]:
    return connection.execute(
        insert(adjustments)
        .values(
            store_id=store_id,
            customer_id=customer_id,
            to_customer_id=to_id,
            idempotency_key=act.key,
            points=points,
            reason=act.reason,
            made_by=act.made_by,
            made_at=now,
        )
        .returning(adjustments)
    ).one()


def _moved(lot: Row[Any], points: int, to_id: int, source: str, reason: str, now: datetime) -> LotFacts:
    return LotFacts(
        customer_id=to_id,
        source=source,
        points=points,
        earned_at=lot.earned_at,
        # Free from now on, or what was spent here long ago would be taken out of it.
        available_at=now,
        expires_at=lot.expires_at,
        rule_version=lot.rule_version,
        currency=lot.currency,
        reason=reason,
        rate=lot.rate,
    )
