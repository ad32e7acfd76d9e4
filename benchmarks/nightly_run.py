"""The whole nightly run of one store, as a worker does it, on SQLite and on PostgreSQL."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import func, select, text

from benchmarks.bulk_store import NIGHT, load
from benchmarks.measuring import memory_mb, peak_mb
from benchmarks.postgres import InstalledCluster
from connector.db import work
from connector.db.session import open_engine, reading, transaction
from connector.db.tables import orders, standings, stores
from connector.db.vault import Vault
from tests.databases import Databases, PostgresDatabases, SqliteDatabases, find_binaries

NAME = "nightly-run"
_ROOT = Path(__file__).parent.parent
_NIGHTS = 2
# After this long the queue ends the job, so a night that takes longer is none.
MINUTES = 30


def measure(
    *, quick: bool, work: Path, minutes: float = MINUTES, database: str | None = None, customers: int | None = None
) -> Iterator[dict[str, Any]]:
    """Measure a store of 1,000,000 customers (quick: 50,000; or as many as asked for) and five times as many orders.

    The first night scores everybody for the first time: every row is new. The second is the night after it. Each
    database (or the one named) is loaded in one process and worked on in another, which gives up after so many
    minutes a night.
    """
    customers = customers or (50_000 if quick else 1_000_000)
    for name, made_databases in databases(work, NAME):
        if name != (database or name):
            continue
        with made_databases as made, made.migrated() as url:
            command = [sys.executable, "-m", "benchmarks.nightly_run", url]
            started = time.perf_counter()
            subprocess.run([*command, "load", str(customers)], cwd=_ROOT, check=True)
            loaded = round(time.perf_counter() - started, 1)
            child = subprocess.Popen([*command, "work", str(minutes)], cwd=_ROOT, stdout=subprocess.PIPE, text=True)
            with child:
                for line in child.stdout or ():
                    yield {
                        "name": NAME,
                        "size": customers,
                        "database": name,
                        "load_seconds": loaded,
                        **json.loads(line),
                    }
            if child.returncode:
                raise subprocess.CalledProcessError(child.returncode, command)


def databases(work: Path, measurement: str) -> Iterator[tuple[str, Any]]:
    """Yield each kind of database by its name, on the disk under ``work``."""
    folder = work / measurement
    folder.mkdir()
    yield "sqlite", _sqlite(folder)
    binaries = find_binaries()
    if binaries is None:
        print("PostgreSQL is not installed, so there is no figure for it", file=sys.stderr)
    else:
        yield "postgresql", _postgresql(binaries, folder)


@contextmanager
def _sqlite(folder: Path) -> Iterator[Databases]:
    yield SqliteDatabases(folder)


@contextmanager
def _postgresql(binaries: Path, folder: Path) -> Iterator[Databases]:
    cluster = InstalledCluster(binaries, folder)
    try:
        cluster.start()
        with closing(PostgresDatabases(cluster)) as databases:
            yield databases
    finally:
        cluster.stop()


class _TooLong(BaseException):
    """Past the time a night may take; not an Exception, so that no job takes it for a failure that may pass."""


class _NoQueue:
    def offer(self, work_id: int, job: str) -> bool:
        return True

    def lengths(self) -> dict[str, int]:
        return {}


def _work(url: str, minutes: float) -> None:
    """Score the store night after night, and print a line for each."""
    from benchmarks.stopwatch import Bystander, MemoryCurve, Stopwatch
    from jobs.context import Context
    from jobs.worker import perform_in

    engine = open_engine(url)
    now = NIGHT
    context = Context(engine, Vault(Fernet.generate_key().decode()), _NoQueue(), lambda: now)
    stopwatch = Stopwatch(engine)
    signal.signal(signal.SIGALRM, _give_up)
    for night in range(1, _NIGHTS + 1):
        work_id = _want(context.engine, now)
        before = memory_mb()
        stopwatch.split(0)
        started, worked = time.perf_counter(), time.process_time()
        signal.alarm(int(minutes * 60))
        with MemoryCurve() as curve, Bystander(engine) as other:
            try:
                finished = perform_in(context, work_id)
            except _TooLong:
                finished = False
        signal.alarm(0)
        seconds = stopwatch.split(time.perf_counter() - started)
        line = {"night": night, "finished": finished, "n": 1, "seconds": seconds, **_held(engine, now)}
        line["cpu_seconds"] = round(time.process_time() - worked, 2)
        line["other_writer_waits"] = other.to_json()
        memory = {"start_mb": round(before, 1), "peak_mb": round(peak_mb(), 1), "tenths_mb": curve.tenths()}
        print(json.dumps(line | memory), flush=True)
        if not finished:
            break
        now += timedelta(days=1)
    engine.dispose()


def _give_up(*_: object) -> None:
    raise _TooLong


def _want(engine: Any, now: datetime) -> int:
    with transaction(engine) as connection:
        store_id = connection.execute(select(stores.c.id)).scalar_one()
        return work.want(connection, store_id, "score", "", now)


def _held(engine: Any, now: datetime) -> dict[str, Any]:
    with reading(engine) as connection:
        version = "SELECT sqlite_version()" if engine.dialect.name == "sqlite" else "SHOW server_version"
        return {
            "orders": connection.execute(select(func.count()).select_from(orders)).scalar_one(),
            "scored": connection.execute(
                select(func.count()).select_from(standings).where(standings.c.scored_at == now)
            ).scalar_one(),
            "database_version": connection.execute(text(version)).scalar_one().split()[0],
        }


def main() -> None:
    url, task, argument = sys.argv[1:]
    if task == "work":
        _work(url, float(argument))
        return
    engine = open_engine(url)
    load(engine, Vault(Fernet.generate_key().decode()), int(argument))
    engine.dispose()


if __name__ == "__main__":
    main()
