"""What the database itself refuses, whatever the code above it does."""

from __future__ import annotations

from datetime import datetime

import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from connector.db.stores import Store
from connector.db.tables import entries, postings


@pytest.fixture
def customer_id(new_customer, store) -> int:
    return new_customer(store, 7)


def post(engine: Engine, store: Store, now: datetime, *moves: tuple[str, int, int | None]) -> None:
    """In one transaction: a posting for every key, with an entry for every (key, points, customer)."""
    with engine.begin() as connection:
        ids = {key: add_posting(connection, store.id, now, key) for key in sorted({key for key, _, _ in moves})}
        for key, points, customer_id in moves:
            add_entry(connection, store.id, ids[key], points, customer_id)


def add_posting(connection: Connection, store_id: int, now: datetime, key: str) -> int:
    posting = {"kind": "earn", "idempotency_key": key, "reason": "Order 1", "rule_version": 1, "posted_at": now}
    posting |= {"source": "order:1", "currency": "USD", "rate": 1}
    return connection.execute(
        insert(postings).values(store_id=store_id, **posting).returning(postings.c.id)
    ).scalar_one()


def add_entry(connection: Connection, store_id: int, posting_id: int, points: int, customer_id: int | None) -> None:
    account = "issued" if customer_id is None else "available"
    entry = {"posting_id": posting_id, "account": account, "customer_id": customer_id, "points": points}
    connection.execute(insert(entries).values(store_id=store_id, **entry))


def points_in(engine: Engine) -> list[int]:
    with engine.connect() as connection:
        return list(connection.execute(select(entries.c.points).order_by(entries.c.id)).scalars())


@pytest.fixture
def posted(engine, store, customer_id, now) -> None:
    """One posting in balance."""
    post(engine, store, now, ("order:1", 120, customer_id), ("order:1", -120, None))


def test_a_posting_in_balance_is_taken(engine, posted):
    assert points_in(engine) == [120, -120]


@pytest.mark.parametrize(
    "change",
    [
        update(entries).values(points=1_000),
        delete(entries),
        update(postings).values(reason="Something else"),
        delete(postings),
    ],
    ids=["update entries", "delete entries", "update postings", "delete postings"],
)
def test_a_posting_cannot_be_changed_or_removed(engine, posted, change):
    with (
        pytest.raises(IntegrityError, match="append-only; correct it by a new posting"),
        engine.begin() as connection,
    ):
        connection.execute(change)

    assert points_in(engine) == [120, -120]


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_the_ledger_cannot_be_truncated(engine, posted):
    with pytest.raises(IntegrityError, match="append-only"), engine.begin() as connection:
        connection.execute(text("TRUNCATE entries, postings"))

    assert points_in(engine) == [120, -120]


def test_a_posting_out_of_balance_is_refused_at_commit(engine, store, customer_id, now):
    with pytest.raises(IntegrityError):
        post(engine, store, now, ("order:1", 120, customer_id), ("order:1", -119, None))

    assert points_in(engine) == []


def test_points_cannot_be_added_to_a_posting_that_was_in_balance(engine, store, customer_id, posted):
    with engine.connect() as connection:
        posting_id = connection.execute(select(postings.c.id)).scalar_one()

    with pytest.raises(IntegrityError), engine.begin() as connection:
        add_entry(connection, store.id, posting_id, 5, customer_id)

    assert points_in(engine) == [120, -120]


def test_two_postings_do_not_balance_each_other(engine, store, customer_id, now):
    with pytest.raises(IntegrityError):
        post(engine, store, now, ("order:1", 120, customer_id), ("order:2", -120, None))

    assert points_in(engine) == []


def test_a_posting_may_pass_through_imbalance_on_its_way(engine, store, customer_id, now):
    post(
        engine,
        store,
        now,
        ("order:1", 100, customer_id),
        ("order:2", -30, customer_id),
        ("order:1", -60, None),
        ("order:2", 30, None),
        ("order:1", -40, None),
    )

    assert points_in(engine) == [100, -30, -60, 30, -40]


def test_the_ledger_goes_on_after_a_refusal(engine, store, customer_id, now):
    with pytest.raises(IntegrityError):
        post(engine, store, now, ("order:1", 120, customer_id))

    post(engine, store, now, ("order:1", -120, None), ("order:1", 120, customer_id))

    assert points_in(engine) == [-120, 120]


def test_an_entry_moves_something(engine, store, customer_id, now):
    with pytest.raises(IntegrityError, match="moves_something"):
        post(engine, store, now, ("order:1", 0, customer_id))


@pytest.mark.parametrize(("account", "names_a_customer"), [("available", False), ("issued", True)])
def test_a_customer_is_named_by_customer_accounts_only(engine, store, customer_id, now, account, names_a_customer):
    entry = {"account": account, "customer_id": customer_id if names_a_customer else None, "points": 1}

    with engine.begin() as connection:
        posting_id = add_posting(connection, store.id, now, "order:1")

    with pytest.raises(IntegrityError, match="customer_accounts_name_a_customer"), engine.begin() as connection:
        connection.execute(insert(entries).values(store_id=store.id, posting_id=posting_id, **entry))
