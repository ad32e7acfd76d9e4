"""Customer lifetime value: what each customer is expected to bring over the horizon, and how that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from math import ceil
from typing import Any, Literal, get_args

import numpy as np
import numpy.typing as npt

from connector.domain import bgnbd, bgnbd_fit, gamma_gamma, repeat_rate
from connector.domain.bgnbd import BgNbd
from connector.domain.formulas import formula_clv
from connector.domain.gamma_gamma import GammaGamma
from connector.domain.history import Floats, Histories, Ints
from connector.domain.repeat_rate import RepeatRate

__all__ = ["Basis", "Estimates", "FittedValue", "ValueTerms", "estimate", "formula_clv", "predict", "predict_with"]

Basis = Literal["bg-nbd", "formula", "none"]

MONTH_DAYS = 365.25 / 12
RISK_DAYS = (30, 90, 365)


@dataclass(frozen=True, slots=True)
class Need:
    """What a store must have seen before a way of estimating is used."""

    customers: int
    repeat_customers: int
    days: int


MODEL_NEEDS = Need(customers=100, repeat_customers=30, days=91)
FORMULA_NEEDS = Need(customers=10, repeat_customers=1, days=28)


@dataclass(frozen=True, slots=True)
class ValueTerms:
    """What a store's value is reckoned in: months ahead, margin on net value, discount a year."""

    horizon_months: int = 12
    margin: float = 1.0
    annual_discount_rate: float = 0.10

    def __post_init__(self) -> None:
        if self.horizon_months < 1 or not 0 <= self.margin <= 1 or not 0 <= self.annual_discount_rate < np.inf:
            raise ValueError("terms need a horizon of at least 1 month, a margin from 0 to 1 and a discount >= 0")

    def discounts(self) -> Floats:
        """What a unit of money in the middle of each month of the horizon is worth today."""
        middles = np.arange(self.horizon_months, dtype=np.float64) + 0.5
        worth: Floats = np.exp(-middles / 12.0 * np.log1p(self.annual_discount_rate))
        return worth


@dataclass(frozen=True, slots=True)
class FittedValue:
    """All that is needed to value a customer of this store again without refitting."""

    basis: Basis
    reason: str
    weeks_missing: int | None
    as_of_day: int
    terms: ValueTerms
    repeat_rate: RepeatRate
    bg_nbd: BgNbd | None = None
    gamma_gamma: GammaGamma | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "reason": self.reason,
            "weeks_missing": self.weeks_missing,
            "as_of_day": self.as_of_day,
            "terms": asdict(self.terms),
            "repeat_rate": self.repeat_rate.to_json(),
            "bg_nbd": self.bg_nbd.to_json() if self.bg_nbd else None,
            "gamma_gamma": self.gamma_gamma.to_json() if self.gamma_gamma else None,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> FittedValue:
        if stored["basis"] not in get_args(Basis):
            raise ValueError(f"unknown basis {stored['basis']!r}")
        return cls(
            basis=stored["basis"],
            reason=stored["reason"],
            weeks_missing=stored["weeks_missing"],
            as_of_day=stored["as_of_day"],
            terms=ValueTerms(**stored["terms"]),
            repeat_rate=RepeatRate.from_json(stored["repeat_rate"]),
            bg_nbd=BgNbd.from_json(stored["bg_nbd"]) if stored["bg_nbd"] else None,
            gamma_gamma=GammaGamma.from_json(stored["gamma_gamma"]) if stored["gamma_gamma"] else None,
        )


@dataclass(frozen=True, slots=True, eq=False)
class Estimates:
    """Predictions, one row per customer, and what they rest on.

    expected_orders: purchase days over the horizon. expected_value: net value of one, in minor units. clv: their
    discounted sum × margin, whole minor units. p_alive is None unless a model was fitted. Every number is finite
    and not negative. With basis "none" all are zeros that say nothing: publish `reason` instead.
    """

    customer: Ints
    p_alive: Floats | None
    expected_orders: Floats
    expected_value: Floats
    clv: Ints
    p_order_30d: Floats
    p_order_90d: Floats
    p_order_365d: Floats
    fitted: FittedValue

    @property
    def basis(self) -> Basis:
        return self.fitted.basis

    @property
    def reason(self) -> str:
        """Why no model was used, as a sentence; empty where one was."""
        return self.fitted.reason

    @property
    def weeks_missing(self) -> int | None:
        """About how many weeks until the next better basis, at the present pace; None where it cannot be told."""
        return self.fitted.weeks_missing

    @property
    def has_numbers(self) -> bool:
        return self.basis != "none"


def estimate(histories: Histories, terms: ValueTerms | None = None) -> Estimates:
    """Fit what the histories of a whole store allow, and value its customers as of `histories.as_of_day`.

    BG/NBD with Gamma-Gamma from 100 customers, 30 of them repeat customers, and 13 weeks on; below that the repeat
    rate × average value (basis "formula") from 10 customers, 1 repeat customer and 4 weeks on; below that "none".
    """
    return predict_with(fit(histories, terms or ValueTerms()), histories)


