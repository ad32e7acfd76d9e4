"""Where a job's time goes: reading the database, computing, writing. And how its memory grows meanwhile."""

from __future__ import annotations

import functools
import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread, current_thread, main_thread
from types import ModuleType
from typing import Any

from sqlalchemy import Engine, event, update

import connector.db
from benchmarks.measuring import memory_mb
from connector.db import tables
from connector.db.session import StorageUnavailable, transaction

_APART = {"connector.db.session", "connector.db.migrate", "connector.db.tables", "connector.db.vault"}
_WRITES = ("INSERT", "UPDATE", "DELETE", "COPY", "BEGIN IMMEDIATE", "CREATE TEMP")


class Stopwatch:
    """Splits the main thread's time. Everything that is not a call into `connector.db` or a commit is computing.

    A call that changes anything counts as writing, whole; fetching rows counts as reading, streams included.
    """

    def __init__(self, engine: Engine) -> None:
        self.seconds = {"read": 0.0, "write": 0.0}
        self._depth = 0
        self._writes = False
        for module in pkgutil.iter_modules(connector.db.__path__, "connector.db."):
            if module.name not in _APART and not module.ispkg:
                self._wrap(importlib.import_module(module.name))
        event.listen(engine, "before_cursor_execute", self._before_statement)
        event.listen(engine, "after_cursor_execute", self._after_statement)
        dialect: Any = engine.dialect
        dialect.do_commit = self._timed(dialect.do_commit, "write")

    def split(self, total: float) -> dict[str, float]:
        """Return the seconds of each kind since the last call, given how many have passed, and start anew."""
        read, write = self.seconds["read"], self.seconds["write"]
        self.seconds = {"read": 0.0, "write": 0.0}
        found = {"total": total, "read": read, "compute": total - read - write, "write": write}
        return {kind: round(seconds, 2) for kind, seconds in found.items()}

    def _wrap(self, module: ModuleType) -> None:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            takes = next(iter(inspect.signature(function).parameters), "")
            if function.__module__ == module.__name__ and takes in {"connection", "engine"}:
                setattr(module, name, self._timed(function))

    def _timed(self, function: Callable[..., Any], kind: str | None = None) -> Callable[..., Any]:
        @functools.wraps(function)
        def call(*args: Any, **kwargs: Any) -> Any:
            if self._depth or current_thread() is not main_thread():
                return function(*args, **kwargs)
            answer = self._clocked(kind, lambda: function(*args, **kwargs))
            return self._stream(answer) if inspect.isgenerator(answer) else answer

        return call

    def _clocked(self, kind: str | None, action: Callable[[], Any]) -> Any:
        self._depth, self._writes, started = 1, False, time.perf_counter()
        try:
            return action()
        finally:
            self._depth = 0
            self.seconds[kind or ("write" if self._writes else "read")] += time.perf_counter() - started

    def _stream(self, rows: Iterator[Any]) -> Iterator[Any]:
        ended = object()
        while (row := self._clocked(None, lambda: next(rows, ended))) is not ended:
            yield row

    def _before_statement(self, *given: Any) -> None:
        statement, context = given[2], given[4]
        self._writes |= statement.lstrip().upper().startswith(_WRITES)
        if context is not None:
            context.started = time.perf_counter()

    def _after_statement(self, *given: Any) -> None:
        """A statement outside any call: a transaction's beginning, for one."""
        statement, context = given[2], given[4]
        if context is None or self._depth or current_thread() is not main_thread():
            return
        kind = "write" if statement.lstrip().upper().startswith(_WRITES) else "read"
        self.seconds[kind] += time.perf_counter() - context.started


class MemoryCurve:
    """Looks at this process's memory every so often while the block runs."""

    def __init__(self, every_seconds: float = 0.25) -> None:
        self.samples: list[float] = []
        self._every = every_seconds
        self._ended = Event()
        self._thread = Thread(target=self._look, daemon=True)

    def __enter__(self) -> MemoryCurve:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def tenths(self) -> list[int]:
        """Return eleven looks in MB, evenly spread from the start to the end."""
        if not self.samples:
            return []
        last = len(self.samples) - 1
        return [round(self.samples[last * n // 10]) for n in range(11)]

    def _look(self) -> None:
        self.samples.append(memory_mb())
        while not self._ended.wait(self._every):
            self.samples.append(memory_mb())


class Bystander:
    """Another writer, as a delivery is: asks for the write lock twice a second and notes how long it waits."""

    def __init__(self, engine: Engine) -> None:
        self.waits: list[float] = []
        self._engine = engine
        self._ended = Event()
        self._thread = Thread(target=self._write, daemon=True)

    def __enter__(self) -> Bystander:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()

    def to_json(self) -> dict[str, float]:
        """Return the median and the longest wait in seconds."""
        if not self.waits:
            return {}
        waited = sorted(self.waits)
        return {
            "median": round(waited[len(waited) // 2], 3),
            "max": round(waited[-1], 3),
            "n": len(waited),
        }

    def _write(self) -> None:
        nothing = update(tables.stores).where(tables.stores.c.id == 0).values(last_error=None)
        while not self._ended.wait(0.5):
            started = time.perf_counter()
            with suppress(StorageUnavailable), transaction(self._engine) as connection:
                connection.execute(nothing)
            self.waits.append(time.perf_counter() - started)
