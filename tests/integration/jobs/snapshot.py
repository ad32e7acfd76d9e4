"""Everything that follows from what a store told us, by names that do not depend on the order of telling."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine, select

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import (
    customers,
    entitlements,
    entries,
    order_lines,
    orders,
    outbox,
    postings,
    refunds,
    standings,
)
from tests.sample_shop import SampleShop

Person = tuple[str, Any]
Snapshot = dict[str, Any]

_ORDER = (
    "status currency total tax shipping refunded counts net_value local_day ordered_at modified_at email "
    "wc_customer_id coupon_codes"
).split()
_STANDING = "tier window_value points orders recency_days frequency monetary rfm segment basis".split()


def people_of(connection: Any, store: Store) -> dict[int, Person]:
    """Each customer by what the store calls them."""
    rows = connection.execute(select(customers).where(customers.c.store_id == store.id))
    return {row.id: ("user", row.wc_id) if row.wc_id else ("guest", row.email) for row in rows}


def snapshot(engine: Engine, store: Store) -> Snapshot:
    """Orders with their parts and owners, balances, standings, live entitlements and what the store should hold."""
    with transaction(engine) as connection:
        names = people_of(connection, store)

        def all_of(table: Any) -> list[Any]:
            return list(connection.execute(select(table).where(table.c.store_id == store.id)))

        held, parts = {}, defaultdict(list)
        for row in all_of(order_lines):
            parts[row.order_id].append(("line", row.wc_id, row.product_id, row.quantity, row.total, row.tax))
        for row in all_of(refunds):
            parts[row.order_id].append(("refund", row.wc_id, row.total))
        for row in all_of(orders):
            content = {name: row._mapping[name] for name in _ORDER}
            owner = names.get(row.customer_id)
            held[row.wc_id] = "gone" if row.deleted_at else content | {"owner": owner, "parts": sorted(parts[row.id])}
        granted = [row for row in all_of(entitlements) if row.state == "granted"]
        desired = {(row.kind, row.subject_id): row.desired for row in all_of(outbox)}
        assert all(
            desired["coupon", row.id].get("deleted") for row in all_of(entitlements) if row.state == "withdrawn"
        )
        buyers = {
            names[row.customer_id]: {name: row._mapping[name] for name in _STANDING}
            for row in all_of(standings)
            if row.orders or row.points
        }
        return {
            "orders": held,
            "balances": _balances(all_of(entries), names),
            "standings": buyers,
            "coupons": sorted(_coupon(names[row.customer_id], desired["coupon", row.id]) for row in granted),
            "meta": {
                names[subject]: _meta(meta)
                for (kind, subject), meta in desired.items()
                if kind == "customer" and names[subject] in buyers
            },
        }


def _balances(rows: list[Any], names: dict[int, Person]) -> dict[Person, int]:
    sums: dict[Person, int] = defaultdict(int)
    for row in rows:
        if row.customer_id is not None:
            sums[names[row.customer_id]] += row.points
    return {person: points for person, points in sums.items() if points}


def _coupon(person: Person, desired: dict[str, Any]) -> tuple[Any, ...]:
    assert "deleted" not in desired
    return (person, desired["amount"], desired["email"], desired["expires_at"], desired["campaign"])


def _meta(meta: dict[str, str]) -> dict[str, Any]:
    shown = {key: value for key, value in meta.items() if key not in ("regulars_scored_at", "regulars_clv")}
    # The codes themselves are drawn by lot.
    return shown | {"regulars_coupons": len(json.loads(meta["regulars_coupons"]))}


def ledger_is_sound(engine: Engine, store: Store) -> None:
    """Fail unless every posting sums to zero, and every entry and posting is this store's own."""
    with transaction(engine) as connection:
        sums: dict[int, int] = defaultdict(int)
        for row in connection.execute(select(entries).where(entries.c.store_id == store.id)):
            sums[row.posting_id] += row.points
        made = set(connection.execute(select(postings.c.id).where(postings.c.store_id == store.id)).scalars())
    assert set(sums) == made
    assert not any(sums.values())


def fresh_balances(shop: SampleShop, accounts: dict[str, int] | None = None) -> dict[Person, int]:
    """What each person should have, worked out from the shop's orders as they are now and from nothing else.

    ``accounts``: the user of each address, where addresses have changed.
    """
    if accounts is None:
        accounts = {customer["email"].lower(): customer["id"] for customer in shop.customers()}
    balances: dict[Person, int] = defaultdict(int)
    for order in shop.orders():
        if order["status"] not in ("processing", "completed") or order["currency"] != shop.currency:
            continue
        worth = Decimal(order["total"]) + sum((Decimal(refund["total"]) for refund in order["refunds"]), Decimal(0))
        email = order["billing"]["email"].strip().lower()
        user = order["customer_id"] or accounts.get(email)
        if user or email:
            balances[("user", user) if user else ("guest", email)] += int(max(worth, Decimal(0)))
    return {person: points for person, points in balances.items() if points}
