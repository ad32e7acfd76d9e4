"""Which coupons the store should have, as the entitlements are now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import entitlements, outbox
from connector.db.stores import Store
from connector.domain.coupons import EntitlementState
from connector.domain.discounts import Terms
from connector.domain.money import exponent
from connector.domain.programme.offers import DiscountKind
from connector.shop.coupons import CouponDraft


@dataclass(frozen=True, slots=True)
class Coupons:
    """The codes of each customer's live coupons, and who has a coupon that the store must hear of."""

    changed: frozenset[int] = frozenset()
    live: Mapping[int, tuple[str, ...]] = field(default_factory=dict)


def desire(connection: Connection, store: Store, people: Sequence[Row[Any]], now: datetime) -> Coupons:
    """Desire the coupons of these customers where they differ from what was desired last."""
    emails = {person.id: person.email for person in people}
    rows = entitlements.of_customers(connection, store.id, list(emails))
    if not rows:
        return Coupons()
    held = outbox.held(connection, store.id, outbox.COUPON, [row.id for row in rows])
    wanted: list[tuple[int, int | None, Mapping[str, Any]]] = []
    changed: set[int] = set()
    live: dict[int, tuple[str, ...]] = {}
    for row in rows:
        if row.state == EntitlementState.GRANTED:
            live[row.customer_id] = (*live.get(row.customer_id, ()), row.code)
        state = _desired(row, emails[row.customer_id], store.currency, now)
        before = held.get(row.id)
        if state is not None and (before is None or before.desired != state):
            wanted.append((row.id, None, state))
            changed.add(row.customer_id)
    outbox.desire(connection, store.id, outbox.COUPON, wanted, now)
    return Coupons(frozenset(changed), live)


def _desired(row: Row[Any], email: str, currency: str, now: datetime) -> Mapping[str, Any] | None:
    """Return the coupon the store should have for an entitlement, or None where it stays as it is.

    A used coupon stays until it would have expired: an order that is undone before gives it back. The order keeps its
    discount without it.
    """
    if row.state == EntitlementState.USED and now <= row.expires_at:
        return None
    if row.state != EntitlementState.GRANTED:
        return {"code": row.code, "entitlement": str(row.id), "deleted": True}
    return draft(row, email, currency).to_json()


def draft(row: Row[Any], email: str, currency: str) -> CouponDraft:
    """Return the coupon of an entitlement as the store is asked to make it."""
    terms = Terms.from_json(row.terms)
    percent = terms.kind is DiscountKind.PERCENT
    return CouponDraft(
        code=row.code,
        amount=f"{terms.amount:.{2 if percent else exponent(currency)}f}",
        email=email,
        expires_at=row.expires_at,
        campaign=row.campaign,
        entitlement=str(row.id),
        description=row.why,
        discount_type="percent" if percent else "fixed_cart",
        minimum_amount=str(terms.minimum_spend) if terms.minimum_spend else None,
        free_shipping=terms.free_shipping,
        exclude_sale_items=terms.exclude_sale_items,
        excluded_products=terms.exclude_products,
        excluded_categories=terms.exclude_categories,
        usage_limit=1 if terms.single_use else None,
        individual_use=terms.single_use,
    )
