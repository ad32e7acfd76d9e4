"""Customers who have points, without the orders they would have earned them with."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, func, insert, select

from connector.db import accounts, lots, programmes
from connector.db.lots import LotFacts
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, entries
from connector.domain.programme.points import RedeemingRules

YEARS = timedelta(days=3650)


def customer_with(
    engine: Engine,
    store: Store,
    points: int,
    now: datetime,
    *,
    wc_id: int = 9,
    email: str | None = "ada@shop.example",
    **lot: Any,
) -> int:
    """A registered customer with so many points to spend; returns our id. ``lot`` changes how they are held."""
    with transaction(engine) as connection:
        customer = connection.execute(
            insert(customers)
            .values(store_id=store.id, wc_id=wc_id, email=email, registered_at=now)
            .returning(customers.c.id)
        ).scalar_one()
        facts: dict[str, Any] = {
            "customer_id": customer,
            "source": f"adjustment:{customer}",
            "points": points,
            "earned_at": now,
            "available_at": now,
            "expires_at": now + YEARS,
            "rule_version": 1,
            "currency": store.currency,
            "reason": "a present",
            "order_id": None,
            **lot,
        }
        lots.save(connection, store.id, [LotFacts(**facts)])
        accounts.settle(connection, store, programmes.every(connection, store.id), [customer], now)
        return int(customer)


def redeeming_by(engine: Engine, store: Store, now: datetime, **rules: Any) -> None:
    """Let a store's points be redeemed by these rules from now on."""
    with transaction(engine) as connection:
        latest = programmes.latest(connection, store.id)
        wanted = replace(latest, redeeming=replace(RedeemingRules(), **rules))
        programmes.save(connection, store.id, wanted, latest.version, None, now)


def available(engine: Engine, store: Store, customer: int) -> int:
    """What a customer can spend, added up from the ledger's entries; it must be what the account says."""
    with transaction(engine) as connection:
        mine = entries.c.store_id == store.id, entries.c.customer_id == customer, entries.c.account == "available"
        booked = connection.execute(select(func.coalesce(func.sum(entries.c.points), 0)).where(*mine)).scalar_one()
        account = accounts.of(connection, store.id, customer)
        assert int(booked) == (account.available if account is not None else 0)
        return int(booked)
