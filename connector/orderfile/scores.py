"""Scores and values of the customers of a file: the columns that are written, in their order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from connector.domain import clv, outlook, rfm, segments
from connector.domain.arrays import Ints
from connector.domain.clv import Estimates, FittedValue
from connector.domain.formulas import naive_clv
from connector.domain.history import Histories
from connector.domain.outlook import Spread

Kind = Literal["text", "whole", "number", "money", "day"]
DECIMALS = 9


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """Values of one column: texts, whole numbers, numbers, minor units, or days since 1970-01-01. None: all empty."""

    name: str
    kind: Kind
    values: npt.NDArray[Any] | list[str] | None


@dataclass(frozen=True, slots=True, eq=False)
class Scored:
    """The written columns and, for whoever reads only the summary, the total over the horizon in minor units."""

    columns: list[Column]
    total: tuple[int, int, int] | None
    segments: dict[str, int]


def score(
    labels: list[str], histories: Histories, fitted: FittedValue, *, unit_days: int, dated: bool = True
) -> Scored:
    """All columns for the customers, one row each. `dated` is False where it is not known when the histories end."""
    scores = rfm.score_rfm(histories, rfm.rfm_cutpoints(histories))
    named = segments.segments(scores.r, scores.f, scores.m)
    estimates = clv.predict_with(fitted, histories)
    known = outlook.spread(estimates) if estimates.has_numbers else None
    window = outlook.next_order_window(fitted, histories) if dated and known else None
    columns = [
        Column("customer_id", "text", labels),
        Column("recency_days", "whole", histories.recency_days),
        Column("frequency", "whole", histories.frequency),
        Column("monetary", "money", histories.monetary),
        Column("r", "whole", scores.r),
        Column("f", "whole", scores.f),
        Column("m", "whole", scores.m),
        Column("rfm", "text", scores.text()),
        Column("segment", "text", named.tolist()),
        Column("orders", "whole", histories.orders),
        Column("x", "whole", histories.x),
        _duration("t_x", histories.t_x, unit_days),
        _duration("T", histories.T, unit_days),
        *_predicted(estimates),
        *_worth(estimates, histories, known),
        *_next_order(window, histories.as_of_day),
        Column("basis", "text", [fitted.basis] * len(histories)),
    ]
    slugs, counts = np.unique(named, return_counts=True)
    return Scored(
        columns,
        outlook.total_interval(estimates, known) if known else None,
        dict(zip(slugs.tolist(), counts.tolist(), strict=True)),
    )


def _predicted(estimates: Estimates) -> list[Column]:
    has = estimates.has_numbers
    return [
        _number("p_alive", estimates.p_alive),
        _number("p_order_30d", estimates.p_order_30d if has else None),
        _number("p_order_90d", estimates.p_order_90d if has else None),
        _number("p_order_365d", estimates.p_order_365d if has else None),
        _number("expected_orders", estimates.expected_orders if has else None),
    ]


def _worth(estimates: Estimates, histories: Histories, known: Spread | None) -> list[Column]:
    terms = estimates.fitted.terms
    low, high = outlook.clv_interval(estimates, known) if known else (None, None)
    naive = _minor(naive_clv(histories, terms.horizon_days, terms.margin)) if known else None
    return [
        Column("expected_value", "money", _minor(estimates.expected_value) if known else None),
        Column("clv", "money", estimates.clv if known else None),
        Column("clv_low", "money", low),
        Column("clv_high", "money", high),
        Column("clv_historic", "money", _minor(histories.value_total * terms.margin)),
        Column("clv_formula", "money", naive),
    ]


def _next_order(window: tuple[Ints, Ints] | None, as_of_day: int) -> list[Column]:
    first, last = (as_of_day + days for days in window) if window else (None, None)
    return [Column("next_order_from", "day", first), Column("next_order_to", "day", last)]


def _duration(name: str, days: Ints, unit_days: int) -> Column:
    return Column(name, "whole", days) if unit_days == 1 else _number(name, days / unit_days)


def _number(name: str, values: npt.NDArray[np.float64] | None) -> Column:
    return Column(name, "number", None if values is None else np.round(values, DECIMALS))


def _minor(values: npt.NDArray[np.floating[Any]]) -> Ints:
    whole: Ints = np.rint(values).astype(np.int64)
    return whole
