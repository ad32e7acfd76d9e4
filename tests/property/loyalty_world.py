"""A connector's database and what happens to it."""

from __future__ import annotations

import sqlite3
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import event, insert

from connector.db import adjustments, customers, orders, programmes, redeeming, stores, work
from connector.db.adjustments import Act, NotEnough
from connector.db.session import open_engine, transaction
from connector.db.stores import Connecting
from connector.db.tables import blocks
from connector.db.vault import Vault
from connector.domain.account import Spend
from connector.domain.lots import Lot
from connector.domain.orders import CustomerState, OrderState
from connector.domain.programme import Programme
from connector.domain.programme.versions import in_force
from connector.queueing import NoQueue
from jobs.award import award_customers, award_orders, award_users
from jobs.context import Context
from jobs.worker import perform_in
from tests.clock import Clock
from tests.property.loyalty_checks import NEVER, Books, moment_of
from tests.property.loyalty_expected import Happened, Person, Redeemed, ends_at

START = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


class Ground:
    """A database with one store in it, which is taken back to its beginning for every world that is made on it."""

    def __init__(self, url: str, vault: Vault, programme: Programme) -> None:
        self.engine, self.vault, self.now = open_engine(url), vault, START
        # What is written is read again at once and by this process only.
        event.listen(self.engine, "connect", lambda connection, _: connection.execute("PRAGMA synchronous=OFF"))
        self.raw = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None)
        given = Connecting(
            "st_1", "https://a.example", "https://a.example/", "k", "s", "w", "USD", "Europe/Berlin", {}
        )
        with transaction(self.engine) as connection:
            self.store = stores.connect(connection, given, vault, START)
            first = programmes.latest(connection, self.store.id).version
            programmes.save(connection, self.store.id, programme, first, None, START)
            self.happened = Happened(programmes.every(connection, self.store.id))
        self._beginning = sqlite3.connect(":memory:")
        self.raw.backup(self._beginning)

    def begin_with(self, world: World) -> None:
        """Let every world begin with what happened in this one."""
        self.now, self.happened = world.clock(), world.happened
        self.raw.backup(self._beginning)

    def clear(self) -> None:
        """Let nothing have happened since the beginning."""
        self._beginning.backup(self.raw)

    def close(self) -> None:
        for connection in (self.raw, self._beginning):
            connection.close()
        self.engine.dispose()


