"""Accounts: brings ledger and balances in line with the facts they follow from, and tells balances."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, func, select, update

from connector.db import bulk, customers, ledger, lots, spends
from connector.db.bulk import given, insert_rows, keyed
from connector.db.ledger import Booking
from connector.db.session import insert_into
from connector.db.stores import Store
from connector.db.tables import accounts, orders
from connector.domain.account import AccountState, Inactivity, Spend, WriteOff, replay
from connector.domain.ledger import AVAILABLE, OWED, PENDING, Posting, difference, lot_of, targets, write_off_source
from connector.domain.programme import Programme
from connector.domain.programme.points import Shortfall
from connector.domain.programme.versions import in_force
from connector.domain.silence import inactivity_of


def settle(
    connection: Connection,
    store: Store,
    programmes: Sequence[Programme],
    customer_ids: Iterable[int],
    now: datetime,
    awarded: Collection[int] = (),
) -> set[int]:
    """Post what is missing so that ledger, lots and balances of these customers are what their facts make of them.

    The customers are locked already; where facts changed hands, who had them before is among the customers.
    ``programmes`` are all versions, and ``awarded`` are those all of whose orders have been awarded by them; others
    stay outdated if they were. Debts are forgiven where the programme says so. Everybody named has an account
    afterwards. Returns whose balance or outlook changed; doing it again changes nothing.
    """
    ids = sorted(set(customer_ids))
    facts = read(connection, store.id, ids)
    rules = Rules.of(programmes, now)
    states = {customer: facts[customer].replay(store, rules, now) for customer in ids}
    if rules.programme.shortfall is Shortfall.FORGIVE:
        for customer in [customer for customer, state in states.items() if state.debt]:
            _forgive(connection, store, facts[customer], states[customer].debt, rules, now)
            states[customer] = facts[customer].replay(store, rules, now)
    booked = ledger.booked(connection, store.id, ids)
    wanted = wanted_of(facts, states, rules)
    made = _bookings(connection, store, facts, wanted, booked, rules)
    ledger.post(connection, store.id, made, now)
    for customer in ids:
        lots.record(connection, store.id, facts[customer].lots, states[customer].lots)
    moved = {entry.customer_id for one in made for entry in one.posting.entries if entry.customer_id is not None}
    rows = {customer: account_row(states[customer], rules) for customer in ids}
    return moved | _save(connection, store.id, rows, awarded, now)


@dataclass(frozen=True, slots=True)
class Rules:
    """What of a programme's versions matters to an account at a moment."""

    programme: Programme
    inactivity: tuple[Inactivity, ...]
    changes_at: datetime | None
    newest: int

    @classmethod
    def of(cls, programmes: Sequence[Programme], now: datetime) -> "Rules":
        """Return the rules at ``now``.

        ``changes_at`` is when the next version begins to hold, ``newest`` the number of the last there is.
        """
        coming = [one.effective_from for one in programmes if one.effective_from and one.effective_from > now]
        newest = max(one.version for one in programmes)
        return cls(in_force(programmes, now), inactivity_of(programmes), min(coming, default=None), newest)


@dataclass(slots=True)
class Facts:
    """What a customer's account follows from: rows of lots, spends and write-offs."""

    customer_id: int
    lots: list[Row[Any]] = field(default_factory=list)
    spends: list[Spend] = field(default_factory=list)
    write_offs: list[WriteOff] = field(default_factory=list)
    filed: dict[str, tuple[str, int]] = field(default_factory=dict)

    def replay(self, store: Store, rules: Rules, now: datetime) -> AccountState:
        """Return the account these facts make."""
        earned = [lots.of_row(row) for row in self.lots]
        return replay(earned, self.spends, self.write_offs, rules.inactivity, now, store.zone)


