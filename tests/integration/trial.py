"""Customers who are given coupons or kept from them, long enough ago that what it changed can be measured."""

from __future__ import annotations

from datetime import datetime, timedelta
from itertools import count
from typing import Any

from sqlalchemy import Engine, insert, update

from connector.db import effects
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, hold_outs, lots, orders, redemptions, suppressions
from connector.domain.effect import Effect
from connector.domain.experiment import Finding
from connector.domain.history import epoch_day

HORIZON = 30
# Beside the numbers of what a sample shop may have sold.
_numbers = count(1_000)


class Trial:
    """A store whose customers are given coupons or kept from them, and buy: two were and two were not."""

    def __init__(self, engine: Engine, store: Store, now: datetime) -> None:
        self._engine, self._store = engine, store
        self.now, self.eligible_at = now, now - timedelta(days=HORIZON + 5)
        for _ in range(2):  # fewer than two in an arm are no arm
            self.granted(self.customer(held_out=False))
            self.kept(self.customer(held_out=True), "hold_out")

    def customer(self, *, held_out: bool) -> int:
        with transaction(self._engine) as connection:
            made = insert(customers).values(store_id=self._store.id, wc_id=next(_numbers))
            customer: int = connection.execute(made.returning(customers.c.id)).scalar_one()
        self._add(hold_outs, customer, held_out=held_out, drawn_at=self.eligible_at)
        return customer

    def granted(self, customer: int, at: datetime | None = None, variant: str = "", code: str = "") -> None:
        number = next(_numbers)
        self._add(
            entitlements,
            customer,
            campaign="welcome",
            occasion=str(number),
            variant=variant,
            is_benefit=False,
            code=code or f"code{number}",
            state="granted",
            why="",
            terms={},
            rule_version=1,
            granted_at=at or self.eligible_at,
            expires_at=self.now,
        )

    def kept(self, customer: int, rule: str, at: datetime | None = None) -> None:
        about = {"campaign": "welcome", "occasion": str(next(_numbers)), "rule": rule, "why": "", "rule_version": 1}
        self._add(suppressions, customer, suppressed_at=at or self.eligible_at, **about)

    def redeemed(self, customer: int, code: str) -> None:
        money = {
            "points": 500,
            "amount": 500,
            "balance_after": 0,
            "currency": "USD",
            "terms": {},
            "state": "captured",
        }
        moments = {"reserved_at": self.eligible_at, "expires_at": self.now}
        key = {"idempotency_key": code, "code": code, "rule_version": 1}
        self._add(redemptions, customer, **money, **moments, **key)

    def bought(self, customer: int, value: int, days: int, points: int = 0, discounts: Any = None) -> None:
        """An order so many days after eligibility."""
        at = self.eligible_at + timedelta(days=days)
        number = next(_numbers)
        facts = {"wc_id": number, "wc_customer_id": 0, "status": "completed", "currency": "USD", "country": ""}
        money = {"total": value, "tax": 0, "shipping": 0, "refunded": 0, "counts": True, "net_value": value}
        times = {"ordered_at": at, "modified_at": at, "observed_at": at, "local_day": epoch_day(at.date())}
        coupons = {"coupon_codes": list(discounts or {}), "coupon_discounts": discounts or {}}
        order = self._add(orders, customer, **facts, **money, **times, **coupons)
        if points:
            rules = {"rule_version": 1, "currency": "USD", "rate": 1, "reason": "", "detail": []}
            moments = {"earned_at": at, "available_at": at}
            earned = {"source": f"order:{order}", "order_id": order, "points": points, "spent": 0, "expired": 0}
            self._add(lots, customer, **earned, **rules, **moments)

    def merged(self, guest: int, user: int) -> None:
        with transaction(self._engine) as connection:
            connection.execute(update(customers).where(customers.c.id == guest).values(merged_into_id=user))

    def measured(self, campaign: str | None = "welcome") -> list[Finding]:
        with reading(self._engine) as connection:
            return effects.measure(connection, self._store, campaign, HORIZON, self.now)

    def effect(self, campaign: str | None = "welcome") -> Effect:
        return self.measured(campaign)[0].effect

    def _add(self, table: Any, customer: int, **columns: Any) -> int:
        with transaction(self._engine) as connection:
            made = insert(table).values(store_id=self._store.id, customer_id=customer, **columns)
            return connection.execute(made.returning(*table.primary_key)).scalar_one()