class World:
    """One store. Everything here is done through what the jobs do it with."""

    def __init__(self, ground: Ground) -> None:
        ground.clear()
        self.engine, self.raw, self.store = ground.engine, ground.raw, ground.store
        self.clock = Clock(ground.now)
        self.context = Context(self.engine, ground.vault, NoQueue(), self.clock, pause=lambda _: None)
        self.happened = deepcopy(ground.happened)
        self.books = Books(self.engine, self.raw, self.store, self.happened, self.clock)

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
        if due is not None and moment_of(due) <= now:
            self.settle_due()
        (ends,) = self.raw.execute("SELECT min(expires_at) FROM redemptions WHERE state = 'reserved'").fetchone()
        if ends is not None and moment_of(ends) + timedelta(days=3) <= now:
            self._work("release")

    def settle_due(self) -> None:
        """Let time and new programmes reach everybody."""
        self._work("settle_due")

    def _work(self, job: str) -> None:
        with transaction(self.engine) as connection:
            work_id = work.want(connection, self.store.id, job, "", self.clock())
        assert perform_in(self.context, work_id)

    def deliver(self, wc_id: int, number: int, state: OrderState | None) -> None:
        """Tell the connector of a sight of an order, the ``number``-th of all there were; it is not awarded yet."""
        concerned = self.happened.told(wc_id, number, state)
        with self.moment() as connection:
            if state is None:
                changed = orders.mark_deleted(connection, self.store.id, wc_id, _seen_at(number), None)
            else:
                observed = orders.Observed(replace(state, modified_at=_seen_at(number)), _seen_at(number))
                changed = orders.save(connection, self.store, self._rules().counting, [observed])
        if changed:
            (self.happened.ids[wc_id],) = changed
            self._owe(f"order:{wc_id}", concerned)

    def register(self, user: int, email: str) -> None:
        """Tell the connector of a user's address; what was ordered under it is not theirs yet."""
        concerned = self.happened.register(user, email, self.clock())
        with self.moment() as connection:
            seen = CustomerState(user, email, self.happened.registered[user])
            customers.save(connection, self.store.id, [(seen, self.clock())])
        self.happened.ids["user", user] = self.id_of(("user", user))
        self._owe(f"customer:{user}", concerned)

    def _owe(self, subject: str, concerned: set[Person]) -> None:
        self.happened.owed[subject] = self.happened.owed.get(subject, set()) | concerned

    def award(self, subject: str) -> None:
        """Do what is owed for an order or a customer."""
        kind, _, number = subject.partition(":")
        with self.moment() as connection:
            if kind == "order":
                award_orders(connection, self.store, [self.happened.ids[int(number)]], self.clock())
            else:
                award_users(connection, self.store, [self.happened.ids["user", int(number)]], self.clock())
        self.happened.awarded(subject)

    def award_all(self, *, newest_first: bool = False) -> None:
        """Do all that is owed."""
        owed = list(self.happened.owed)
        for subject in reversed(owed) if newest_first else owed:
            self.award(subject)

    def decide(self, wanted: Programme, effective_from: datetime | None) -> None:
        """Save a programme; it has reached nobody yet."""
        with self.moment() as connection:
            newest = self.happened.versions[-1].version
            programmes.save(connection, self.store.id, wanted, newest, effective_from, self.clock())
            self.happened.versions = programmes.every(connection, self.store.id)

    def adjust(self, who: Person, points: int) -> bool:
        """Give points, or take some (negative); say whether there were enough to take."""
        try:
            with self.moment() as connection:
                enough = self.books.may_spend(who, -points)
                made = adjustments.adjust(connection, self.store, self.id_of(who), points, self._act(), self.clock())
        except NotEnough:
            assert False in enough
            return False
        assert points > 0 or True in enough
        source, at = f"adjustment:{made.id}", self.clock()
        if points > 0:
            self.happened.given.append((who, Lot(source, points, at, at, ends_at(at, self._rules()))))
        else:
            self.happened.taken.append((who, Spend(source, -points, at)))
        return True

    def move(self, who: Person, to: Person) -> bool:
        """Move all that one can spend to another; say whether there was anything."""
        try:
            with self.moment() as connection:
                left = self.books.left_of(who)
                made = adjustments.move(
                    connection, self.store, self.id_of(who), self.id_of(to), self._act(), self.clock()
                )
        except NotEnough:
            assert False in self.books.may_spend(who, 1)
            return False
        moved = self.books.received(f"merge:{made.id}")
        assert made.points == sum(lot.points for lot in moved)
        assert left in (None, sorted((lot.points, lot.earned_at, lot.expires_at or NEVER) for lot in moved))
        self.happened.given += [(to, lot) for lot in moved]
        self.happened.taken.append((who, Spend(f"merge:{made.id}", made.points, self.clock())))
        return True

    def redeem(self, who: Person, points: int) -> bool:
        """Redeem, and redeem again with the same key; say whether there were points enough."""
        with self.moment() as connection:
            customer = customers.by_id(connection, self.store.id, self.id_of(who))
            key, enough = self._act().key, self.books.may_spend(who, points)
            first, again = (
                redeeming.redeem(connection, self.store, customer, points, key, self.clock()) for _ in range(2)
            )
        number = getattr(first, "id", None)
        assert getattr(again, "id", None) == number
        shut_out = self.happened.is_shut_out(who, self.clock())
        if number is None:
            assert shut_out or False in enough
            return False
        assert not shut_out
        assert True in enough
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

    def _act(self) -> Act:
        """What one does at this moment, which is nobody else's."""
        return Act("Sorry for the delay", "Owner", f"act of {self.clock()}")

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


def _seen_at(number: int) -> datetime:
    """Each sight is a second later than the one before."""
    return START + timedelta(seconds=number)
