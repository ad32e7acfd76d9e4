"""How good predictions were, once it is known what happened."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import rankdata

from connector.domain.arrays import Floats

_GROUPS = 10


@dataclass(frozen=True, slots=True)
class Accuracy:
    """Errors of one prediction of orders and revenue over a period, per customer unless it says otherwise.

    bias and revenue_bias: of the totals, as a share of what happened; None where nothing did. top_recall: how many
    of the tenth with the most revenue were among the tenth predicted to have it. auc: probability that a customer
    who ordered was ranked above one who did not. calibration: tenths by predicted orders, each (predicted mean,
    actual mean). Predicting zero has a good mae: never judge by it alone.
    """

    customers: int
    orders: int
    predicted_orders: float
    bias: float | None
    mae: float
    rmse: float
    revenue_bias: float | None
    revenue_mae: float
    top_recall: float | None
    auc: float | None
    calibration: tuple[tuple[float, float], ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure(
    predicted_orders: npt.ArrayLike, predicted_revenue: npt.ArrayLike, orders: npt.ArrayLike, revenue: npt.ArrayLike
) -> Accuracy:
    """Compare one row per customer. Revenue in any one unit. Raises ValueError where lengths differ or are 0."""
    expected, worth, happened, paid = (
        np.asarray(column, dtype=np.float64) for column in (predicted_orders, predicted_revenue, orders, revenue)
    )
    if not expected.shape == worth.shape == happened.shape == paid.shape or not expected.size:
        raise ValueError("predictions and outcomes must be columns of one length, with at least one customer")
    return Accuracy(
        customers=expected.size,
        orders=int(happened.sum()),
        predicted_orders=float(expected.sum()),
        bias=_share(expected, happened),
        mae=float(np.mean(np.abs(expected - happened))),
        rmse=float(np.sqrt(np.mean((expected - happened) ** 2))),
        revenue_bias=_share(worth, paid),
        revenue_mae=float(np.mean(np.abs(worth - paid))),
        top_recall=_top_recall(worth, paid),
        auc=_auc(expected, happened > 0),
        calibration=_calibration(expected, happened),
    )


def _share(predicted: Floats, actual: Floats) -> float | None:
    total = float(actual.sum())
    return float(predicted.sum()) / total - 1.0 if total > 0 else None


def _top_recall(predicted: Floats, actual: Floats) -> float | None:
    tenth = min(-(-actual.size // _GROUPS), int(np.count_nonzero(actual > 0)))
    if not tenth:
        return None
    best, chosen = (np.argsort(-column, kind="stable")[:tenth] for column in (actual, predicted))
    return np.intersect1d(best, chosen).size / tenth


def _auc(score: Floats, ordered: npt.NDArray[np.bool_]) -> float | None:
    yes, no = int(np.count_nonzero(ordered)), int(np.count_nonzero(~ordered))
    if not yes or not no:
        return None
    ranks = float(np.sum(rankdata(score)[ordered]))
    return (ranks - yes * (yes + 1) / 2) / (yes * no)


def _calibration(predicted: Floats, actual: Floats) -> tuple[tuple[float, float], ...]:
    order = np.argsort(predicted, kind="stable")
    groups = np.array_split(order, min(_GROUPS, order.size))
    return tuple((float(predicted[group].mean()), float(actual[group].mean())) for group in groups)
