"""Customer lifetime value: what each customer is expected to bring over the horizon, and how that is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np

from connector.domain import alive, repeat_rate, spending
from connector.domain.arrays import Floats, Ints
from connector.domain.dependence import INDEPENDENT, Dependence, oftener
from connector.domain.gamma_gamma import GammaGamma, GammaGammaFit
from connector.domain.history import Histories
from connector.domain.models import FITTERS, model_from_json
from connector.domain.needs import MODEL_NEEDS, REPEAT_RATE_NEEDS, shortfall
from connector.domain.purchase_model import ModelFit, PurchaseModel
from connector.domain.repeat_rate import RepeatRate
from connector.domain.season import NO_SEASON, Season
from connector.domain.terms import ValueTerms

Basis = Literal["bg-nbd", "mbg-nbd", "pareto-nbd", "repeat-rate", "none"]
Modelled = Literal["bg-nbd", "mbg-nbd", "pareto-nbd"]


@dataclass(frozen=True, slots=True)
class FittedValue:
    """All that is needed to value a customer of this store again without refitting.

    purchases: None unless basis is a model. spending: None where Gamma-Gamma does not describe the store and its
    averages are used. spread: factors that the interval of the store's total is widened by, from the back-test.
    dependence: of frequency on value, from there too; it moves orders and values of customers, not their product.
    """

    basis: Basis
    reason: str
    weeks_missing: int | None
    as_of_day: int
    terms: ValueTerms
    repeat_rate: RepeatRate
    purchases: PurchaseModel | None = None
    spending: GammaGamma | None = None
    season: Season = NO_SEASON
    spread: tuple[float, float] = (1.0, 1.0)
    dependence: Dependence = INDEPENDENT

    def to_json(self) -> dict[str, Any]:
        return {
            "basis": self.basis,
            "reason": self.reason,
            "weeks_missing": self.weeks_missing,
            "as_of_day": self.as_of_day,
            "terms": asdict(self.terms),
            "repeat_rate": self.repeat_rate.to_json(),
            "purchases": self.purchases.to_json() if self.purchases else None,
            "gamma_gamma": self.spending.to_json() if self.spending else None,
            "season": self.season.to_json(),
            "spread": list(self.spread),
            "dependence": self.dependence.to_json(),
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
            purchases=model_from_json(stored["purchases"]) if stored["purchases"] else None,
            spending=GammaGamma.from_json(stored["gamma_gamma"]) if stored["gamma_gamma"] else None,
            season=Season.from_json(stored.get("season")),
            spread=(float(stored["spread"][0]), float(stored["spread"][1])) if "spread" in stored else (1.0, 1.0),
            dependence=Dependence.from_json(stored.get("dependence")),
        )


@dataclass(frozen=True, eq=False)
class Estimates:
    """Predictions, one row per customer, and what they rest on.

    expected_orders: purchase days over the horizon. expected_value: net value of one, in minor units. worth: their
    discounted sum × margin, in minor units and not rounded, so that a store's total can be summed. p_alive is None
    unless a model was fitted. p_order_30d, _90d, _365d: probability of an order within so many days, worked out when
    first asked for. Every number is finite and not negative. With basis "none" all are zeros that say nothing:
    publish `reason` instead.
    """

    customer: Ints
    p_alive: Floats | None
    expected_orders: Floats
    expected_value: Floats
    worth: Floats
    fitted: FittedValue
    histories: Histories = field(repr=False)

    @cached_property
    def clv(self) -> Ints:
        """What each customer is worth, in whole minor units."""
        return np.rint(self.worth).astype(np.int64)

    @cached_property
    def p_order_30d(self) -> Floats:
        return self.p_order_within(30)

    @cached_property
    def p_order_90d(self) -> Floats:
        return self.p_order_within(90)

    @cached_property
    def p_order_365d(self) -> Floats:
        return self.p_order_within(365)

    def p_order_within(self, days: float) -> Floats:
        """Probability, in [0, 1], of at least one order of each customer in the next `days`."""
        fitted, histories = self.fitted, self.histories
        if not self.has_numbers:
            return np.zeros(len(histories))
        model = fitted.purchases
        if model is None or self.p_alive is None:
            return repeat_rate.p_order_within(fitted.repeat_rate, days, histories)
        soon = fitted.season.ahead(histories.as_of_day, days)
        ages = fitted.season.ages(histories.as_of_day, int(histories.T.max()))

        def chance(x: Floats, age: Floats) -> list[Floats]:
            return [model.order_if_alive(soon, x, age)]

        (probability,) = alive.for_each(chance, histories.x, histories.T, ages, model.age_scale)
        if self.leaning is not None:
            probability = oftener(probability, self.leaning)
        return np.minimum(np.multiply(probability, self.p_alive, out=probability), 1.0)

    @cached_property
    def leaning(self) -> Floats | None:
        """Factor on the rate that each customer's record alone gives, by what they spend; None where it is 1."""
        fitted = self.fitted
        if fitted.dependence.exponent == 0.0 or fitted.purchases is None:
            return None
        value = spending.expected_value(fitted.spending, fitted.repeat_rate, self.histories)
        return fitted.dependence.factors(value)

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