def fit(histories: Histories, terms: ValueTerms) -> FittedValue:
    """The best basis that the store's histories allow, by the rule of `estimate`."""
    averages = repeat_rate.fit(histories)
    day = histories.as_of_day
    lacking, weeks = _missing(histories, MODEL_NEEDS)
    if not lacking:
        purchases = bgnbd_fit.fit(histories.x, histories.t_x, histories.T, priors=True)
        values = histories.value_mean > 0
        if purchases.converged and values.any():
            spending = gamma_gamma.fit(histories.x + 1, histories.value_mean, priors=True)
            if spending.converged:
                return FittedValue("bg-nbd", "", 0, day, terms, averages, purchases.parameters, spending.parameters)
        return FittedValue("formula", "No model could be fitted to these orders.", None, day, terms, averages)
    basis: Basis = "formula"
    too_little, wait = _missing(histories, FORMULA_NEEDS)
    if too_little:
        basis, lacking, weeks = "none", too_little, wait
    return FittedValue(basis, _reason(basis, lacking, weeks), weeks, day, terms, averages)


def predict_with(fitted: FittedValue, histories: Histories) -> Estimates:
    """Value customers, one or all, by an earlier fit. Their histories may be as of a later day than the fit."""
    if fitted.basis == "none":
        nothing = np.zeros(len(histories))
        none = np.zeros(len(histories), dtype=np.int64)
        return Estimates(histories.customer, None, nothing, nothing, none, nothing, nothing, nothing, fitted)
    if fitted.bg_nbd and fitted.gamma_gamma:
        return _by_model(fitted, fitted.bg_nbd, fitted.gamma_gamma, histories)
    return _by_repeat_rate(fitted, histories)


def predict(model: BgNbd, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike, terms: ValueTerms) -> Floats:
    """Expected orders over the horizon, each discounted from the middle of its month. `model` is in days."""
    count, end = np.asarray(x, dtype=np.float64), np.asarray(age, dtype=np.float64)
    return bgnbd.p_alive(model, x, t_x, age) * _discounted_if_alive(model, count, end, terms)


def _discounted_if_alive(model: BgNbd, x: Floats, age: Floats, terms: ValueTerms) -> Floats:
    ends = MONTH_DAYS * np.arange(1, terms.horizon_months + 1)
    by_then = bgnbd.orders_if_alive(model, ends, x[:, None], age[:, None])
    monthly = np.diff(by_then, axis=1, prepend=0.0)
    discounted: Floats = monthly @ terms.discounts()
    return discounted


def _by_model(fitted: FittedValue, model: BgNbd, spending: GammaGamma, histories: Histories) -> Estimates:
    alive = bgnbd.p_alive(model, histories.x, histories.t_x, histories.T)
    # Given that a customer is alive, only x and T matter: one evaluation for all who share them.
    width = int(histories.T.max(initial=0)) + 1
    pairs, owner = np.unique(histories.x * width + histories.T, return_inverse=True)
    x, age = (pairs // width).astype(np.float64), (pairs % width).astype(np.float64)
    horizon = MONTH_DAYS * fitted.terms.horizon_months
    orders = alive * bgnbd.orders_if_alive(model, horizon, x, age)[owner]
    discounted = alive * _discounted_if_alive(model, x, age, fitted.terms)[owner]
    value = gamma_gamma.expected_value(spending, histories.x + 1, histories.value_mean)
    month, quarter, year = (
        bgnbd.p_order_within(model, days, histories.x, histories.t_x, histories.T) for days in RISK_DAYS
    )
    clv = _whole(discounted * value * fitted.terms.margin)
    return Estimates(histories.customer, alive, orders, value, clv, month, quarter, year, fitted)


def _by_repeat_rate(fitted: FittedValue, histories: Histories) -> Estimates:
    store, terms = fitted.repeat_rate, fitted.terms
    rate = repeat_rate.daily_rate(store, histories)
    orders = rate * MONTH_DAYS * terms.horizon_months
    discounted = rate * MONTH_DAYS * float(terms.discounts().sum())
    value = repeat_rate.expected_value(store, histories)
    month, quarter, year = (repeat_rate.p_order_within(store, days, histories) for days in RISK_DAYS)
    clv = _whole(discounted * value * terms.margin)
    return Estimates(histories.customer, None, orders, value, clv, month, quarter, year, fitted)


def _whole(minor: Floats) -> Ints:
    return np.rint(minor).astype(np.int64)


def _missing(histories: Histories, need: Need) -> tuple[list[str], int | None]:
    """What falls short of `need`, in words, and the weeks until it would be met if the store grows on evenly."""
    days = int(histories.T.max(initial=0))
    have = {
        "customers": (len(histories), need.customers),
        "repeat customers": (int(np.sum(histories.x > 0)), need.repeat_customers),
        "days of orders": (days, need.days),
    }
    short = {name: counts for name, counts in have.items() if counts[0] < counts[1]}
    words = [f"{present} of {needed} {name}" for name, (present, needed) in short.items()]
    if any(present == 0 for present, _ in short.values()):
        return words, None
    # Each count grew from nothing in `days`, so it needs days × (needed / present − 1) more.
    waits = [max(days, 1) * (needed - present) / present / 7 for present, needed in short.values()]
    return words, ceil(max(waits)) if waits else 0


def _reason(basis: Basis, lacking: list[str], weeks: int | None) -> str:
    used = "the repeat rate and the average order are used" if basis == "formula" else "no value is given"
    wait = "" if weeks is None else f" About {weeks} more week{'' if weeks == 1 else 's'} of orders are needed."
    return f"Not enough data yet, so {used}: {', '.join(lacking)}.{wait}"
