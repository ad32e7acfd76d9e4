"""Entitlements: one reason for which one customer gets one coupon once."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from connector.db.bulk import among
from connector.db.tables import customers, entitlements
from connector.domain.coupons import EntitlementState

# Lower-case, because that is how WooCommerce stores codes; no letters that are mistaken for one another.
_ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"


@dataclass(frozen=True, slots=True)
class Grant:
    """An entitlement about to be made."""

    customer_id: int
    campaign: str
    why: str
    expires_at: datetime


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> list[Row[Any]]:
    """Return the entitlements of these customers."""
    return list(
        connection.execute(
            select(entitlements)
            .where(entitlements.c.store_id == store_id, among(connection, entitlements.c.customer_id, customer_ids))
            .order_by(entitlements.c.id)
        )
    )


def grant(connection: Connection, store_id: int, grants: Sequence[Grant], rule_version: int, now: datetime) -> None:
    """Store new entitlements, each with the code its coupon will have.

    The code is drawn and committed before the store hears of it: whatever happens to the connection, the next
    attempt creates the same coupon or finds it.
    """
    if grants:
        connection.execute(
            insert(entitlements),
            [
                {
                    "store_id": store_id,
                    "customer_id": one.customer_id,
                    "campaign": one.campaign,
                    "occasion": "",
                    "variant": "",
                    "is_benefit": False,
                    "terms": {},
                    "code": "".join(secrets.choice(_ALPHABET) for _ in range(12)),
                    "state": EntitlementState.GRANTED,
                    "why": one.why,
                    "rule_version": rule_version,
                    "granted_at": now,
                    "expires_at": one.expires_at,
                }
                for one in grants
            ],
        )


def set_state(connection: Connection, store_id: int, entitlement_id: int, state: EntitlementState) -> None:
    """Record what has become of an entitlement."""
    connection.execute(
        update(entitlements)
        .where(entitlements.c.store_id == store_id, entitlements.c.id == entitlement_id)
        .values(state=state)
    )


def move_to_users(connection: Connection, store_id: int, users: Sequence[int]) -> None:
    """Hand guests' entitlements to the users they turned out to be, except those the user already has."""
    guests = connection.execute(
        select(entitlements.c.customer_id.label("guest"), customers.c.merged_into_id.label("user"))
        .join(customers, customers.c.id == entitlements.c.customer_id)
        .where(entitlements.c.store_id == store_id, customers.c.merged_into_id.in_(users))
        .order_by(entitlements.c.id)
    ).all()
    for guest, user in guests:
        _move(connection, store_id, guest, user)


def _move(connection: Connection, store_id: int, guest: int, user: int) -> None:
    has = select(entitlements.c.campaign).where(
        entitlements.c.store_id == store_id, entitlements.c.customer_id == user
    )
    connection.execute(
        update(entitlements)
        .where(
            entitlements.c.store_id == store_id,
            entitlements.c.customer_id == guest,
            entitlements.c.campaign.not_in(has),
        )
        .values(customer_id=user)
    )
