"""Entitle: grant, withdraw and renew personal coupons as customers' histories ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import entitlements, outbox, standings
from connector.db.entitlements import Grant
from connector.db.stores import Store
from connector.domain.calendar import end_of_day, local_day
from connector.domain.coupons import (
    SECOND_PURCHASE,
    Buyer,
    EntitlementState,
    entitled_to_second_purchase,
    second_purchase_state,
)
from connector.domain.programme import Programme, SecondPurchaseCoupon
from connector.domain.standings import ScoreSheet


@dataclass(frozen=True, slots=True)
class Coupons:
    """The codes of each customer's live coupons, and who has a coupon that the store must hear of."""

    changed: frozenset[int]
    live: Mapping[int, tuple[str, ...]]


def decide(
    connection: Connection,
    store: Store,
    programme: Programme,
    people: Sequence[Row[Any]],
    sheet: ScoreSheet,
    now: datetime,
) -> Coupons:
    """Grant what is due, bring existing entitlements up to date and desire their coupons in the store.

    Nobody without an e-mail address is entitled: the coupon could not be bound to them.
    """
    today = local_day(now, store.zone)
    ids = [person.id for person in people]
    held = {row.customer_id: row for row in entitlements.of_customers(connection, store.id, ids)}
    buyers = _buyers(sheet, standings.coupon_codes_used(connection, store.id, list(held)) if held else {})
    rule = programme.second_purchase
    expires_at = end_of_day(today + timedelta(days=rule.valid_days), store.zone)
    grants = [
        Grant(person.id, SECOND_PURCHASE, _why(rule, buyers[person.id]), expires_at)
        for person in people
        if person.id not in held
        and person.email
        and person.id in buyers
        and entitled_to_second_purchase(buyers[person.id], rule, today)
    ]
    entitlements.grant(connection, store.id, grants, programme.version, now)
    merged = {person.id for person in people if person.merged_into_id is not None}
    for customer_id, row in held.items():
        if customer_id in merged and row.state == EntitlementState.USED:
            continue  # the order it was used on is the user's now
        buyer = buyers.get(customer_id, Buyer(0, None))
        state = second_purchase_state(buyer, row.code, local_day(row.expires_at, store.zone), today)
        if state != row.state:
            entitlements.set_state(connection, store.id, row.id, state)
    return _desire(connection, store, programme, people, now)


def _why(rule: SecondPurchaseCoupon, buyer: Buyer) -> str:
    return f"{rule.percent.normalize():f} % for a second purchase, after a first one on {buyer.first_day}"


def _buyers(sheet: ScoreSheet, used: Mapping[int, set[str]]) -> dict[int, Buyer]:
    first_days = sheet.first_days()
    return {
        customer: Buyer(row["orders"], first_days[customer], frozenset(used.get(customer, ())))
        for customer, row in sheet.rows().items()
    }


def _desire(
    connection: Connection, store: Store, programme: Programme, people: Sequence[Row[Any]], now: datetime
) -> Coupons:
    emails = {person.id: person.email for person in people}
    rows = entitlements.of_customers(connection, store.id, list(emails))
    if not rows:
        return Coupons(frozenset(), {})
    held = outbox.held(connection, store.id, outbox.COUPON, [row.id for row in rows])
    wanted: list[tuple[int, int | None, Mapping[str, Any]]] = []
    changed: set[int] = set()
    live: dict[int, tuple[str, ...]] = {}
    for row in rows:
        if row.state == EntitlementState.GRANTED:
            live[row.customer_id] = (*live.get(row.customer_id, ()), row.code)
        state = _coupon(row, emails[row.customer_id], programme)
        before = held.get(row.id)
        if state is not None and (before is None or before.desired != state):
            wanted.append((row.id, None, state))
            changed.add(row.customer_id)
    outbox.desire(connection, store.id, outbox.COUPON, wanted, now)
    return Coupons(frozenset(changed), live)


def _coupon(row: Row[Any], email: str | None, programme: Programme) -> Mapping[str, Any] | None:
    """Return the coupon the store should have for an entitlement, or None where it stays as it is (used)."""
    if row.state == EntitlementState.USED:
        return None
    if row.state != EntitlementState.GRANTED:
        return {"code": row.code, "entitlement": str(row.id), "deleted": True}
    return {
        "code": row.code,
        "amount": f"{programme.second_purchase.percent:.2f}",
        "email": email,
        "expires_at": row.expires_at.isoformat(),
        "campaign": row.campaign,
        "entitlement": str(row.id),
        "description": row.why,
    }
