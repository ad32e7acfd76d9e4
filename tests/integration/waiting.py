"""Two transactions at once, where PostgreSQL lets the one wait for the other."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from sqlalchemy import Connection, Engine, text

from connector.db.session import transaction

T = TypeVar("T")


def waiting(beside: Connection, deed: Callable[[], T]) -> Future[T]:
    """Begin a deed in a thread of its own, and return once somebody waits for a lock, or the deed has ended.

    What it returned, or died of, is known after ``beside``, which holds the lock, has ended.
    """
    pool = ThreadPoolExecutor(1)
    end = pool.submit(deed)
    pool.shutdown(wait=False)
    waits = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    while not end.done() and not beside.execute(waits).scalar_one():
        pass
    return end


def apart(engine: Engine, deed: Callable[[Connection], T]) -> Callable[[], T]:
    """Return a deed as one that is done in a transaction of its own."""

    def do() -> T:
        with transaction(engine) as connection:
            return deed(connection)

    return do
