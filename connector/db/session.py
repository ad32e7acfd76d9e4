"""Engines and transactions: the same behaviour on SQLite and on PostgreSQL."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.sql.schema import Table


class StorageUnavailable(Exception):
    """The database did not take or give what was asked, for a reason that may pass."""


class StorageContended(StorageUnavailable):
    """Others held for too long what this transaction needed, or it deadlocked with them: it can be done again now."""


class StorageUnusable(Exception):
    """There is no database to be had at the address given, nor will there be. The message is for the operator."""


def open_engine(url: str, *, wait_seconds: float = 30) -> Engine:
    """Return an engine for a SQLite or PostgreSQL URL.

    Nobody waits longer than ``wait_seconds`` for another writer, a lock or a connection; after that the caller sees
    StorageUnavailable from `transaction` or `reading`. Errors never quote the values of a statement, which are
    people's addresses and stores' keys. Raises StorageUnusable for any other URL, and where a SQLite file can have
    no folder.
    """
    if _backend(url) == "sqlite":
        return _open_sqlite(url, wait_seconds)
    milliseconds = max(1, int(wait_seconds * 1000))
    return create_engine(
        url,
        hide_parameters=True,
        pool_pre_ping=True,
        pool_timeout=wait_seconds,
        connect_args={
            "connect_timeout": max(1, int(wait_seconds)),
            "options": f"-c timezone=UTC -c lock_timeout={milliseconds}",
            "tcp_user_timeout": milliseconds,
        },
    )


def _backend(url: str) -> str:
    try:
        parsed = make_url(url)
        name = parsed.get_backend_name()
        parsed.get_dialect().import_dbapi()
    except (ArgumentError, ImportError, AttributeError):
        name = ""
    # Each process, and each connection, would have a database in memory of its own.
    in_memory = name == "sqlite" and parsed.database in (None, "", ":memory:")
    if in_memory or name not in ("sqlite", "postgresql"):
        # The URL itself may hold a password, so it is not repeated.
        raise StorageUnusable(
            "The database's URL must look like sqlite:////folder/regulars.db or "
            "postgresql://user:password@host/name (REGULARS_DATABASE_URL)."
        )
    return name


def sqlite_file(url: str) -> Path | None:
    """Return the file of a SQLite database, there or not; None for any other. Raises as `open_engine` does."""
    return Path(make_url(url).database or "") if _backend(url) == "sqlite" else None


def _open_sqlite(url: str, wait_seconds: float) -> Engine:
    if (file := sqlite_file(url)) is not None:
        folder = file.parent
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StorageUnusable(f"The folder {folder} cannot be made ({error.strerror}).") from error
    engine = create_engine(
        url,
        hide_parameters=True,
        pool_timeout=wait_seconds,
        connect_args={"timeout": wait_seconds, "isolation_level": None},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        _use_write_ahead_log(cursor, wait_seconds)
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    # The driver begins only at the first write, which lets two readers deadlock on becoming writers.
    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("postgresql_readonly")
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _use_write_ahead_log(cursor: sqlite3.Cursor, wait_seconds: float) -> None:
    """Wait for the turn here: where processes open a new file together, this statement alone does not."""
    deadline = time.monotonic() + wait_seconds
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
            time.sleep(0.01)
        else:
            return


@contextmanager
def transaction(engine: Engine) -> Iterator[Connection]:
    """Run a block in one transaction: committed when it ends, rolled back when it raises.

    Raises StorageUnavailable where the database is down or full, and StorageContended, which is one too, where
    others locked something for longer than the engine waits, or waited for this one in turn.
    """
    with _trouble_told_apart(engine), engine.begin() as connection:
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Run a block that only reads, on one consistent view of the database and without waiting for writers.

    Raises StorageUnavailable where the database is down.
    """
    # PostgreSQL refuses writes under the option; SQLite's "begin" above looks at it as well.
    options: dict[str, Any] = {"postgresql_readonly": True}
    if engine.dialect.name == "postgresql":
        options["isolation_level"] = "REPEATABLE READ"
    with _trouble_told_apart(engine), engine.connect() as connection:
        reader = connection.execution_options(**options)
        with reader.begin():
            yield reader


def refresh_statistics(engine: Engine) -> None:
    """Let SQLite look at how the data is spread, without which it scans a store for a handful of its rows.

    A sample is enough and takes milliseconds. PostgreSQL keeps such statistics by itself.
    """
    if engine.dialect.name == "sqlite":
        with transaction(engine) as connection:
            connection.exec_driver_sql("PRAGMA analysis_limit=1000")
            connection.exec_driver_sql("ANALYZE")


@contextmanager
def _trouble_told_apart(engine: Engine) -> Iterator[None]:
    try:
        yield
    except PoolTimeout as error:
        raise StorageUnavailable("Every connection to the database is in use.") from error
    except DBAPIError as error:
        if _is_contention(error):
            raise StorageContended("The database is busy with something else.") from error
        if error.connection_invalidated or _may_pass(error, engine):
            raise StorageUnavailable("The database is not available right now.") from error
        if getattr(error.orig, "sqlite_errorcode", None) in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
            raise StorageUnusable(f"{engine.url.database} is no SQLite database, or a damaged one.") from error
        raise


# Serialisation failure, deadlock, lock not to be had in time.
_CONTENTION: Final = frozenset({"40001", "40P01", "55P03"})


def _is_contention(error: DBAPIError) -> bool:
    if isinstance(error.orig, sqlite3.OperationalError):
        # The lower byte of an error says what it is, the rest in which way.
        return error.orig.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return getattr(error.orig, "sqlstate", None) in _CONTENTION


def _may_pass(error: DBAPIError, engine: Engine) -> bool:
    """Tell a database in trouble from a statement in error, which SQLite's driver reports as the same class."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return error.orig.sqlite_errorcode != sqlite3.SQLITE_ERROR
    return isinstance(error.orig, engine.dialect.loaded_dbapi.OperationalError)


def insert_into(connection: Connection, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return an INSERT of the connection's dialect, with ON CONFLICT at hand."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    return postgresql.insert(table)