def read(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, Facts]:
    """Return the facts of these customers, also of those who have none."""
    found = {customer: Facts(customer) for customer in customer_ids}
    for row in lots.of_customers(connection, store_id, customer_ids):
        found[row.customer_id].lots.append(row)
    for row in spends.of_customers(connection, store_id, customer_ids):
        facts = found[row.customer_id]
        facts.spends.append(Spend(row.source, row.points, row.spent_at))
        facts.filed[row.source] = (row.reason, row.rule_version)
    for row in spends.write_offs_of(connection, store_id, customer_ids):
        facts = found[row.customer_id]
        facts.write_offs.append(WriteOff(row.id, row.points, row.written_off_at))
        facts.filed[write_off_source(row.id)] = ("", row.rule_version)
    return found


def wanted_of(
    facts: Mapping[int, Facts], states: Mapping[int, AccountState], rules: Rules
) -> dict[str, dict[tuple[int, str], int]]:
    """Return what the ledger should hold for customers in these states, by source."""
    wanted: dict[str, dict[tuple[int, str], int]] = defaultdict(dict)
    for customer, state in states.items():
        held = targets(customer, state, facts[customer].spends, rules.programme.shortfall)
        for source, points in held.items():
            wanted[source].update(points)
    return wanted


def account_row(state: AccountState, rules: Rules) -> dict[str, Any]:
    """Return the balances and the outlook that an account in this state has."""
    owes = state.debt if rules.programme.shortfall is Shortfall.OWE else 0
    moments = [state.next_change_at, rules.changes_at if state.debt else None]
    return {
        PENDING: state.pending,
        AVAILABLE: state.available + owes,
        OWED: -owes,
        "expiring": state.expiring,
        "expiring_at": state.expiring_at,
        "next_change_at": min((moment for moment in moments if moment), default=None),
        "rule_version": rules.newest,
    }


def of(connection: Connection, store_id: int, customer_id: int) -> Row[Any] | None:
    """Return a customer's balances and what happens to them next, or None for who never had points."""
    return of_customers(connection, store_id, [customer_id]).get(customer_id)


