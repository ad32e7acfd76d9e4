"""Fit, score and value customers for twelve months (BG/NBD with Gamma-Gamma): ours against lifetimes."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import made_up
from benchmarks.measuring import Arrays, Plan, Task, Timed, compare, pair
from connector.domain.arrays import Floats, Ints
from connector.domain.history import Histories, epoch_day, purchase_histories

NAME = "value-models"
_SAMPLE = 2_000
_DATA = Path(__file__).parent.parent / "tests" / "data"
_CDNOW_END = epoch_day(date(1997, 9, 30))
_PARAMETERS = 1e-3
_PREDICTIONS = 5e-3


def ours(data: Path) -> Task:
    """The maximum-likelihood fit and the predictions of every customer, as a scoring run makes them."""
    from connector.domain import clv
    from connector.domain.terms import ValueTerms

    histories = _load(data)

    def run() -> Any:
        fitted = clv.fit(histories, ValueTerms(), priors=False).fitted
        return clv.predict_with(fitted, histories)

    def outcome(estimates: Any) -> Arrays:
        model, spending = estimates.fitted.purchases, estimates.fitted.spending
        some = _some(histories.value_mean)
        return {
            "bg_nbd": np.array(list(model.parameters.values())),
            "gamma_gamma": np.array([spending.p, spending.q, spending.gamma]),
            "p_alive": estimates.p_alive[some],
            "orders": estimates.expected_orders[some],
            "value": estimates.expected_value[some],
        }

    return Task(run, outcome)


def lifetimes(data: Path) -> Task:
    """What its documentation shows: fit BG/NBD, fit Gamma-Gamma, twelve months' value, P(alive).

    Gamma-Gamma is fitted on the same order counts and means as ours, so that the parameters must agree.
    """
    import warnings

    warnings.simplefilter("ignore")  # it says much about pandas and nothing about its results
    import pandas as pd
    from lifetimes import BetaGeoFitter, GammaGammaFitter

    h = _load(data)
    frame = pd.DataFrame({"x": h.x, "t_x": h.t_x, "T": h.T, "orders": h.x + 1, "mean": h.value_mean / 100})
    del h

    def run() -> Any:
        buying = BetaGeoFitter().fit(frame["x"], frame["t_x"], frame["T"])
        paying = frame[frame["mean"] > 0]  # it refuses others
        spending = GammaGammaFitter().fit(paying["orders"], paying["mean"])
        clv = spending.customer_lifetime_value(
            buying, frame["x"], frame["t_x"], frame["T"], frame["mean"], time=12, freq="D"
        )
        alive = buying.conditional_probability_alive(frame["x"], frame["t_x"], frame["T"])
        return buying, spending, clv, alive

    def outcome(result: Any) -> Arrays:
        buying, spending, _, alive = result
        some = _some(frame["mean"].to_numpy())
        part = frame.iloc[some]
        return {
            "bg_nbd": buying.params_.to_numpy(),
            "gamma_gamma": spending.params_.to_numpy() * np.array([1.0, 1.0, 100.0]),
            "p_alive": np.asarray(alive)[some],
            "orders": np.asarray(buying.predict(_HORIZON, part["x"], part["t_x"], part["T"])),
            "value": spending.conditional_expected_average_profit(part["orders"], part["mean"]).to_numpy() * 100,
        }

    return Task(run, outcome)


_HORIZON = 365.25  # days in twelve of our months


def _some(mean: Floats) -> Ints:
    """Rows to compare customer by customer: some of those who paid anything."""
    paying = np.flatnonzero(mean > 0)
    return paying[:: max(1, len(paying) // _SAMPLE)]


def measure(*, quick: bool, work: Path) -> Iterator[dict[str, Any]]:
    """Measure at 2,357 and 23,570 real customers (CDNOW to 1997-09-30), 100,000 and 1,000,000 made-up ones."""
    for size in _sizes(quick):
        data = work / f"{NAME}-{size}"
        data.mkdir()
        _save(data, _histories(size))
        small = size < 50_000
        processes = 3 if small or quick else 5
        found = compare(
            [
                Plan("value_models:ours", processes, repeats=5 if small else 3),
                Plan("value_models:lifetimes", 3, repeats=3 if small else 1, warm_up=small),
            ],
            data,
        )
        mine, peer = found["value_models:ours"], found["value_models:lifetimes"]
        yield pair(NAME, size, mine, peer, "lifetimes") | {"differs": agree(mine, peer)}


def agree(mine: Timed, peer: Timed) -> dict[str, float]:
    """Return by how much the results differ. Raises ValueError where they are not the same answer."""
    differs = {}
    for name, allowed in (
        ("bg_nbd", _PARAMETERS),
        ("gamma_gamma", _PARAMETERS),
        ("p_alive", _PREDICTIONS),
        ("orders", _PREDICTIONS),
        ("value", _PREDICTIONS),
    ):
        one, other = mine.outcome[name], peer.outcome[name]
        differs[name] = float(np.max(np.abs(one - other) / np.maximum(np.abs(other), 1e-3)))
        if not differs[name] <= allowed:
            raise ValueError(f"{name}: ours and the peer's differ by {differs[name]:.2g}, more than {allowed:g}")
    return {name: float(f"{value:.2g}") for name, value in differs.items()}


def _sizes(quick: bool) -> tuple[int, ...]:
    return (2_357, 5_000, 50_000) if quick else (2_357, 23_570, 100_000, 1_000_000)


def _histories(size: int) -> Histories:
    if size in {2_357, 23_570}:
        return purchase_histories(*_cdnow("cdnow_sample.csv" if size == 2_357 else "cdnow_full.csv.gz"), _CDNOW_END)
    return purchase_histories(*made_up.orders_of(size, made_up.SELDOM, seed=1), made_up.AS_OF)


def _cdnow(name: str) -> made_up.Orders:
    path = _DATA / name
    content = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows = [
        (int(row["customer_id"]), epoch_day(date.fromisoformat(row["date"])), int(Decimal(row["amount"]) * 100))
        for row in csv.DictReader(content.splitlines())
    ]
    return made_up.Orders(*np.array(rows, dtype=np.int64).T)


_COLUMNS = tuple(name for name in Histories.__dataclass_fields__ if name != "as_of_day")


def _save(folder: Path, histories: Histories) -> None:
    np.savez(folder / "histories.npz", as_of_day=histories.as_of_day, **{c: getattr(histories, c) for c in _COLUMNS})


def _load(folder: Path) -> Histories:
    with np.load(folder / "histories.npz") as saved:
        return Histories(**{c: saved[c] for c in _COLUMNS}, as_of_day=int(saved["as_of_day"]))
