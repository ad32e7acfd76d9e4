"""`python -m benchmarks`: run the measurements and print one JSON line for each."""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import os
import platform
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks import loyalty, nightly_run, order_histories, programme_replay, store_traffic, value_models

_MEASUREMENTS = {
    module.NAME: module.measure
    for module in (value_models, order_histories, nightly_run, loyalty, programme_replay, store_traffic)
}
_PACKAGES = ("numpy", "scipy", "pandas", "lifetimes", "sqlalchemy", "psycopg")
_ABOUT = """\
Measurements, each printed as JSON lines while they come:

  value-models     fit BG/NBD and Gamma-Gamma, score everybody, value twelve months: ours and lifetimes
                   at 2,357 and 23,570 real customers (CDNOW), 100,000 and 1,000,000 made-up ones
  order-histories  10,000,000 order rows into histories with RFM: ours, lifetimes' summary alone, pandas
  nightly-run      the whole scoring run of a store with 1,000,000 customers and 5,000,000 orders, on SQLite
                   and on PostgreSQL, split into read, compute and write
  loyalty          postings a second, and the award of one order with its tier and coupon decision, on SQLite
                   and on PostgreSQL: our own figure
  programme-replay 100,000 orders played through a programme with tiers, factors and expiry, and the whole job
                   that compares it with the one in force: our own figure
  store-traffic    backfill and write-back against the sample shop: customers a second, our own figure

Each contender runs in processes of its own, ours and the peer's turn and turn about, so that peak memory is its own
and a busy machine slows both. Before a time is printed the two results are held against each other; where they are
not the same answer the run ends with an error and no figure. Data are made up from fixed seeds, or CDNOW's.

In a line: `seconds` has median, min, max and n; `peak_mb` is the largest memory of the process, libraries and data
included; `loaded_mb` the same before the first run; `times_as_fast` the peer's median over ours.
"""


def main() -> None:
    """Run what was asked for."""
    given = _arguments()
    if given.core is not None:
        os.sched_setaffinity(0, {given.core})
        os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    common = _circumstances(given)
    with tempfile.TemporaryDirectory(prefix="regulars-bench-", dir=given.work) as folder:
        for name in given.only or _MEASUREMENTS:
            for line in _lines(name, given, Path(folder)):
                print(json.dumps({**line, **common, "load": round(os.getloadavg()[0], 2)}), flush=True)


def _lines(name: str, given: argparse.Namespace, work: Path) -> Iterator[dict[str, Any]]:
    more = (
        {"minutes": given.minutes, "database": given.database, "customers": given.customers}
        if name == nightly_run.NAME
        else {}
    )
    lines: Iterator[dict[str, Any]] = _MEASUREMENTS[name](quick=given.quick, work=work, **more)
    return lines


def _circumstances(given: argparse.Namespace) -> dict[str, Any]:
    versions = {name: importlib.metadata.version(name) for name in _PACKAGES}
    return {
        "quick": given.quick,
        "core": given.core,
        "versions": {"python": platform.python_version(), **versions},
        "machine": f"{platform.machine()}, {os.cpu_count()} cores",
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description="How fast the value engine and the nightly run are, beside what people use instead.",
        epilog=_ABOUT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--only", action="append", choices=list(_MEASUREMENTS), help="this one; may be given again")
    parser.add_argument("--quick", action="store_true", help="about a twentieth of the size: to see that it works")
    parser.add_argument("--core", type=int, help="keep everything on this one core (Linux)")
    parser.add_argument("--work", type=Path, help="where data and databases go meanwhile (10 GB; default: temporary)")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], help="nightly-run on this one only")
    parser.add_argument("--customers", type=int, help="nightly-run with so many, and five times as many orders")
    parser.add_argument(
        "--minutes",
        type=float,
        default=nightly_run.MINUTES,
        help="give up a night after so long (default: %(default)s, as the queue does)",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
