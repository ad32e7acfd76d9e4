"""What customers' histories make of them: scores, segment, predictions and the value that counts for their tier."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from connector.domain import outlook
from connector.domain.arrays import Ints
from connector.domain.climbs import Climbs, climbs_of
from connector.domain.clv import Estimates, FittedValue, predict_with
from connector.domain.history import Histories, Orders, epoch_day
from connector.domain.money import average, exponent
from connector.domain.programme import Programme
from connector.domain.programme.ladder import TierBasis
from connector.domain.programme.scoring import Scoring, lookback_days
from connector.domain.rfm import RfmCutpoints, score_rfm
from connector.domain.segments import segments
from connector.domain.tiers import window_begins


@dataclass(frozen=True, slots=True)
class StoreFigures:
    """What is true of the store as a whole, in minor units; empty and 0 before the first scoring.

    ``clv_tenths`` are the nine values between the tenths of its customers by CLV, ``typical_order`` the average net
    value of an order.
    """

    clv_tenths: tuple[int, ...] = ()
    typical_order: int = 0


@dataclass(frozen=True, slots=True)
class Fitted:
    """What a scoring run leaves behind: enough to score one customer without fitting again.

    ``lookback_months``: how far back the cut-points looked (0: everything), as whoever is scored by them must.
    """

    cutpoints: RfmCutpoints
    value: FittedValue
    figures: StoreFigures = StoreFigures()
    lookback_months: int = 0

    def to_json(self) -> dict[str, Any]:
        return {
            "rfm": self.cutpoints.to_json(),
            "value": self.value.to_json(),
            "clv_tenths": list(self.figures.clv_tenths),
            "typical_order": self.figures.typical_order,
            "lookback_months": self.lookback_months,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Fitted":
        return cls(
            RfmCutpoints.from_json(stored["rfm"]),
            FittedValue.from_json(stored["value"]),
            StoreFigures(tuple(stored["clv_tenths"]), stored["typical_order"]),
            stored.get("lookback_months", 0),
        )


UNSCORED: Mapping[str, Any] = {
    "orders": 0,
    "recency_days": None,
    "frequency": 0,
    "monetary": 0,
    "window_value": 0,
    "rfm": "",
    "segment": "",
    "p_alive": None,
    "p_order_30d": None,
    "p_order_90d": None,
    "p_order_365d": None,
    "expected_orders": None,
    "clv": None,
    "clv_low": None,
    "clv_high": None,
    "next_order_from": None,
    "next_order_to": None,
    "basis": "none",
}
"""The columns of `ScoreSheet.rows` for somebody who has bought nothing, or nothing any more."""


@dataclass(frozen=True, eq=False)
class ScoreSheet:
    """Histories and everything derived from them, column by column; a column's rows are those of the histories."""

    histories: Histories
    columns: Mapping[str, npt.NDArray[Any]]
    basis: str
    climbs: Climbs

    def of(self, customers: Ints) -> "ScoreSheet":
        """Return the sheet of those of ``customers`` (sorted ids) who are on this one."""
        held = self.histories.customer
        at = np.searchsorted(held, customers)
        rows = at[(at < len(held)) & (held[np.minimum(at, len(held) - 1)] == customers)] if len(held) else at[:0]
        columns = {name: column[rows] for name, column in self.columns.items()}
        return replace(self, histories=self.histories.take(rows), columns=columns)

    def rows(self) -> Mapping[int, Mapping[str, Any]]:
        """Return each customer's row in plain Python values. Money in minor units, next order as days from now."""
        return self._rows

    @cached_property
    def _rows(self) -> dict[int, dict[str, Any]]:
        history = self.histories
        known = {
            "orders": history.orders.tolist(),
            "recency_days": history.recency_days.tolist(),
            "frequency": history.frequency.tolist(),
            "monetary": history.monetary.tolist(),
            **{name: column.tolist() for name, column in self.columns.items()},
        }
        names = list(known)
        return {
            customer: {**UNSCORED, **dict(zip(names, values, strict=True)), "basis": self.basis}
            for customer, values in zip(history.customer.tolist(), zip(*known.values(), strict=True), strict=True)
        }

    def figures(self) -> StoreFigures:
        """Return what is true of the store as a whole, where everybody is on the sheet."""
        clv, history = self.columns.get("clv"), self.histories
        tenths = [] if clv is None or not len(clv) else np.quantile(clv, np.arange(1, 10) / 10).tolist()
        orders = int(history.orders.sum())
        typical = average(int(history.value_total.sum()), orders) if orders else 0
        return StoreFigures(tuple(round(bound) for bound in tenths), typical)


