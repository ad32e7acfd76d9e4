"""Facts of points accounts, saved and settled without the orders and people they would come from."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from connector.db import accounts, ledger, lots, spends
from connector.db.lots import LotFacts
from connector.db.session import transaction
from connector.db.spends import SpendFacts
from connector.db.tables import postings
from connector.domain.programme import Programme

FIRST = Programme()


class Books:
    """One store's facts, saved and settled the way jobs do it."""

    def __init__(self, engine, store, now) -> None:
        self.engine, self.store, self.now = engine, store, now

    def earn(self, customer_id: int, source: str, points: int, *, hold_days: int = 0, ends_days: int | None = None):
        self._save(
            [],
            [
                LotFacts(
                    customer_id=customer_id,
                    source=source,
                    points=points,
                    earned_at=self.now - timedelta(days=1),
                    available_at=self.now + timedelta(days=hold_days - 1),
                    expires_at=None if ends_days is None else self.now + timedelta(days=ends_days),
                    rule_version=1,
                    currency="USD",
                    reason=source.replace(":", " "),
                    detail=[{"line": 1, "points": points}],
                )
            ],
        )

    def spend(self, customer_id: int, source: str, points: int) -> None:
        self._save([SpendFacts(customer_id, source, points, self.now, 1, "coupon abc")], [])

    def _save(self, spent, earned) -> None:
        with transaction(self.engine) as connection:
            lots.save(connection, self.store.id, earned)
            spends.save(connection, self.store.id, spent)

    def settle(self, *customer_ids: int, programmes=(FIRST,), days: float = 0, awarded=()) -> set[int]:
        moment = self.now + timedelta(days=days)
        with transaction(self.engine) as connection:
            return accounts.settle(connection, self.store, programmes, customer_ids, moment, awarded)

    def balance(self, customer_id: int) -> tuple[int, int, int]:
        with transaction(self.engine) as connection:
            row = accounts.of(connection, self.store.id, customer_id)
            sums = ledger.sums(connection, self.store.id, [customer_id]).get(customer_id, {})
            assert ledger.imbalance(connection, self.store.id) == 0
        booked = tuple(sums.get(account, 0) for account in ("pending", "available", "owed"))
        assert booked == ((row.pending, row.available, row.owed) if row else (0, 0, 0))
        return booked

    def rows(self, statement):
        with transaction(self.engine) as connection:
            return connection.execute(statement).all()

    def kinds(self) -> list[str]:
        return [row.kind for row in self.rows(select(postings).order_by(postings.c.id))]
