"""Ten million order rows into one history per customer, with RFM: ours against lifetimes and against pandas."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks import made_up
from benchmarks.measuring import Arrays, Plan, Task, Timed, compare, pair

NAME = "order-histories"


def ours(data: Path) -> Task:
    """Histories, RFM cut-points and scores."""
    from connector.domain.history import purchase_histories
    from connector.domain.rfm import rfm_cutpoints, score_rfm

    orders = _load(data)

    def run() -> Any:
        histories = purchase_histories(*orders, made_up.AS_OF)
        return histories, score_rfm(histories, rfm_cutpoints(histories))

    def outcome(result: Any) -> Arrays:
        h = result[0]
        return {"customer": h.customer, "x": h.x, "t_x": h.t_x, "T": h.T, "value": h.value_total}

    return Task(run, outcome)


def lifetimes(data: Path) -> Task:
    """Its `summary_data_from_transaction_data` alone: no scores."""
    import warnings

    warnings.simplefilter("ignore")
    from lifetimes.utils import summary_data_from_transaction_data

    frame = _frame(data)
    end = np.datetime64(made_up.AS_OF, "D")

    def run() -> Any:
        return summary_data_from_transaction_data(
            frame, "customer", "date", monetary_value_col="value", observation_period_end=str(end), freq="D"
        )

    def outcome(result: Any) -> Arrays:
        columns = {"x": result["frequency"], "t_x": result["recency"], "T": result["T"]}
        return {"customer": result.index.to_numpy()} | {name: _whole(column) for name, column in columns.items()}

    return Task(run, outcome)


def pandas(data: Path) -> Task:
    """What an analyst writes: two groupings for the history, rank quintiles for the scores."""
    import pandas as pd

    frame = _frame(data)
    end = pd.Timestamp(np.datetime64(made_up.AS_OF, "D"))

    def run() -> Any:
        days = frame.groupby(["customer", "date"], as_index=False)["value"].sum()
        summary = days.groupby("customer").agg(
            first=("date", "min"), last=("date", "max"), frequency=("date", "size"), monetary=("value", "sum")
        )
        summary["t_x"] = (summary["last"] - summary["first"]).dt.days
        summary["T"] = (end - summary["first"]).dt.days
        summary["recency"] = (end - summary["last"]).dt.days
        for name, ascending in (("recency", False), ("frequency", True), ("monetary", True)):
            rank = summary[name].rank(pct=True, ascending=ascending)
            summary[f"{name}_score"] = np.ceil(rank * 5).astype(int)
        return summary

    def outcome(summary: Any) -> Arrays:
        return {
            "customer": summary.index.to_numpy(),
            "x": _whole(summary["frequency"]) - 1,
            "t_x": _whole(summary["t_x"]),
            "T": _whole(summary["T"]),
            "value": _whole(summary["monetary"]),
        }

    return Task(run, outcome)


def measure(*, quick: bool, work: Path) -> Iterator[dict[str, Any]]:
    """Measure on 10,000,000 rows (quick: 500,000) of made-up customers who buy often."""
    size = 500_000 if quick else 10_000_000
    data = work / NAME
    data.mkdir()
    np.save(data / "orders.npy", np.stack(made_up.rows(size, seed=2)))
    found = compare(
        [
            Plan("order_histories:ours", 5),
            Plan("order_histories:pandas", 3),
            Plan("order_histories:lifetimes", 3, warm_up=False),
        ],
        data,
    )
    mine = found["order_histories:ours"]
    for name in ("lifetimes", "pandas"):
        peer = found[f"order_histories:{name}"]
        agree(mine, peer)
        yield pair(NAME, size, mine, peer, name) | {"customers": len(mine.outcome["customer"])}


def agree(mine: Timed, peer: Timed) -> None:
    """Raise ValueError where any customer's history is not the very same."""
    for name, column in peer.outcome.items():
        if not np.array_equal(mine.outcome[name], column):
            raise ValueError(f"{name}: ours and the peer's are not the same for every customer")


def _whole(column: Any) -> made_up.Ints:
    values: made_up.Ints = column.to_numpy().astype(np.int64)
    return values


def _load(data: Path) -> made_up.Orders:
    return made_up.Orders(*np.load(data / "orders.npy"))


def _frame(data: Path) -> Any:
    import pandas as pd

    orders = _load(data)
    dates = orders.day.astype("datetime64[D]").astype("datetime64[ns]")
    return pd.DataFrame({"customer": orders.customer, "date": dates, "value": orders.value})
