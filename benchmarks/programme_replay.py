"""A whole history of 100,000 orders played through a programme, and the job that compares two of them on SQLite."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import made_up
from benchmarks.measuring import Arrays, Plan, Task, compare

NAME = "programme-replay"
_ROOT = Path(__file__).parent.parent
_NOW = datetime(1970, 1, 1, 12, tzinfo=UTC) + timedelta(days=made_up.AS_OF)


def programme() -> Any:
    """A programme that uses what costs time: tiers with factors, a promotion, rounding by line, expiry, holds."""
    from connector.domain.programme import Programme, Tier
    from connector.domain.programme.earning import EarningRules, Multiplier, RoundingPer
    from connector.domain.programme.ladder import Benefits, Ladder
    from connector.domain.programme.points import ExpiryBasis, ExpiryRules

    double = Multiplier("weeks", Decimal(2), products=frozenset({3}), from_day=_NOW.date() - timedelta(days=90))
    return Programme(
        version=2,
        earning=EarningRules(hold_days=14, rounding_per=RoundingPer.LINE, multipliers=(double,)),
        expiry=ExpiryRules(ExpiryBasis.EARNED, months=12),
        ladder=Ladder(
            tiers=(
                Tier("member", 0),
                Tier("silver", 150, Benefits(multiplier=Decimal("1.25"))),
                Tier("gold", 400, Benefits(multiplier=Decimal("1.5"))),
            )
        ),
    )


def ours(data: Path) -> Task:
    """Every customer's orders, of three lines each with tax and shipping, played from the first to today."""
    from connector.domain.simulation import Setting, play

    histories = list(_histories(made_up.Orders(*np.load(data / "orders.npy"))))
    setting, rules = Setting("USD", UTC, _NOW), programme()

    def run() -> Any:
        return [play(history, rules, setting) for history in histories]

    def outcome(played: Any) -> Arrays:
        return {"issued": np.array([sum(lot.points for lot in one.lots) for one in played])}

    return Task(run, outcome)


def _histories(orders: made_up.Orders) -> Iterator[Any]:
    from connector.domain.simulation import History

    rows = sorted(zip(*(column.tolist() for column in orders), range(len(orders.day)), strict=True))
    for customer, theirs in groupby(rows, key=lambda row: row[0]):
        yield History(customer, [_order(number, day, value) for _, day, value, number in theirs])


def _order(number: int, day: int, value: int) -> Any:
    from connector.domain.earning import OrderFacts
    from connector.domain.earnings import PlacedOrder
    from connector.domain.orders import OrderLine
    from connector.domain.worth import Amounts

    at = datetime(1970, 1, 1, 10, tzinfo=UTC) + timedelta(days=day)
    third, tax = value // 3, value // 20
    lines = tuple(OrderLine(line, line, 0, 1, third, tax // 3) for line in (1, 2, 3))
    amounts = Amounts(value + tax + 490, tax, 490, 0, lines)
    return PlacedOrder(number, at, OrderFacts("completed", "USD", "USD", amounts, at.date()))


def measure(*, quick: bool, work: Path) -> Iterator[dict[str, Any]]:
    """Measure 100,000 orders (quick: 5,000): the rules alone, then the whole `simulate` job of a store on SQLite."""
    size = 5_000 if quick else 100_000
    data = work / NAME
    data.mkdir()
    np.save(data / "orders.npy", np.stack(made_up.rows(size, seed=5)))
    timed = compare([Plan("programme_replay:ours", 1 if quick else 3)], data)["programme_replay:ours"]
    figures = timed.to_json()
    yield {
        "name": NAME,
        "part": "rules",
        "size": size,
        "customers": len(timed.outcome["issued"]),
        "ours": figures,
        "orders_per_second": round(size / figures["seconds"]["median"]),
        "orders_per_cpu_second": round(size / figures["cpu_seconds"]),
    }
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.programme_replay", str(data), str(size // 5)],
        cwd=_ROOT,
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    yield {"name": NAME, "part": "job", "database": "sqlite", **json.loads(done.stdout.splitlines()[-1])}


def _job(folder: Path, customers: int) -> dict[str, Any]:
    """Load a store, simulate a programme on it in this process, and return the line."""
    from cryptography.fernet import Fernet

    from benchmarks.bulk_store import NIGHT, load
    from benchmarks.measuring import peak_mb
    from connector.db import simulations, work
    from connector.db.session import open_engine, reading, transaction
    from connector.db.vault import Vault
    from connector.domain.programme.document import to_document
    from connector.queueing import NoQueue
    from jobs.context import Context
    from jobs.worker import perform_in
    from tests.databases import SqliteDatabases

    with SqliteDatabases(folder).migrated() as url:
        engine, vault = open_engine(url), Vault(Fernet.generate_key().decode())
        loaded = load(engine, vault, customers)
        with transaction(engine) as connection:
            asked = simulations.ask(connection, loaded.store.id, to_document(programme()), NIGHT)
            work_id = work.want(connection, loaded.store.id, "simulate", asked, NIGHT)
        started, worked = time.perf_counter(), time.process_time()
        finished = perform_in(Context(engine, vault, NoQueue(), lambda: NIGHT), work_id)
        seconds, cpu = time.perf_counter() - started, time.process_time() - worked
        with reading(engine) as connection:
            row = simulations.of(connection, loaded.store.id, asked)
        engine.dispose()
    return {
        "size": loaded.orders,
        "customers": row.result["customers"] if row and row.result else 0,
        "finished": finished,
        "n": 1,
        "seconds": round(seconds, 2),
        "cpu_seconds": round(cpu, 2),
        "peak_mb": round(peak_mb(), 1),
    }


if __name__ == "__main__":
    print(json.dumps(_job(Path(sys.argv[1]), int(sys.argv[2]))))
