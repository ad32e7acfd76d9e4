"""Accounts settle to what their facts make of them, in the ledger's books and beside them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from connector.db import accounts, lots, spends
from connector.db import customers as customers_of_store
from connector.db.lots import LotFacts
from connector.db.session import transaction
from connector.db.tables import accounts as accounts_table
from connector.db.tables import customers
from connector.db.tables import lots as lots_table
from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, Shortfall
from tests.integration.db.settling import FIRST, Books
from tests.integration.waiting import apart, waiting

OWING = Programme(shortfall=Shortfall.OWE)
FORGIVING = Programme(shortfall=Shortfall.FORGIVE)


@pytest.fixture
def ann(new_customer, store) -> int:
    return new_customer(store, 7)


@pytest.fixture
def ben(new_customer, store) -> int:
    return new_customer(store, 8)


@pytest.fixture
def books(engine, store, now) -> Books:
    return Books(engine, store, now)


def test_settling_books_what_the_facts_say_once(books, ann):
    books.earn(ann, "order:1", 100)
    books.spend(ann, "redemption:1", 60)

    assert books.settle(ann) == {ann}
    assert books.balance(ann) == (0, 40, 0)
    for days in (0, 1):
        assert books.settle(ann, days=days) == set()
    assert books.kinds() == ["earn", "redeem"]


def test_who_was_settled_has_an_account_also_where_there_is_nothing_in_it(books, ann, ben):
    with transaction(books.engine) as connection:
        assert accounts.of(connection, books.store.id, ann) is None
    assert books.settle(ann) == {ann}
    assert books.settle(ann) == set()
    with transaction(books.engine) as connection:
        row = accounts.of(connection, books.store.id, ann)
        assert accounts.of(connection, books.store.id, ben) is None
    assert (row.pending, row.available, row.owed, row.next_change_at, row.rule_version) == (0, 0, 0, None, 1)


def test_accounts_are_due_when_time_changes_them_those_that_wait_longest_first(books, store, now, ann, ben):
    books.earn(ann, "order:1", 100, hold_days=9)
    books.earn(ben, "order:2", 100, hold_days=5)
    books.settle(ann, ben)

    def due(days: float, limit: int = 9) -> list[int]:
        with transaction(books.engine) as connection:
            return accounts.due(connection, store.id, now + timedelta(days=days), limit)

    assert (due(3.9), due(4), due(8), due(8, limit=1)) == ([], [ben], [ben, ann], [ben])
    books.settle(ben, days=8)
    assert due(8) == [ann]


def test_accounts_are_outdated_until_all_their_orders_were_awarded_by_the_newest_version(books, store, now, ann, ben):
    def outdated(version: int) -> list[int]:
        with transaction(books.engine) as connection:
            return accounts.outdated(connection, store.id, version, 9)

    books.settle(ann, ben)
    assert (outdated(1), outdated(2)) == ([], [ann, ben])
    versions = [FIRST, replace(FIRST, version=2, effective_from=now + timedelta(days=1))]
    assert books.settle(ann, programmes=versions) == {ann}
    assert books.settle(ann, programmes=versions) == set()
    assert outdated(2) == [ann, ben]
    books.settle(ann, programmes=versions, awarded=[ann])
    assert outdated(2) == [ben]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_whoever_is_being_awarded_is_outdated_afterwards(books, store, ann):
    """An award that began before goes by what was then, and saves the version with it."""
    books.settle(ann)
    with transaction(books.engine) as connection:
        customers_of_store.lock(connection, store.id, [ann])
        other = waiting(connection, apart(books.engine, lambda beside: accounts.outdate(beside, store.id, [ann])))
        newest = replace(FIRST, version=2, effective_from=books.now)
        assert accounts.settle(connection, store, [FIRST, newest], [ann], books.now) == {ann}
    other.result(60)
    with transaction(books.engine) as connection:
        assert accounts.of(connection, store.id, ann).rule_version == -2


def test_lots_know_what_was_spent_and_expired_of_them(books, ann):
    books.earn(ann, "order:1", 100, ends_days=10)
    books.earn(ann, "order:2", 50)
    books.spend(ann, "redemption:1", 60)
    books.settle(ann, days=10)

    rows = books.rows(select(lots_table.c.source, lots_table.c.spent, lots_table.c.expired))
    assert {row.source: (row.spent, row.expired) for row in rows} == {"order:1": (60, 40), "order:2": (0, 0)}
    assert books.balance(ann) == (0, 50, 0)


def test_a_hold_ends_and_points_expire_as_time_goes_by(books, ann, now):
    books.earn(ann, "order:1", 100, hold_days=5, ends_days=30)
    books.settle(ann)
    assert books.balance(ann) == (100, 0, 0)
    (row,) = books.rows(select(accounts_table))
    assert (row.next_change_at, row.expiring, row.expiring_at) == (
        now + timedelta(days=4),
        100,
        now + timedelta(days=30),
    )
    books.settle(ann, days=4)
    assert books.balance(ann) == (0, 100, 0)
    books.settle(ann, days=30)
    assert books.balance(ann) == (0, 0, 0)
    assert books.kinds() == ["earn", "mature", "expire"]


def test_a_lot_that_shrinks_below_what_was_spent_of_it_leaves_a_debt(books, ann):
    books.earn(ann, "order:1", 100)
    books.spend(ann, "redemption:1", 80)
    books.settle(ann)
    books.earn(ann, "order:1", 30)
    books.settle(ann)

    assert books.balance(ann) == (0, -50, 0)


def test_where_debts_are_owed_the_balance_is_nothing_until_it_is_paid(books, ann):
    books.earn(ann, "order:1", 30)
    books.spend(ann, "redemption:1", 80)
    books.settle(ann, programmes=[OWING])
    assert books.balance(ann) == (0, 0, -50)
    books.earn(ann, "order:2", 70)
    books.settle(ann, programmes=[OWING])

    assert books.balance(ann) == (0, 20, 0)
    assert books.kinds()[2:] == ["owe", "earn", "repay"]


def test_a_forgiven_debt_is_forgiven_once_and_no_more_when_the_points_come_back(books, ann):
    books.earn(ann, "order:1", 30)
    books.spend(ann, "redemption:1", 80)
    for _ in range(2):
        books.settle(ann, programmes=[FORGIVING])
        assert books.balance(ann) == (0, 0, 0)
    books.earn(ann, "order:1", 100)
    books.settle(ann, programmes=[FORGIVING])

    assert books.balance(ann) == (0, 20, 0)
    assert books.kinds() == ["earn", "redeem", "forgive", "reinstate", "unforgive"]


def test_a_policy_that_changes_later_is_followed_then(books, ann, now):
    later = replace(OWING, version=2, effective_from=now + timedelta(days=3))
    books.spend(ann, "redemption:1", 80)
    books.settle(ann, programmes=[FIRST, later])
    assert books.balance(ann) == (0, -80, 0)
    assert books.rows(select(accounts_table))[0].next_change_at == later.effective_from
    books.settle(ann, programmes=[FIRST, later], days=3)

    assert books.balance(ann) == (0, 0, -80)


def test_inactivity_expires_points_and_is_foreseen(books, ann):
    quiet = Programme(expiry=ExpiryRules(ExpiryBasis.INACTIVITY, 1, 0))
    books.earn(ann, "order:1", 100)
    books.settle(ann, programmes=[quiet])
    (row,) = books.rows(select(accounts_table))
    # Earned on the 21st of November in Berlin: the 21st of December is the last day.
    assert row.expiring_at.isoformat() == "2026-12-21T23:00:00+00:00"
    books.settle(ann, programmes=[quiet], days=31)

    assert books.balance(ann) == (0, 0, 0)


def test_a_lot_that_changes_hands_moves_in_one_posting(books, ann, ben):
    books.earn(ann, "order:1", 100)
    books.settle(ann)
    books.earn(ben, "order:1", 100)

    assert books.settle(ann, ben) == {ann, ben}
    assert (books.balance(ann), books.balance(ben)) == ((0, 0, 0), (0, 100, 0))
    assert books.kinds() == ["earn", "transfer"]


def test_saving_lots_tells_whose_are_different_now(books, engine, store, ann, ben):
    books.earn(ann, "order:1", 100)
    with transaction(engine) as connection:
        (row,) = lots.by_source(connection, store.id, ["order:1"]).values()
        same = LotFacts(**{name: row._mapping[name] for name in LotFacts.__dataclass_fields__})
        assert lots.save(connection, store.id, [same]) == set()
        assert lots.save(connection, store.id, [replace(same, customer_id=ben)]) == {ann, ben}
        assert lots.save(connection, store.id, [replace(same, customer_id=ben, points=1)]) == {ben}
        assert lots.save(connection, store.id, [replace(same, source="order:2", detail=[])]) == {ann}


def test_what_guests_have_beside_orders_is_handed_to_the_users_they_are(books, engine, store, ann, ben):
    books.earn(ann, "bonus:sign-up", 100)
    books.spend(ann, "adjustment:1", 130)
    books.settle(ann, programmes=[FORGIVING])
    with transaction(engine) as connection:
        connection.execute(update(customers).where(customers.c.id == ann).values(merged_into_id=ben))
        lots.move_to_users(connection, store.id, [ben])
        spends.move_to_users(connection, store.id, [ben])
    books.settle(ann, ben, programmes=[FORGIVING])

    assert books.balance(ann) == (0, 0, 0)
    assert {row.customer_id for row in books.rows(select(lots_table))} == {ben}
    assert books.kinds()[3:] == ["transfer", "transfer", "transfer"]
    # What was spent before these points could be stays forgiven.
    books.earn(ben, "order:1", 500, hold_days=2)
    books.settle(ben, programmes=[FORGIVING], days=1)
    assert books.balance(ben) == (0, 500, 0)


def test_one_store_does_not_settle_anothers_facts(books, engine, store, other_store, now, ann):
    books.earn(ann, "order:1", 100)
    books.settle(ann)
    with transaction(engine) as connection:
        accounts.settle(connection, other_store, [replace(FIRST, version=2)], [ann], now)
        assert accounts.of(connection, other_store.id, ann) is None
    assert books.balance(ann) == (0, 100, 0)
    assert books.kinds() == ["earn"]