def of_customers(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> dict[int, Row[Any]]:
    """Return the accounts of those of these customers who have one."""
    rows = bulk.of_customers(connection, _of_customers, store_id, customer_ids)
    return {row.customer_id: row for row in rows}


@cache
def _of_customers(dialect: str) -> Select[Any]:
    # The sum as in `bulk.keyed`: the customer is the row's own key.
    ours = accounts.c.store_id + 0 == bindparam("store")
    return select(accounts).where(ours, given(dialect, accounts.c.customer_id))


def due(connection: Connection, store_id: int, now: datetime, limit: int) -> list[int]:
    """Return customers in whose accounts time alone changes something by now, those who wait longest first."""
    return list(
        connection.execute(
            select(accounts.c.customer_id)
            .where(accounts.c.store_id == store_id, accounts.c.next_change_at <= now)
            .order_by(accounts.c.next_change_at, accounts.c.customer_id)
            .limit(limit)
        ).scalars()
    )


def outdated(connection: Connection, store_id: int, version: int, limit: int) -> list[int]:
    """Return customers whose accounts do not know this version of the programme yet."""
    return list(
        connection.execute(
            select(accounts.c.customer_id)
            .where(accounts.c.store_id == store_id, accounts.c.rule_version < version)
            .order_by(accounts.c.rule_version, accounts.c.customer_id)
            .limit(limit)
        ).scalars()
    )


def outdate(connection: Connection, store_id: int, customer_ids: Sequence[int]) -> None:
    """Let all these customers ordered be awarded anew: what points depend on has changed.

    The version is kept, below zero: their accounts are settled under it, and stay outdated. The customers are locked,
    because whoever awards them meanwhile goes by what was, and would save the version as it was.
    """
    customers.lock(connection, store_id, customer_ids)
    connection.execute(
        update(accounts)
        .where(keyed(connection, accounts.c.customer_id, store_id, customer_ids))
        .values(rule_version=-func.abs(accounts.c.rule_version))
    )


def _forgive(connection: Connection, store: Store, facts: Facts, debt: int, rules: Rules, now: datetime) -> None:
    version = rules.programme.version
    number = spends.write_off(connection, store.id, facts.customer_id, debt, version, now)
    facts.write_offs.append(WriteOff(number, debt, now))
    facts.filed[write_off_source(number)] = ("", version)


def _bookings(
    connection: Connection,
    store: Store,
    facts: Mapping[int, Facts],
    wanted: Mapping[str, Mapping[tuple[int, str], int]],
    booked: Mapping[str, Mapping[tuple[int, str], int]],
    rules: Rules,
) -> list[Booking]:
    """Return the postings that bring the ledger from what is booked to what is wanted, each with its file."""
    sources = [
        source
        for source in {**wanted, **booked}
        if _nonzero(wanted.get(source, {})) != _nonzero(booked.get(source, {}))
    ]
    numbers = ledger.counts(connection, store.id, sources)
    earned = {row.source: row for one in facts.values() for row in one.lots}
    filed = {source: file for one in facts.values() for source, file in one.filed.items()}
    found: list[tuple[Posting, int, Row[Any] | None]] = []
    for source in sources:
        lot = earned.get(lot_of(source))
        name = lot.reason if lot is not None else filed.get(source, ("", 0))[0]
        number = numbers.get(source, 0)
        posting = difference(source, name, wanted.get(source, {}), booked.get(source, {}), seen_before=number > 0)
        if posting is not None:
            found.append((posting, number + 1, lot))
    deliveries = _deliveries(connection, store.id, [lot.order_id for _, _, lot in found if lot is not None])
    made = []
    for posting, number, lot in found:
        if lot is None:
            _, version = filed.get(posting.source, ("", rules.programme.version))
            made.append(Booking(posting, number, store.currency, Decimal(1), version))
        else:
            inbox_id = deliveries.get(lot.order_id) if posting.kind in _TOLD else None
            made.append(Booking(posting, number, lot.currency, lot.rate, lot.rule_version, lot.order_id, inbox_id))
    return made


# What the store's news cause; everything else is caused by time or by other customers' facts.
_TOLD = ("earn", "clawback", "reinstate", "transfer")


def _nonzero(points: Mapping[tuple[int, str], int]) -> dict[tuple[int, str], int]:
    return {key: value for key, value in points.items() if value}


def _deliveries(connection: Connection, store_id: int, order_ids: Iterable[int | None]) -> dict[int, int | None]:
    """Return the delivery that each order's latest state came from."""
    wanted = sorted({order_id for order_id in order_ids if order_id is not None})
    if not wanted:
        return {}
    rows = connection.execute(
        select(orders.c.id, orders.c.inbox_id).where(keyed(connection, orders.c.id, store_id, wanted))
    )
    return {row.id: row.inbox_id for row in rows}


def _save(
    connection: Connection, store_id: int, rows: Mapping[int, dict[str, Any]], awarded: Collection[int], now: datetime
) -> set[int]:
    """Store accounts that differ from those held; return whose they are."""
    held = of_customers(connection, store_id, list(rows))
    for customer in held.keys() - set(awarded):
        # What they ordered earlier may still be worth what an earlier version made of it.
        if held[customer].rule_version < rows[customer]["rule_version"]:
            rows[customer]["rule_version"] *= -1
    changed = {
        customer: row
        for customer, row in rows.items()
        if customer not in held or any(held[customer]._mapping[name] != value for name, value in row.items())
    }
    if changed:
        statement = insert_into(connection, accounts)
        columns = [column.name for column in accounts.c if column.name != "customer_id"]
        insert_rows(
            connection,
            statement.on_conflict_do_update(
                index_elements=[accounts.c.customer_id],
                set_={name: statement.excluded[name] for name in columns},
                where=accounts.c.store_id == store_id,
            ),
            [
                {"customer_id": customer, "store_id": store_id, **row, "settled_at": now}
                for customer, row in changed.items()
            ],
        )
    return set(changed)
