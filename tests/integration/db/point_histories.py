"""Customers who earn, lose, spend and forget points over a year and a half, settled as jobs do it."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import Engine, select

from connector.db import accounts, lots, reports, spends
from connector.db.lots import LotFacts
from connector.db.session import reading, transaction
from connector.db.spends import SpendFacts
from connector.db.stores import Store
from connector.db.tables import entries, postings
from connector.domain.liability import Liability
from connector.domain.programme import Programme
from connector.domain.programme.points import Shortfall

CUSTOMERS, STEPS = 4, 40


class Ledger:
    """A store whose customers earn, lose, spend and forget points over a year and a half."""

    def __init__(self, engine: Engine, store: Store, customers: list[int], now: datetime) -> None:
        self.engine, self.store, self.customers, self.now = engine, store, customers, now
        self.rules = Programme()

    def happen(self, seed: int, shortfall: Shortfall) -> None:
        chance = random.Random(seed)
        self.rules = Programme(shortfall=shortfall)
        for step in range(STEPS):
            at = self.now - timedelta(days=540) * (1 - step / STEPS)
            customer = chance.choice(self.customers)
            with transaction(self.engine) as connection:
                if chance.random() < 0.7:
                    lots.save(connection, self.store.id, [self._lot(chance, customer, at)])
                else:
                    spend = SpendFacts(customer, f"redemption:{step}", chance.randrange(300), at, 1, "coupon")
                    spends.save(connection, self.store.id, [spend])
                # An order that was another's before: everybody is settled, as whoever had it must be.
                accounts.settle(connection, self.store, [self.rules], self.customers, at)
        self.settle()

    def settle(self, at: datetime | None = None) -> None:
        with transaction(self.engine) as connection:
            accounts.settle(connection, self.store, [self.rules], self.customers, at or self.now)

    def _lot(self, chance: random.Random, customer: int, at: datetime) -> LotFacts:
        held = timedelta(days=chance.choice([0, 0, 30]))
        ends = at + timedelta(days=200) if chance.random() < 0.5 else None
        number, points = chance.randrange(25), chance.randrange(500)
        source = f"order:{number}"
        return LotFacts(customer, source, points, at, at + held, ends, 1, "USD", f"order {number}")

    def report(self, at: datetime | None = None) -> Liability:
        with reading(self.engine) as connection:
            return reports.points_outstanding(connection, self.store, at or self.now)

    def rows(self) -> Iterator[tuple[datetime, str, int]]:
        booked = select(postings.c.posted_at, entries.c.account, entries.c.points).join(
            entries, entries.c.posting_id == postings.c.id
        )
        with reading(self.engine) as connection:
            yield from (tuple(row) for row in connection.execute(booked.where(entries.c.store_id == self.store.id)))
