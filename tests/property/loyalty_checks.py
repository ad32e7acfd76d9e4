"""What a connector's database says about accounts, held against what happened and against itself."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import UTC, datetime

from sqlalchemy import Engine

from connector.db import accounts
from connector.db.session import transaction
from connector.db.stores import Store
from connector.domain.account import WriteOff
from connector.domain.lots import Lot
from connector.domain.programme.points import Shortfall
from connector.domain.programme.versions import in_force
from tests.clock import Clock
from tests.property.loyalty_expected import Happened, Person
from tests.property.walk import Walk

Names = dict[int, Person]


class Books:
    """The accounts of one store."""

    def __init__(
        self, engine: Engine, raw: sqlite3.Connection, store: Store, happened: Happened, clock: Clock
    ) -> None:
        self.engine, self.raw, self.store, self.happened, self.clock = engine, raw, store, happened, clock

    def check(self) -> int:
        """Hold every account that is not behind against its facts, and all against themselves.

        Returns how many are behind, because something that concerns them was not awarded yet.
        """
        names = self._names()
        self._check_entries()
        self._settle_again()
        behind = self._behind(names)
        walks = {who: walk for who, walk in self._walks(names).items() if who not in behind}
        self._check_balances(names, walks, behind)
        self._check_lots(names, walks, behind)
        return len(behind)

    def may_spend(self, who: Person, points: int) -> set[bool]:
        """Say whether somebody has so many points to spend; it may be either where they are behind."""
        names = self._names()
        if who in self._behind(names):
            return {True, False}
        return {self._walk_of(who, names).available >= points}

    def left_of(self, who: Person) -> list[tuple[int, datetime, datetime]] | None:
        """Return what is left to spend of each lot, when it was earned and goes; None where they are behind."""
        names = self._names()
        if who in self._behind(names):
            return None
        walk = self._walk_of(who, names)
        return sorted(
            (walk.left[lot.source], lot.earned_at, lot.expires_at or NEVER)
            for lot in walk.lots
            if lot.source in walk.matured and walk.left[lot.source]
        )

    def received(self, source: str) -> list[Lot]:
        """Return the lots that came of a move, as they are kept: they are facts from then on."""
        found = self.raw.execute(
            "SELECT source, points, earned_at, available_at, expires_at FROM lots WHERE source LIKE ?",
            (f"{source}:%",),
        )
        return [
            Lot(name, points, moment_of(earned), moment_of(free), moment_of(ends) if ends else None, self.clock())
            for name, points, earned, free, ends in found
        ]

    def _check_entries(self) -> None:
        """Entries sum to zero, and to the balances."""
        off = "SELECT posting_id FROM entries GROUP BY posting_id HAVING sum(points) <> 0"
        assert self.raw.execute(off).fetchall() == []
        summed = self.raw.execute("""
            SELECT a.customer_id, a.pending, a.available, a.owed,
                coalesce(sum(CASE e.account WHEN 'pending' THEN e.points END), 0),
                coalesce(sum(CASE e.account WHEN 'available' THEN e.points END), 0),
                coalesce(sum(CASE e.account WHEN 'owed' THEN e.points END), 0)
            FROM accounts a LEFT JOIN entries e ON e.customer_id = a.customer_id GROUP BY a.customer_id
        """).fetchall()
        assert [row for row in summed if row[1:4] != row[4:7]] == []
        homeless = "SELECT id FROM entries WHERE customer_id NOT IN (SELECT customer_id FROM accounts)"
        assert self.raw.execute(homeless).fetchall() == []

    def _settle_again(self) -> None:
        """Settling once more changes nothing for those who know the newest version, nor what time will do to them."""
        known = "SELECT customer_id FROM accounts WHERE abs(rule_version) = ?"
        ids = [customer for (customer,) in self.raw.execute(known, (self._newest(),))]
        with transaction(self.engine) as connection:
            assert not accounts.settle(connection, self.store, self.happened.versions, ids, self.clock())

    def _check_balances(self, names: Names, walks: dict[Person, Walk], behind: set[Person]) -> None:
        shortfall = in_force(self.happened.versions, self.clock()).shortfall
        owes = shortfall is Shortfall.OWE
        rows = self.raw.execute("SELECT customer_id, pending, available, owed FROM accounts")
        held = {names[customer]: balances for customer, *balances in rows if names[customer] not in behind}
        wanted = {
            who: [walk.pending, walk.available + (walk.debt if owes else 0), -walk.debt if owes else 0]
            for who, walk in walks.items()
        }
        assert {who: row for who, row in held.items() if any(row)} == {
            who: row for who, row in wanted.items() if any(row)
        }
        if shortfall is Shortfall.FORGIVE:
            assert not any(walk.debt for walk in walks.values())

    def _check_lots(self, names: Names, walks: dict[Person, Walk], behind: set[Person]) -> None:
        """Of each lot as much is spent and expired as the facts make; no more is taken than was earned or is owed."""
        held: dict[Person, dict[str, tuple[int, int, int]]] = defaultdict(dict)
        for customer, source, points, spent, expired in self.raw.execute(
            "SELECT customer_id, source, points, spent, expired FROM lots WHERE points > 0"
        ):
            assert 0 <= spent + expired <= points
            if names[customer] not in behind:
                held[names[customer]][source] = points, spent, expired
        wanted = {
            who: {one.source: (one.points, walk.spent[one.source], walk.expired[one.source]) for one in lots}
            for who, walk in walks.items()
            if (lots := [lot for lot in walk.lots if lot.points])
        }
        assert held == wanted
        for walk in walks.values():
            taken = sum(one.points for one in walk.spends) - walk.debt - sum(walk.forgiven.values())
            assert taken == sum(walk.spent.values()) <= sum(lot.points for lot in walk.lots)

    def _behind(self, names: Names) -> set[Person]:
        """Return whose accounts may not be what their facts make of them yet."""
        rows = self.raw.execute("SELECT customer_id FROM accounts WHERE rule_version < ?", (self._newest(),))
        return {names[customer] for (customer,) in rows}.union(*self.happened.owed.values())

    def _newest(self) -> int:
        return self.happened.versions[-1].version

    def _walks(self, names: Names) -> dict[Person, Walk]:
        forgiven: dict[Person, list[WriteOff]] = defaultdict(list)
        rows = self.raw.execute("SELECT id, customer_id, points, written_off_at FROM write_offs")
        for number, customer, points, at in rows:
            forgiven[names[customer]].append(WriteOff(number, points, moment_of(at)))
        return self.happened.walks(self.clock(), forgiven)

    def _walk_of(self, who: Person, names: Names) -> Walk:
        return self._walks(names).get(who) or Walk([], [], [], [], UTC)

    def _names(self) -> Names:
        rows = self.raw.execute("SELECT id, wc_id, email FROM customers")
        return {number: ("user", user) if user else ("guest", email) for number, user, email in rows}


NEVER = datetime(9999, 12, 31, tzinfo=UTC)


def moment_of(text: str) -> datetime:
    """Return a time as SQLite keeps it."""
    return datetime.fromisoformat(f"{text}+00:00")
