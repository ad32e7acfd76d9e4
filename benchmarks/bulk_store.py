"""A connected store with its whole history in a database, loaded in bulk: what a backfill leaves behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import Engine, Table, text

from benchmarks import made_up
from connector.db import backfills, stores, tables
from connector.db.session import transaction
from connector.db.stores import Connecting, Store
from connector.db.vault import Vault
from connector.domain.arrays import Ints

_EPOCH = date(1970, 1, 1)
NIGHT = datetime(1970, 1, 1, 2, 30, tzinfo=UTC) + timedelta(days=made_up.AS_OF)
_GUESTS = 0.3
_CHUNK = 100_000
_SEED = 3
_TRIGGER = "entries_balance"
FILLED = (tables.customers, tables.orders, tables.postings, tables.entries, tables.lots, tables.accounts)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What was loaded: the store, and how many customers and orders it has."""

    store: Store
    customers: int
    orders: int


def load(engine: Engine, vault: Vault, customers: int) -> Loaded:
    """Fill a migrated, empty database with a store of so many customers and about five times as many orders.

    Three in ten are guests. Every order has its lot and its posting with two entries, and every customer the account
    that they sum to, as awarding would have left them.
    """
    with transaction(engine) as connection:
        given = Connecting(
            "st_benchmark",
            "https://shop.example",
            "https://shop.example/wp-json/",
            "ck_benchmark",
            "cs_benchmark",
            f"whsec_{'0' * 32}",
            "USD",
            "UTC",
            {},
        )
        store = stores.connect(connection, given, vault, NIGHT)
        done = backfills.start(connection, store.id, NIGHT)
        backfills.checkpoint(connection, store.id, done, NIGHT, state=backfills.DONE, phase="done", finished_at=NIGHT)
    found = made_up.orders_of(customers, made_up.OFTEN, _SEED)
    filler = _Filler(engine)
    filler.fill(tables.customers, customers, lambda rows: _people(store.id, rows))
    filler.fill(tables.orders, len(found.day), lambda rows: _orders(store.id, found, rows))
    filler.fill(tables.postings, len(found.day), lambda rows: _postings(store.id, found, rows))
    filler.fill(tables.entries, 2 * len(found.day), lambda rows: _entries(store.id, found, rows))
    filler.fill(tables.lots, len(found.day), lambda rows: _lots(store.id, found, rows))
    balances = np.bincount(found.customer, weights=_points(found, slice(None)), minlength=customers).astype(np.int64)
    filler.fill(tables.accounts, customers, lambda rows: _accounts(store.id, balances, rows))
    filler.finish()
    return Loaded(store, customers, len(found.day))


Columns = dict[str, Sequence[Any]]


def _people(store_id: int, rows: range) -> Columns:
    count = len(rows)
    wc_ids = [None if _is_guest(row) else row + 1 for row in rows]
    return {
        "id": [row + 1 for row in rows],
        "store_id": [store_id] * count,
        "wc_id": wc_ids,
        "email": [f"customer{row + 1}@example.com" for row in rows],
        "registered_at": [None if wc_id is None else _SEEN for wc_id in wc_ids],
        "observed_at": [None if wc_id is None else _SEEN for wc_id in wc_ids],
    }


def _orders(store_id: int, found: made_up.Orders, rows: range) -> Columns:
    part = slice(rows.start, rows.stop)
    owner, value = found.customer[part].tolist(), found.value[part].tolist()
    days = found.day[part].tolist()
    moments = [f"{_DAYS[day - made_up.FIRST_DAY]} 12:00:00.000000" for day in days]
    count = len(rows)
    return {
        "id": [row + 1 for row in rows],
        "store_id": [store_id] * count,
        "wc_id": [row + 1 for row in rows],
        "customer_id": [customer + 1 for customer in owner],
        "wc_customer_id": [0 if _is_guest(customer) else customer + 1 for customer in owner],
        "email": [f"customer{customer + 1}@example.com" for customer in owner],
        "status": ["completed"] * count,
        "currency": ["USD"] * count,
        "total": value,
        "tax": [0] * count,
        "shipping": [0] * count,
        "refunded": [0] * count,
        "counts": [True] * count,
        "net_value": value,
        "local_day": days,
        "ordered_at": moments,
        "modified_at": moments,
        "observed_at": moments,
        "coupon_codes": ["[]"] * count,
        "coupon_discounts": ["{}"] * count,
        "country": [""] * count,
    }


def _postings(store_id: int, found: made_up.Orders, rows: range) -> Columns:
    count = len(rows)
    days = found.day[rows.start : rows.stop].tolist()
    return {
        "id": [row + 1 for row in rows],
        "store_id": [store_id] * count,
        "kind": ["earn"] * count,
        "idempotency_key": [f"order:{row + 1}:0" for row in rows],
        "reason": [f"Earned with order {row + 1}" for row in rows],
        "order_id": [row + 1 for row in rows],
        "source": [f"order:{row + 1}" for row in rows],
        "currency": ["USD"] * count,
        "rate": [1] * count,
        "rule_version": [1] * count,
        "posted_at": [f"{_DAYS[day - made_up.FIRST_DAY]} 12:00:01.000000" for day in days],
    }


