"""What the benchmark loads is what a backfill would have left."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, func, inspect, select, text
from sqlalchemy.exc import IntegrityError

from benchmarks import bulk_store
from benchmarks.bulk_store import Loaded
from connector.db import accounts, backfills, ledger, programmes, tables
from connector.db.session import open_engine, reading, transaction
from connector.db.vault import Vault
from tests.databases import Databases

CUSTOMERS = 60


@pytest.fixture
def engine(sqlite_databases: Databases) -> Iterator[Engine]:
    with sqlite_databases.migrated() as url:
        engine = open_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture
def loaded(engine: Engine, vault: Vault) -> Loaded:
    return bulk_store.load(engine, vault, CUSTOMERS)


def test_the_store_has_its_customers_orders_and_a_finished_backfill(engine: Engine, loaded: Loaded) -> None:
    with reading(engine) as connection:
        people = connection.execute(select(func.count()).select_from(tables.customers)).scalar_one()
        orders = connection.execute(select(func.count()).select_from(tables.orders)).scalar_one()
        buyers = connection.execute(select(func.count(tables.orders.c.customer_id.distinct()))).scalar_one()
        assert backfills.is_complete(connection, loaded.store.id)

    assert (people, orders, buyers) == (CUSTOMERS, loaded.orders, CUSTOMERS)


def test_the_ledger_sums_to_zero_and_everybody_has_points(engine: Engine, loaded: Loaded) -> None:
    with reading(engine) as connection:
        assert ledger.imbalance(connection, loaded.store.id) == 0
        sums = ledger.sums(connection, loaded.store.id, range(1, CUSTOMERS + 1))

    assert len(sums) == CUSTOMERS
    assert min(of["available"] for of in sums.values()) > 0


def test_accounts_are_what_awarding_would_have_left(engine: Engine, loaded: Loaded) -> None:
    with transaction(engine) as connection:
        versions = programmes.every(connection, loaded.store.id)
        before = ledger.counts(connection, loaded.store.id, [f"order:{n + 1}" for n in range(loaded.orders)])
        changed = accounts.settle(connection, loaded.store, versions, range(1, CUSTOMERS + 1), bulk_store.NIGHT)
        after = ledger.counts(connection, loaded.store.id, [f"order:{n + 1}" for n in range(loaded.orders)])

    assert changed == set()
    assert after == before


def test_indexes_and_the_ledgers_checks_are_back(engine: Engine, loaded: Loaded) -> None:
    wanted = {index.name for table in bulk_store.FILLED for index in table.indexes}
    there = {index["name"] for table in bulk_store.FILLED for index in inspect(engine).get_indexes(table.name)}
    assert wanted <= there

    one_sided = text(
        "INSERT INTO entries (store_id, posting_id, account, points) VALUES (:store_id, 1, 'issued', -1)"
    )
    with pytest.raises(IntegrityError), transaction(engine) as connection:
        connection.execute(one_sided, {"store_id": loaded.store.id})
