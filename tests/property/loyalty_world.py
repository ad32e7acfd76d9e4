"""A connector's database, what happens to it, and how both are held against each other."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, event, insert

from connector.db import accounts, customers, lots, orders, programmes, redeeming, spends, stores, work
from connector.db.lots import LotFacts
from connector.db.session import open_engine, transaction
from connector.db.spends import SpendFacts
from connector.db.stores import Connecting
from connector.db.tables import blocks
from connector.db.vault import Vault
from connector.domain.account import WriteOff
from connector.domain.orders import CustomerState, OrderState
from connector.domain.programme import Programme
from connector.domain.programme.points import RedeemingRules, Shortfall
from connector.domain.programme.versions import in_force
from connector.queueing import NoQueue
from jobs.award import award_customers, award_orders, award_users
from jobs.context import Context
from jobs.worker import perform_in
from tests.clock import Clock
from tests.property.loyalty_expected import ByHand, Happened, Person, Redeemed

CHEAP = RedeemingRules(points_per_unit=1, minimum=1, step=1)


class World:
    """One store. Everything here is done through what the jobs do it with."""

    def __init__(self, url: str, vault: Vault, now: datetime) -> None:
        self.engine = open_engine(url)
        # What is written is read again at once and by this process only.
        event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        self.raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        self.clock = Clock(now)
        self.context = Context(self.engine, vault, NoQueue(), self.clock, pause=lambda _: None)
        self.happened = Happened()
        self.sights = 0
        self.made = 0
        given = Connecting(
            "st_1", "https://a.example", "https://a.example/", "k", "s", "w", "USD", "Europe/Berlin", {}
        )
        with transaction(self.engine) as connection:
            self.store = stores.connect(connection, given, vault, now)
            self.happened.versions = programmes.every(connection, self.store.id)
        self.decide(replace(self.happened.versions[0], redeeming=CHEAP), None)

    def close(self) -> None:
        self.raw.close()
        self.engine.dispose()

    @contextmanager
    def moment(self):
        """A transaction a second later than the last."""
        self.wait(timedelta(seconds=1))
        with transaction(self.engine) as connection:
            yield connection

    def wait(self, span: timedelta) -> None:
        """Let time pass, and do what it makes due, as the scheduler would."""
        now = self.clock.advance(seconds=span.total_seconds())
        (due,) = self.raw.execute("SELECT min(next_change_at) FROM accounts").fetchone()
        if due is not None and _moment(due) <= now:
            self._work("settle_due")
        (ends,) = self.raw.execute("SELECT min(expires_at) FROM redemptions WHERE state = 'reserved'").fetchone()
        if ends is not None and _moment(ends) + timedelta(days=3) <= now:
            self._work("release")

    def _work(self, job: str) -> None:
        with transaction(self.engine) as connection:
            work_id = work.want(connection, self.store.id, job, "", self.clock())
        assert perform_in(self.context, work_id)

    def deliver(self, wc_id: int, number: int, state: OrderState | None) -> None:
        """Tell the connector of a sight of an order, the ``number``-th of all that were had."""
        self.happened.told(wc_id, number, state)
        with self.moment() as connection:
            if state is None:
                changed = orders.mark_deleted(connection, self.store.id, wc_id, _seen_at(number), None)
            else:
                observed = orders.Observed(replace(state, modified_at=_seen_at(number)), _seen_at(number))
                changed = orders.save(connection, self.store, self._rules().counting, [observed])
            award_orders(connection, self.store, changed, self.clock())

    def register(self, user: int, email: str) -> None:
        self.happened.register(user, email)
        with self.moment() as connection:
            seen = CustomerState(user, email, self.clock())
            customers.save(connection, self.store.id, [(seen, self.clock())])
            users = customers.ids_of(connection, self.store.id, [user])
            award_users(connection, self.store, users, self.clock())

    def decide(self, wanted: Programme, effective_from: datetime | None) -> None:
        """Save a programme, and let it reach everybody."""
        with self.moment() as connection:
            newest = self.happened.versions[-1].version
            programmes.save(connection, self.store.id, wanted, newest, effective_from, self.clock())
            self.happened.versions = programmes.every(connection, self.store.id)
        self._work("settle_due")

    def give(self, who: Person, points: int, source: str | None = None) -> None:
        with self.moment() as connection:
            source = source or self._next("adjustment")
            self._give(connection, who, points, source)
            self._settle(connection, who)

    def _give(self, connection: Connection, who: Person, points: int, source: str) -> None:
        now = self.clock()
        self.happened.given.append(ByHand(who, source, points, now))
        facts = LotFacts(self.id_of(who), source, points, now, now, None, 1, "USD", "Sorry for the delay")
        lots.save(connection, self.store.id, [facts])

    def take(self, who: Person, points: int) -> None:
        with self.moment() as connection:
            self._take(connection, who, points, self._next("adjustment"))
            self._settle(connection, who)

    def _take(self, connection: Connection, who: Person, points: int, source: str) -> None:
        self.happened.taken.append(ByHand(who, source, points, self.clock()))
        facts = SpendFacts(self.id_of(who), source, points, self.clock(), 1, "Given by mistake")
        spends.save(connection, self.store.id, [facts])

    def move(self, who: Person, to: Person, points: int) -> None:
        with self.moment() as connection:
            number = self._next("merge")
            self._take(connection, who, points, number)
            self._give(connection, to, points, f"{number}:1")
            self._settle(connection, who, to)

    def redeem(self, who: Person, points: int) -> bool:
        """Redeem, and redeem again with the same key; say whether there were points enough."""
        with self.moment() as connection:
            customer = customers.by_id(connection, self.store.id, self.id_of(who))
            key = self._next("key")
            first, again = (
                redeeming.redeem(connection, self.store, customer, points, key, self.clock()) for _ in range(2)
            )
            number = getattr(first, "id", None)
            assert getattr(again, "id", None) == number
            if number is None:
                return False
        made = Redeemed(who, number, points, first.reserved_at, first.expires_at, first.code)
        self.happened.redeemed.append(made)
        return True

    def block(self, who: Person, span: timedelta) -> None:
        with self.moment() as connection:
            since, until, customer = self.clock(), self.clock() + span, self.id_of(who)
            self.happened.blocks.append((who, since, until))
            values = {"customer_id": customer, "reason": "Fraud", "made_by": "Owner", "from_at": since}
            connection.execute(insert(blocks).values(store_id=self.store.id, until_at=until, **values))
            award_customers(connection, self.store, [customer], self.clock())

    def _settle(self, connection: Connection, *people: Person) -> None:
        ids = [self.id_of(who) for who in people]
        customers.lock(connection, self.store.id, ids)
        accounts.settle(connection, self.store, self.happened.versions, ids, self.clock())

    def _next(self, kind: str) -> str:
        self.made += 1
        return f"{kind}:{self.made}"

    def _rules(self) -> Programme:
        return in_force(self.happened.versions, self.clock())

    def id_of(self, who: Person) -> int:
        kind, name = who
        column = "wc_id" if kind == "user" else "email"
        guests = "" if kind == "user" else " AND wc_id IS NULL"
        (found,) = self.raw.execute(f"SELECT id FROM customers WHERE {column} = ?{guests}", (name,)).fetchone()
        return int(found)

    def known(self) -> list[Person]:
        """Those who are somebody: users, and guests who have not registered."""
        rows = self.raw.execute("SELECT wc_id, email FROM customers WHERE merged_into_id IS NULL ORDER BY id")
        return [("user", user) if user else ("guest", email) for user, email in rows]

    def check(self) -> None:
        """Hold the database against what happened, and against itself."""
        names = self._names()
        self._check_books(names)
        forgiven = self._forgiven(names)
        walks = self.happened.walks(self.clock(), forgiven)
        owes = self._rules().shortfall is Shortfall.OWE
        held = {
            names[customer]: balances
            for customer, *balances in self.raw.execute("SELECT customer_id, pending, available, owed FROM accounts")
        }
        wanted = {
            who: [walk.pending, walk.available + (walk.debt if owes else 0), -walk.debt if owes else 0]
            for who, walk in walks.items()
        }
        assert {who: row for who, row in held.items() if any(row)} == {
            w: row for w, row in wanted.items() if any(row)
        }
        self._check_lots(names, walks)
        if self._rules().shortfall is Shortfall.FORGIVE:
            assert not any(walk.debt for walk in walks.values())

    def _check_books(self, names: dict[int, Person]) -> None:
        """Entries sum to zero and to the balances, and settling again posts nothing."""
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
        with transaction(self.engine) as connection:
            again = accounts.settle(connection, self.store, self.happened.versions, list(names), self.clock())
        assert again <= {customer for customer in names if customer not in {row[0] for row in summed}}

    def _check_lots(self, names: dict[int, Person], walks: dict[Person, Any]) -> None:
        """No lot is overspent, and no more was redeemed than was earned, but for what is owed or forgiven."""
        spent: dict[Person, int] = defaultdict(int)
        lost: dict[Person, int] = defaultdict(int)
        for customer, points, gone, expired in self.raw.execute(
            "SELECT customer_id, points, spent, expired FROM lots"
        ):
            assert 0 <= gone + expired <= points
            spent[names[customer]] += gone
            lost[names[customer]] += expired
        for who, walk in walks.items():
            assert (spent[who], lost[who]) == (sum(walk.spent.values()), sum(walk.expired.values()))
            taken = sum(one.points for one in walk.spends) - walk.debt - sum(walk.forgiven.values())
            assert taken == spent[who] <= sum(lot.points for lot in walk.lots)

    def _forgiven(self, names: dict[int, Person]) -> dict[Person, list[WriteOff]]:
        found: dict[Person, list[WriteOff]] = defaultdict(list)
        rows = self.raw.execute("SELECT id, customer_id, points, written_off_at FROM write_offs")
        for number, customer, points, at in rows:
            found[names[customer]].append(WriteOff(number, points, _moment(at)))
        return found

    def _names(self) -> dict[int, Person]:
        rows = self.raw.execute("SELECT id, wc_id, email FROM customers")
        return {number: ("user", user) if user else ("guest", email) for number, user, email in rows}


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+00:00")


def _seen_at(number: int) -> datetime:
    """Each sight is a second later than the one before."""
    return datetime.fromisoformat("2026-11-22T09:30:00+00:00") + timedelta(seconds=number)
