"""How fast a store's history comes in and its customers' values go back, against the sample shop: our own figures."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import select

from connector.clock import utc_now
from connector.db import backfills, outbox, stores, tables, work
from connector.db.session import open_engine, reading, transaction
from connector.db.stores import Connecting, Store
from connector.db.vault import Vault
from jobs.context import Context
from jobs.worker import perform_in
from tests.databases import SqliteDatabases

NAME = "store-traffic"
_ROOT = Path(__file__).parent.parent
_KINDS = ("backfill", "score", "write_back")


def measure(*, quick: bool, work: Path) -> Iterator[dict[str, Any]]:
    """Measure 2,357 customers and 6,919 orders over HTTP (quick: 118 customers), on SQLite.

    One worker, one shop in a process of its own that answers at once: what a real store adds is its own time.
    """
    customers, turns = (118, 2) if quick else (2_357, 3)
    folder = work / NAME
    folder.mkdir()
    databases = SqliteDatabases(folder)
    found: list[dict[str, Any]] = []
    for _ in range(turns):
        with _shop(customers) as facts, databases.migrated() as url:
            found.append(_one_store(url, facts))
    for kind in _KINDS:
        seconds = [turn["seconds"][kind] for turn in found]
        middle = statistics.median(seconds)
        yield {
            "name": NAME,
            "what": kind,
            "size": customers,
            "orders": found[0]["orders"],
            "ours": {
                "seconds": {"median": round(middle, 3), "min": min(seconds), "max": max(seconds), "n": len(seconds)}
            },
            "customers_a_second": round(customers / middle),
            "requests": found[0]["requests"][kind],
        }


@contextmanager
def _shop(customers: int) -> Iterator[dict[str, Any]]:
    command = [sys.executable, "-m", "tests.sample_shop", "--customers", str(customers)]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield json.loads(process.stdout.readline() if process.stdout else "")
        finally:
            process.terminate()


class _Offered:
    """Where the queue would be: remembers what was offered, in order."""

    def __init__(self) -> None:
        self.ids: deque[tuple[int, str]] = deque()

    def offer(self, work_id: int, job: str) -> bool:
        self.ids.append((work_id, job))
        return True

    def lengths(self) -> dict[str, int]:
        return {"swift": len(self.ids)}


def _one_store(url: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Connect a store, do all that is owed to it, and return the seconds and requests of each kind of job."""
    engine, vault, queue = open_engine(url), Vault(Fernet.generate_key().decode()), _Offered()
    context = Context(engine, vault, queue, utc_now)
    with transaction(engine) as connection:
        store = stores.connect(connection, _connecting(facts), vault, utc_now())
        backfills.start(connection, store.id, utc_now())
        queue.offer(work.want(connection, store.id, "backfill", "", utc_now()), "backfill")
    seconds, requests = dict.fromkeys(_KINDS, 0.0), dict.fromkeys(_KINDS, 0)
    while queue.ids:
        work_id, job = queue.ids.popleft()
        before, started = _requests(context, store), time.perf_counter()
        perform_in(context, work_id)
        seconds[job] += time.perf_counter() - started
        requests[job] += _requests(context, store) - before
    with reading(engine) as connection:
        states = outbox.counts(connection, store.id)
    engine.dispose()
    if states["waiting"] or states["refused"] or not states["written"]:
        raise ValueError(f"the store does not hold what it should: {states}")
    rounded = {kind: round(value, 3) for kind, value in seconds.items()}
    return {"seconds": rounded, "requests": requests, "orders": facts["orders"]}


def _requests(context: Context, store: Store) -> int:
    with reading(context.engine) as connection:
        return int(connection.execute(select(tables.stores.c.rest_requests).filter_by(id=store.id)).scalar_one())


def _connecting(facts: dict[str, Any]) -> Connecting:
    return Connecting(
        "st_benchmark",
        facts["url"],
        facts["rest_url"],
        facts["consumer_key"],
        facts["consumer_secret"],
        f"whsec_{'0' * 32}",
        facts["currency"],
        facts["timezone"],
        {},
    )