def score_sheet(
    orders: Orders, today: date, programme: Programme, currency: str, fitted: Fitted | None
) -> ScoreSheet:
    """Return the sheet of everybody in ``orders`` as of a day, by an earlier fit; without one, without scores.

    A merchant's thresholds hold at once; the look-back is that of the fit, whose cut-points were made with it.
    ``window_value`` is the net value of orders in the ladder's window. The climbs of a ladder of points are empty:
    points are not on the orders.
    """
    ladder, scoring = programme.ladder, programme.scoring
    months = scoring.lookback_months if fitted is None else fitted.lookback_months
    histories = orders.histories(epoch_day(today), lookback_days=lookback_days(months, today))
    counted = orders if ladder.basis is not TierBasis.POINTS else Orders(*np.zeros((3, 0), dtype=np.int64))
    climbs = climbs_of(counted, today, ladder, currency)
    if ladder.basis is TierBasis.NET_SPEND:
        columns: dict[str, npt.NDArray[Any]] = {"window_value": climbs.metric}
    else:
        since = epoch_day(window_begins(ladder, today)) - 1
        columns = {"window_value": _window_value(orders, histories, since)}
    if fitted is None or not len(histories):
        return ScoreSheet(histories, columns, "none", climbs)
    scores = score_rfm(histories, _chosen(fitted.cutpoints, scoring, currency))
    columns["rfm"] = np.array(scores.text())
    columns["segment"] = segments(scores.r, scores.f, scores.m)
    estimates = predict_with(fitted.value, histories)
    if estimates.has_numbers:
        columns |= _predictions(estimates, histories)
    return ScoreSheet(histories, columns, estimates.basis, climbs)


def _chosen(quintiles: RfmCutpoints, scoring: Scoring, currency: str) -> RfmCutpoints:
    """Return the merchant's thresholds, and quintiles for what they leave to the store's customers."""
    spent = scoring.monetary and [units * 10 ** exponent(currency) for units in scoring.monetary]
    return quintiles.instead(recency=scoring.recency, frequency=scoring.frequency, monetary=spent)


def _predictions(estimates: Estimates, histories: Histories) -> dict[str, npt.NDArray[Any]]:
    low, high = outlook.clv_interval(estimates, outlook.spread(estimates))
    columns: dict[str, npt.NDArray[Any]] = {
        "p_order_30d": estimates.p_order_30d,
        "p_order_90d": estimates.p_order_90d,
        "p_order_365d": estimates.p_order_365d,
        "expected_orders": estimates.expected_orders,
        "clv": estimates.clv,
        "clv_low": low,
        "clv_high": high,
    }
    if estimates.p_alive is not None:
        columns["p_alive"] = estimates.p_alive
    window = outlook.next_order_window(estimates.fitted, histories)
    if window is not None:
        columns["next_order_from"], columns["next_order_to"] = window
    return columns


def _window_value(orders: Orders, histories: Histories, since: int) -> Ints:
    inside = (orders.day > since) & (orders.day <= histories.as_of_day)
    owner = np.searchsorted(histories.customer, orders.customer[inside])
    value = np.zeros(len(histories), dtype=np.int64)
    np.add.at(value, owner, orders.value[inside])
    return value
