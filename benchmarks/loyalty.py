"""What points cost: postings a second, and the award of one order with its tier and coupon decision."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import Engine, func, insert, select, text

from benchmarks.bulk_store import NIGHT, load
from benchmarks.nightly_run import databases
from connector.db import accounts, lots, orders, programmes, stores, work
from connector.db.lots import LotFacts
from connector.db.session import open_engine, reading, transaction
from connector.db.stores import Store
from connector.db.tables import customers, postings
from connector.db.vault import Vault
from connector.domain.orders import CountingRules, OrderState

NAME = "loyalty"
_ROOT = Path(__file__).parent.parent
_PAGE = 100
_WARM_UP = 20
_SEED = 11


def measure(*, quick: bool, work: Path) -> Iterator[dict[str, Any]]:
    """Measure on each database: 20,000 postings by the page (quick: 2,000), then the same again as refunds take them
    back; and 300 awards (quick: 40), one by one, in a store of 20,000 customers (quick: 1,000) with a history."""
    for name, made_databases in databases(work, NAME):
        with made_databases as made:
            for task, size in (("postings", 2_000 if quick else 20_000), ("awards", 1_000 if quick else 20_000)):
                with made.migrated() as url:
                    command = [sys.executable, "-m", "benchmarks.loyalty", url, task, str(size), str(int(quick))]
                    done = subprocess.run(command, cwd=_ROOT, stdout=subprocess.PIPE, check=True, text=True)
                    for line in done.stdout.splitlines():
                        yield {"name": NAME, "database": name, "size": size, **json.loads(line)}


@dataclass
class _Laps:
    """Seconds of the clock and of the processor, lap by lap."""

    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    @contextmanager
    def lap(self) -> Iterator[None]:
        started, worked = time.perf_counter(), time.process_time()
        yield
        self.seconds.append(time.perf_counter() - started)
        self.cpu.append(time.process_time() - worked)


def _postings(engine: Engine, vault: Vault, size: int) -> Iterator[dict[str, Any]]:
    """Book what ``size`` orders of a fifth as many customers earn, by the page, and then half of it back."""
    store = load(engine, vault, 1).store
    with transaction(engine) as connection:
        rows = [{"store_id": store.id, "wc_id": 1_000_000 + number} for number in range(size // 5)]
        people = list(connection.execute(insert(customers).returning(customers.c.id), rows).scalars())
    turns = random.Random(_SEED).sample(people * 5, size)
    _book(engine, store, turns[: size // 10], 90, _Laps())
    # What a database does by itself within a minute: until then it takes tables for empty that are not.
    with engine.begin() as connection:
        connection.execute(text("ANALYZE"))
    engine.dispose()
    for part, points in (("earn", 120), ("clawback", 60)):
        before, laps = _count(engine), _Laps()
        _book(engine, store, turns, points, laps)
        made = _count(engine) - before
        yield {
            "part": part,
            "postings": made,
            "a_second": round(made / sum(laps.seconds)),
            "a_cpu_second": round(made / sum(laps.cpu)),
            "seconds": round(sum(laps.seconds), 2),
        }


def _book(engine: Engine, store: Store, turns: Sequence[int], points: int, laps: _Laps) -> None:
    for start in range(0, len(turns), _PAGE):
        page = range(start, min(start + _PAGE, len(turns)))
        with laps.lap(), transaction(engine) as connection:
            versions = programmes.every(connection, store.id)
            facts = [_lot(store, turns[number], number, points) for number in page]
            accounts.settle(connection, store, versions, lots.save(connection, store.id, facts), NIGHT)


def _lot(store: Store, customer: int, number: int, points: int) -> LotFacts:
    earned_at = NIGHT - timedelta(days=number % 300)
    return LotFacts(
        customer, f"adjustment:{number}", points, earned_at, earned_at, None, 1, store.currency, f"order {number}"
    )


def _count(engine: Engine) -> int:
    with reading(engine) as connection:
        return connection.execute(select(func.count()).select_from(postings)).scalar_one()


def _awards(engine: Engine, vault: Vault, size: int, *, quick: bool) -> Iterator[dict[str, Any]]:
    """Award new orders of scored customers, one by one, as a worker does it after each delivery."""
    from connector.queueing import NoQueue
    from jobs.context import Context
    from jobs.worker import perform_in

    store = load(engine, vault, size).store
    context = Context(engine, vault, NoQueue(), lambda: NIGHT)
    with transaction(engine) as connection:
        scoring = work.want(connection, store.id, "score", "", NIGHT)
    perform_in(context, scoring)
    laps, drawn = _Laps(), random.Random(_SEED)
    for number in range(_WARM_UP + (40 if quick else 300)):
        wc_id = 10_000_000 + number
        with transaction(engine) as connection:
            store = stores.by_id(connection, store.id)
            state = _order(wc_id, drawn.randrange(size), drawn.randrange(1_000, 30_000))
            orders.save(connection, store, CountingRules(), [orders.Observed(state, NIGHT)])
            award = work.want(connection, store.id, "award", f"order:{wc_id}", NIGHT)
        with laps.lap():
            perform_in(context, award)
    milliseconds = sorted(1_000 * lap for lap in laps.seconds[_WARM_UP:])
    yield {
        "part": "award",
        "n": len(milliseconds),
        "milliseconds": {
            "median": round(statistics.median(milliseconds), 2),
            "p95": round(milliseconds[int(0.95 * len(milliseconds))], 2),
            "min": round(milliseconds[0], 2),
            "max": round(milliseconds[-1], 2),
        },
        "cpu_milliseconds": round(1_000 * statistics.median(laps.cpu[_WARM_UP:]), 2),
    }


def _order(wc_id: int, customer: int, total: int) -> OrderState:
    return OrderState(
        wc_id=wc_id,
        status="completed",
        currency="USD",
        total=total,
        tax=0,
        shipping=0,
        wc_customer_id=0,
        email=f"customer{customer + 1}@example.com",
        ordered_at=NIGHT,
        modified_at=NIGHT,
    )


def main() -> None:
    url, task, size, quick = sys.argv[1:]
    engine, vault = open_engine(url), Vault(Fernet.generate_key().decode())
    measured = (
        _postings(engine, vault, int(size))
        if task == "postings"
        else _awards(engine, vault, int(size), quick=bool(int(quick)))
    )
    for line in measured:
        print(json.dumps(line), flush=True)
    engine.dispose()


if __name__ == "__main__":
    main()