def _entries(store_id: int, found: made_up.Orders, rows: range) -> Columns:
    """Two a posting: into the customer's account, out of the store's."""
    pairs = np.arange(rows.start, rows.stop)
    order, earned = pairs // 2, pairs % 2 == 0
    points = _points(found, order)
    return {
        "id": (pairs + 1).tolist(),
        "store_id": [store_id] * len(rows),
        "posting_id": (order + 1).tolist(),
        "account": np.where(earned, "available", "issued").tolist(),
        "customer_id": [
            int(customer) + 1 if mine else None
            for customer, mine in zip(found.customer[order], earned.tolist(), strict=True)
        ],
        "points": np.where(earned, points, -points).tolist(),
    }


def _lots(store_id: int, found: made_up.Orders, rows: range) -> Columns:
    part, count = slice(rows.start, rows.stop), len(rows)
    moments = [f"{_DAYS[day - made_up.FIRST_DAY]} 12:00:00.000000" for day in found.day[part].tolist()]
    return {
        "id": [row + 1 for row in rows],
        "store_id": [store_id] * count,
        "customer_id": (found.customer[part] + 1).tolist(),
        "source": [f"order:{row + 1}" for row in rows],
        "order_id": [row + 1 for row in rows],
        "points": _points(found, part).tolist(),
        "earned_at": moments,
        "available_at": moments,
        "rule_version": [1] * count,
        "currency": ["USD"] * count,
        "rate": [1] * count,
        "reason": [f"order {row + 1}" for row in rows],
        "detail": ["[]"] * count,
        "spent": [0] * count,
        "expired": [0] * count,
    }


def _accounts(store_id: int, balances: Ints, rows: range) -> Columns:
    count = len(rows)
    return {
        "customer_id": [row + 1 for row in rows],
        "store_id": [store_id] * count,
        "pending": [0] * count,
        "available": balances[rows.start : rows.stop].tolist(),
        "owed": [0] * count,
        "expiring": [0] * count,
        "rule_version": [1] * count,
        "settled_at": [_SEEN] * count,
    }


def _points(found: made_up.Orders, orders: Ints | slice) -> Ints:
    """A point for each whole dollar, and one for the few orders worth less: no posting is of nothing."""
    return np.maximum(found.value[orders] // 100, 1)


def _is_guest(customer: int) -> bool:
    return customer % 10 < 10 * _GUESTS


_DAYS = [(_EPOCH + timedelta(days=made_up.FIRST_DAY + n)).isoformat() for n in range(made_up.DAYS + 1)]
_SEEN = f"{_DAYS[-1]} 01:00:00.000000"


class _Filler:
    """Fills tables by the quickest way of each database; indexes and the ledger's checks stand aside meanwhile."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._is_sqlite = engine.dialect.name == "sqlite"
        self._indexes = [index for table in FILLED for index in table.indexes]
        self._trigger = ""
        with transaction(engine) as connection:
            for index in self._indexes:
                index.drop(connection)
            if self._is_sqlite:
                named = text("SELECT sql FROM sqlite_master WHERE type = 'trigger' AND name = :name")
                self._trigger = connection.execute(named, {"name": _TRIGGER}).scalar_one()
                connection.execute(text(f"DROP TRIGGER {_TRIGGER}"))

    def fill(self, table: Table, count: int, columns: Callable[[range], Columns]) -> None:
        """Fill a table with so many rows. ``columns`` gives the columns of a range of them."""
        for start in range(0, count, _CHUNK):
            self._add(table, columns(range(start, min(count, start + _CHUNK))))

    def finish(self) -> None:
        """Put everything back, and let PostgreSQL know what it holds, as its autovacuum does after a backfill."""
        with transaction(self._engine) as connection:
            for index in self._indexes:
                index.create(connection)
            if self._is_sqlite:
                connection.execute(text(self._trigger))
            else:
                for table in FILLED:
                    if "id" not in table.c:
                        continue
                    last = f"(SELECT max(id) FROM {table.name})"
                    connection.execute(text(f"SELECT setval('{table.name}_id_seq', {last})"))
        if not self._is_sqlite:
            with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(text("VACUUM ANALYZE"))

    def _add(self, table: Table, columns: Columns) -> None:
        names = ", ".join(columns)
        with transaction(self._engine) as connection:
            cursor: Any = connection.connection.cursor()
            if self._is_sqlite:
                marks = ", ".join("?" * len(columns))
                rows = zip(*columns.values(), strict=True)
                cursor.executemany(f"INSERT INTO {table.name} ({names}) VALUES ({marks})", rows)
                return
            cursor.execute("SET LOCAL session_replication_role = replica")
            with cursor.copy(f"COPY {table.name} ({names}) FROM STDIN") as copy:
                copy.write("".join(_lines(columns)))


def _lines(columns: Columns) -> Iterator[str]:
    """The text that COPY reads."""
    for row in zip(*columns.values(), strict=True):
        yield "\t".join("\\N" if value is None else str(value) for value in row) + "\n"
