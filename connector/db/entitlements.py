"""Entitlements: one reason for which one customer gets one coupon once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, bindparam, func, or_, select, update

from connector.db.bulk import among
from connector.db.codes import new_code
from connector.db.inheriting import hand_over
from connector.db.session import insert_into
from connector.db.tables import entitlements
from connector.domain.coupons import EntitlementState
from connector.domain.history import epoch_day

# Any number will do that nothing else of ours locks.
_BUDGETS = 7_301


@dataclass(frozen=True, slots=True)
class Grant:
    """An entitlement about to be made. ``terms`` are `discounts.Terms` as JSON, ``cost`` minor units."""

    customer_id: int
    campaign: str
    why: str
    expires_at: datetime
    terms: Mapping[str, Any]
    occasion: str = ""
    variant: str = ""
    is_benefit: bool = False
    cost: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What has become of an entitlement. Used: what it took off in minor units, and on which day since 1970-01-01."""

    entitlement_id: int
    state: EntitlementState
    took_off: int | None = None
    used_on: int | None = None


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the entitlements of these customers."""
    return list(
        connection.execute(
            select(entitlements)
            .where(
                entitlements.c.store_id == store_id,
                among(connection, entitlements.c.customer_id, customer_ids),
            )
            .order_by(entitlements.c.id)
        )
    )


def grant(connection: Connection, store_id: int, grants: Sequence[Grant], rule_version: int, now: datetime) -> None:
    """Store new entitlements, each with the code its coupon will have.

    The code is drawn and committed before the store hears of it: whatever happens to the connection, the next
    attempt creates the same coupon or finds it. An occasion that somebody else has granted meanwhile stays theirs.
    """
    if not grants:
        return
    unique = (entitlements.c.store_id, entitlements.c.customer_id, entitlements.c.campaign, entitlements.c.occasion)
    connection.execute(
        insert_into(connection, entitlements).on_conflict_do_nothing(index_elements=unique),
        [
            {
                "store_id": store_id,
                "customer_id": one.customer_id,
                "campaign": one.campaign,
                "occasion": one.occasion,
                "variant": one.variant,
                "is_benefit": one.is_benefit,
                "terms": dict(one.terms),
                "cost": one.cost,
                "code": new_code(),
                "state": EntitlementState.GRANTED,
                "why": one.why,
                "rule_version": rule_version,
                "granted_at": now,
                "expires_at": one.expires_at,
            }
            for one in grants
        ],
    )


def change(connection: Connection, store_id: int, changes: Sequence[Change]) -> None:
    """Record what has become of entitlements."""
    if not changes:
        return
    connection.execute(
        update(entitlements)
        .where(entitlements.c.store_id == store_id, entitlements.c.id == bindparam("entitlement_id"))
        .values(state=bindparam("new_state"), took_off=bindparam("new_took_off"), used_on=bindparam("new_used_on")),
        [
            {
                "entitlement_id": one.entitlement_id,
                "new_state": one.state,
                "new_took_off": one.took_off,
                "new_used_on": one.used_on,
            }
            for one in changes
        ],
    )


def spent(connection: Connection, store_id: int, today: date) -> int:
    """Return what personal coupons took off in the store's year so far, and what live ones promise, in minor units.

    Until the transaction ends nobody else gets to know, so that no two grants are made from the same money. Call it
    after the customers are locked.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(_BUDGETS, store_id % 2**31)))
    year = epoch_day(date(today.year, 1, 1)), epoch_day(date(today.year, 12, 31))
    used = and_(entitlements.c.state == EntitlementState.USED, entitlements.c.used_on.between(*year))
    return int(
        connection.execute(
            select(func.coalesce(func.sum(func.coalesce(entitlements.c.took_off, entitlements.c.cost)), 0)).where(
                entitlements.c.store_id == store_id,
                entitlements.c.is_benefit.is_(False),
                or_(entitlements.c.state == EntitlementState.GRANTED, used),
            )
        ).scalar_one()
    )


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> None:
    """Hand guests' entitlements to the users they turned out to be, except for occasions the user already had."""
    hand_over(connection, store_id, users, entitlements, ("campaign", "occasion"))
