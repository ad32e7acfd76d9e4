"""A ledger that was tampered with is found out, and what differs is named."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update

from connector.db import accounts, audit, lots, spends
from connector.db.lots import LotFacts
from connector.db.session import transaction
from connector.db.spends import SpendFacts
from connector.db.tables import accounts as accounts_table
from connector.db.tables import entries, write_offs
from connector.db.tables import lots as lots_table
from connector.db.tables import spends as spends_table
from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, Shortfall

FIRST = Programme()


@pytest.fixture
def ann(new_customer, store) -> int:
    return new_customer(store, 7)


@pytest.fixture
def ben(new_customer, store) -> int:
    return new_customer(store, 8)


@pytest.fixture
def filled(engine, store, now, ann, ben) -> None:
    """Ann has earned 100 points of which 60 are spent, and 50 that are on hold; Ben has earned 30."""

    def lot(customer_id: int, source: str, points: int, hold_days: int = 0) -> LotFacts:
        earned_at, ends_at = now - timedelta(days=1), now + timedelta(days=99)
        available_at = earned_at + timedelta(days=hold_days)
        return LotFacts(customer_id, source, points, earned_at, available_at, ends_at, 1, "USD", source)

    with transaction(engine) as connection:
        earned = [lot(ann, "order:1", 100), lot(ann, "order:2", 50, 9), lot(ben, "order:3", 30)]
        lots.save(connection, store.id, earned)
        spends.save(connection, store.id, [SpendFacts(ann, "redemption:1", 60, now, 1, "coupon")])
        accounts.settle(connection, store, [FIRST], [ann, ben], now)


def differences(engine, store, moment, *customers, programmes=(FIRST,)) -> list[str]:
    with transaction(engine) as connection:
        found = audit.differences(connection, store, list(programmes), list(customers), moment)
    assert {one.customer_id for one in found} <= {*customers[:1]}
    return [one.sentence for one in found]


def tamper(engine, *statements) -> None:
    """Change what the ledger's triggers protect, as only the database's owner can."""
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            for name in ("entries_refuse_update", "entries_refuse_delete", "entries_balance"):
                connection.execute(text(f"DROP TRIGGER {name}"))
        else:
            connection.execute(text("SET session_replication_role = replica"))
        for statement in statements:
            connection.execute(statement)
        if engine.dialect.name == "postgresql":
            connection.execute(text("SET session_replication_role = DEFAULT"))


@pytest.mark.usefixtures("filled")
def test_an_untouched_store_has_no_differences_today_or_later(engine, store, now, ann, ben):
    for days in (0, 7.9, 8, 50, 500):
        assert differences(engine, store, now + timedelta(days=days), ann, ben) == []


@pytest.mark.usefixtures("filled")
def test_a_programme_that_has_not_reached_an_account_yet_makes_no_difference(engine, store, now, ann, ben):
    quiet = ExpiryRules(ExpiryBasis.INACTIVITY, 1, 0)
    newer = replace(FIRST, version=2, expiry=quiet, shortfall=Shortfall.OWE)
    assert differences(engine, store, now + timedelta(days=60), ann, ben, programmes=[FIRST, newer]) == []


@pytest.mark.usefixtures("filled")
def test_an_account_that_waits_to_be_awarded_anew_is_still_what_it_was(engine, store, now, ann, ben):
    for _ in range(2):
        with transaction(engine) as connection:
            accounts.outdate(connection, store.id, [ann])
            assert accounts.outdated(connection, store.id, 1, 9) == [ann]
    newer = replace(FIRST, version=2, shortfall=Shortfall.OWE)
    assert differences(engine, store, now, ann, ben, programmes=[FIRST, newer]) == []


@pytest.mark.usefixtures("filled")
def test_a_changed_entry_is_found(engine, store, now, ann, ben):
    tamper(engine, update(entries).where(entries.c.points == 100).values(points=101))

    assert differences(engine, store, now, ann, ben) == [
        "the account says 40 available, its entries sum to 41",
        "order:1: 101 available are booked, the facts make 100",
    ]


@pytest.mark.usefixtures("filled")
def test_entries_that_vanished_are_found(engine, store, now, ann, ben):
    gone = select(entries.c.posting_id).where(entries.c.points == -60)
    with transaction(engine) as connection:
        posting_id = connection.execute(gone).scalar_one()
    tamper(engine, entries.delete().where(entries.c.posting_id == posting_id))

    assert differences(engine, store, now, ann, ben) == [
        "the account says 40 available, its entries sum to 100",
        "redemption:1: 0 available are booked, the facts make -60",
    ]


@pytest.mark.usefixtures("filled")
def test_a_balance_written_by_hand_is_found(engine, store, now, ann, ben):
    tamper(engine, update(accounts_table).where(accounts_table.c.customer_id == ann).values(available=9_000))

    assert differences(engine, store, now, ann, ben) == ["the account says 9000 available, its entries sum to 40"]


@pytest.mark.usefixtures("filled")
def test_a_lot_that_was_changed_behind_the_ledgers_back_is_found(engine, store, now, ann, ben):
    tamper(engine, update(lots_table).where(lots_table.c.source == "order:2").values(points=70))

    assert differences(engine, store, now, ann, ben)[0] == "order:2: 50 pending are booked, the facts make 70"


@pytest.mark.usefixtures("filled")
def test_a_lot_that_notes_more_spent_than_was_is_found(engine, store, now, ann, ben):
    tamper(engine, update(lots_table).where(lots_table.c.source == "order:1").values(spent=80, expired=5))

    assert differences(engine, store, now, ann, ben) == [
        "order:1: 80 spent and 5 expired are noted, the facts make 60 and 0"
    ]


@pytest.mark.usefixtures("filled")
def test_a_spend_that_the_ledger_does_not_know_is_found(engine, store, now, ann, ben):
    tamper(engine, update(spends_table).values(points=10))

    assert "redemption:1: -60 available are booked, the facts make -10" in differences(engine, store, now, ann, ben)


@pytest.mark.usefixtures("filled")
def test_a_forgiven_debt_that_the_ledger_does_not_know_is_found(engine, store, now, ann, ben):
    forgiven = {"store_id": store.id, "customer_id": ann, "points": 9, "written_off_at": now, "rule_version": 1}
    tamper(
        engine,
        update(lots_table).where(lots_table.c.source == "order:1").values(points=20, spent=20),
        insert(write_offs).values(**forgiven),
    )

    with transaction(engine) as connection:
        number = connection.execute(select(write_offs.c.id)).scalar_one()
    assert f"writeoff:{number}: 0 available are booked, the facts make 9" in differences(engine, store, now, ann, ben)


@pytest.mark.usefixtures("filled")
def test_an_outlook_that_is_wrong_is_found(engine, store, now, ann, ben):
    later = now + timedelta(days=20)
    mine = accounts_table.c.customer_id == ann
    tamper(engine, update(accounts_table).where(mine).values(next_change_at=later, expiring=1))

    sentences = differences(engine, store, now, ann, ben)
    assert [sentence.partition(",")[0] for sentence in sentences] == [
        "the account says expiring 1",
        f"the account says next_change_at {later}",
    ]


@pytest.mark.usefixtures("filled")
def test_an_account_that_vanished_is_found(engine, store, now, ann, ben):
    tamper(engine, accounts_table.delete().where(accounts_table.c.customer_id == ann))

    assert differences(engine, store, now, ann, ben) == ["has points and no account"]


def test_who_has_nothing_differs_in_nothing(engine, store, now, ann):
    assert differences(engine, store, now, ann) == []


@pytest.mark.usefixtures("filled")
def test_another_stores_facts_are_not_looked_at(engine, other_store, now, ann):
    tamper(engine, update(accounts_table).values(available=9_000))

    assert differences(engine, other_store, now, ann) == []
