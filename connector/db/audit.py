"""Audit: derives every balance of a store anew from its facts, and names what differs from what is held."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import accounts, ledger
from connector.db.accounts import Facts, Rules
from connector.db.stores import Store
from connector.domain.account import AccountState
from connector.domain.ledger import AVAILABLE, OWED, PENDING
from connector.domain.programme import Programme

Booked = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Difference:
    """What is held of a customer and does not follow from the facts, as a sentence for an operator."""

    customer_id: int
    sentence: str


def differences(
    connection: Connection, store: Store, programmes: Sequence[Programme], customer_ids: Sequence[int], now: datetime
) -> list[Difference]:
    """Return what differs for these customers: accounts from entries, entries and lots from what the facts make.

    An account that time or a newer programme is about to change is measured by what it was before. Nothing is
    changed. ``programmes`` are all versions.
    """
    facts = accounts.read(connection, store.id, customer_ids)
    held = accounts.of_customers(connection, store.id, customer_ids)
    booked = _by_customer(ledger.booked(connection, store.id, customer_ids))
    found = []
    for customer in customer_ids:
        row, books = held.get(customer), booked.get(customer, {})
        if row is None:
            sentences = iter(["has points and no account"] if books or facts[customer].lots else [])
        else:
            sentences = _of_account(store, programmes, row, facts[customer], books, now)
        found += [Difference(customer, sentence) for sentence in sentences]
    return found


def _by_customer(booked: Mapping[str, Mapping[tuple[int, str], int]]) -> dict[int, dict[str, dict[str, int]]]:
    found: dict[int, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    for source, held in booked.items():
        for (customer, account), points in held.items():
            found[customer][source][account] = points
    return found


def _of_account(
    store: Store, programmes: Sequence[Programme], row: Row[Any], facts: Facts, booked: Booked, now: datetime
) -> Iterator[str]:
    moment = _measured_at(row, now)
    rules = Rules.of([one for one in programmes if one.version <= abs(row.rule_version)], moment)
    state = facts.replay(store, rules, moment)
    for account in (PENDING, AVAILABLE, OWED):
        entered = sum(held.get(account, 0) for held in booked.values())
        if row._mapping[account] != entered:
            yield f"the account says {row._mapping[account]} {account}, its entries sum to {entered}"
    yield from _of_books(row.customer_id, state, facts, rules, booked)
    for lot in facts.lots:
        made = state.lots[lot.source]
        if (lot.spent, lot.expired) != (made.spent, made.expired):
            yield (
                f"{lot.source}: {lot.spent} spent and {lot.expired} expired are noted, "
                f"the facts make {made.spent} and {made.expired}"
            )
    outlook = accounts.account_row(state, rules)
    for name in ("expiring", "expiring_at", "next_change_at"):
        if row._mapping[name] != outlook[name]:
            yield f"the account says {name} {row._mapping[name]}, the facts make {outlook[name]}"


def _of_books(customer_id: int, state: AccountState, facts: Facts, rules: Rules, booked: Booked) -> Iterator[str]:
    wanted = _by_customer(accounts.wanted_of({customer_id: facts}, {customer_id: state}, rules))[customer_id]
    for source in sorted({*wanted, *booked}):
        for account in (PENDING, AVAILABLE, OWED):
            has, should = (points.get(source, {}).get(account, 0) for points in (booked, wanted))
            if has != should:
                yield f"{source}: {has} {account} are booked, the facts make {should}"


def _measured_at(row: Row[Any], now: datetime) -> datetime:
    """Return the moment the account is to be right at.

    That is now, or just before what is due and not done yet; and not before another machine's clock settled it.
    """
    moment: datetime = max(now, row.settled_at)
    due_at: datetime | None = row.next_change_at
    return moment if due_at is None or due_at > moment else due_at - timedelta(microseconds=1)