def estimate(histories: Histories, terms: ValueTerms | None = None, *, model: Modelled = "bg-nbd") -> Estimates:
    """Fit what the histories of a whole store allow, and value its customers as of `histories.as_of_day`.

    The model, with Gamma-Gamma for values, from 100 customers, 30 of them repeat customers, and 13 weeks on; below
    that the repeat rate × average value (basis "repeat-rate") from 10 customers, 1 repeat customer and 4 weeks on;
    below that "none".
    """
    return predict_with(fit(histories, terms or ValueTerms(), model=model).fitted, histories)


@dataclass(frozen=True, slots=True)
class Fitting:
    """A fit with all that is known of it: the two models' own reports, None where they were not used."""

    fitted: FittedValue
    purchases: ModelFit | None = None
    spending: GammaGammaFit | None = None


def fit(
    histories: Histories,
    terms: ValueTerms,
    *,
    model: Modelled = "bg-nbd",
    season: Season = NO_SEASON,
    priors: bool = True,
) -> Fitting:
    """The best basis that the store's histories allow, by the rule of `estimate`."""
    averages, day = repeat_rate.fit(histories), histories.as_of_day
    lacking = shortfall(histories, MODEL_NEEDS)
    if not lacking:
        purchases = FITTERS[model](*season.columns(histories), priors=priors)
        if purchases.converged:
            worth = spending.fit(histories, priors=priors)
            parameters = worth.parameters if worth else None
            found = FittedValue(model, "", 0, day, terms, averages, purchases.model, parameters, season)
            return Fitting(found, purchases, worth)
        reason = "No model could be fitted to these orders, so the repeat rate and the average order are used."
        return Fitting(FittedValue("repeat-rate", reason, None, day, terms, averages))
    basis: Basis = "repeat-rate"
    instead, short = "the repeat rate and the average order are used", lacking
    too_little = shortfall(histories, REPEAT_RATE_NEEDS)
    if too_little:
        basis, instead, short = "none", "no value is given", too_little
    return Fitting(FittedValue(basis, short.sentence(instead), short.weeks, day, terms, averages))


def predict_with(fitted: FittedValue, histories: Histories) -> Estimates:
    """Value customers, one or all, by an earlier fit. Their histories may be as of a later day than the fit."""
    if fitted.basis == "none" or not len(histories):
        nothing = np.zeros(len(histories))
        return Estimates(histories.customer, None, nothing, nothing, nothing, fitted, histories)
    if fitted.purchases:
        return _by_model(fitted, fitted.purchases, histories)
    return _by_repeat_rate(fitted, histories)


def _by_model(fitted: FittedValue, model: PurchaseModel, histories: Histories) -> Estimates:
    terms, season, day = fitted.terms, fitted.season, histories.as_of_day
    pieces = season.ahead(day, terms.piece_ends)

    def ahead(x: Floats, age: Floats) -> list[Floats]:
        by_then = model.orders_if_alive(pieces, x[:, None], age[:, None])
        discounted = np.diff(by_then, axis=1, prepend=0.0) @ terms.discounts()
        return [by_then[:, -1], discounted]

    ages = season.ages(day, int(histories.T.max()))
    table = alive.Table(ahead, histories.x, histories.T, ages, model.age_scale)
    count = len(histories)
    p_alive, orders, value, worth = (np.empty(count) for _ in range(4))
    for start in range(0, count, alive.CHUNK):
        rows = slice(start, start + alive.CHUNK)
        part = histories.take(rows)
        p_alive[rows] = still = model.p_alive(*season.columns(part, ages))
        value[rows] = one = spending.expected_value(fitted.spending, fitted.repeat_rate, part)
        ahead_orders, discounted = table.rows(part.x, part.T)
        orders[rows] = still * ahead_orders
        if fitted.dependence.exponent:
            leaning = fitted.dependence.factors(one)
            orders[rows] *= leaning
            value[rows] /= leaning
        worth[rows] = still * discounted * one * terms.margin
    return Estimates(histories.customer, p_alive, orders, value, worth, fitted, histories)


def _by_repeat_rate(fitted: FittedValue, histories: Histories) -> Estimates:
    store, terms = fitted.repeat_rate, fitted.terms
    rate = repeat_rate.daily_rate(store, histories)
    orders = rate * terms.horizon_days
    discounted = rate * terms.piece_days * float(terms.discounts().sum())
    value = spending.expected_value(None, store, histories)
    worth: Floats = discounted * value * terms.margin
    return Estimates(histories.customer, None, orders, value, worth, fitted, histories)
