"""The fit of a file's customers: by the back-test of its orders, or of histories that someone else summed up."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np

from connector.domain import clv, gamma_gamma
from connector.domain.assessment import Choice, assess, frequency_value_correlation, total_spread
from connector.domain.clv import FittedValue, Fitting, Modelled
from connector.domain.gamma_gamma import GammaGammaFit
from connector.domain.hindsight import with_the_past
from connector.domain.history import Histories, summarised
from connector.domain.terms import ValueTerms
from connector.orderfile.orders import OrderRows
from connector.orderfile.summaries import SummaryRows

_UNTESTED = (
    "Summed-up histories cannot be tested on their own past: trust the ranking of customers, not the totals. "
    "Score the orders themselves to have the model tested."
)


@dataclass(frozen=True, slots=True, eq=False)
class Valued:
    """A fit, the histories it values, and the report in days and minor units."""

    fitted: FittedValue
    histories: Histories
    report: dict[str, Any]


def value_orders(
    rows: OrderRows, terms: ValueTerms, model: Choice, *, priors: bool, lookback_days: int | None = None
) -> Valued:
    """The fit that the orders' own past prefers, or the one of the named model."""
    orders = with_the_past(rows.orders, rows.given_back)
    found = assess(orders, rows.as_of_day, terms, model=model, priors=priors, lookback_days=lookback_days)
    return Valued(found.fitted, found.histories, found.report)


def value_summary(rows: SummaryRows, terms: ValueTerms, model: Choice, *, priors: bool) -> Valued:
    """The most likely model of the histories (all have four parameters), or the named one; nothing can be tested."""
    spending = _spending(rows, priors)
    histories = _histories(rows, spending)
    names: tuple[Modelled, ...] = get_args(Modelled) if model == "auto" else (model,)
    fits = [clv.fit(histories, terms, model=name, priors=priors) for name in names]
    best = max(fits, key=lambda fit: fit.purchases.log_likelihood if fit.purchases else -np.inf)
    fitted = replace(best.fitted, spread=total_spread(best.fitted))
    if fitted.spending and spending:
        fitted = replace(fitted, spending=spending.parameters)
    why = "asked for" if len(names) == 1 else f"the likeliest of {len(names)} for these histories"
    report = _report(
        replace(best, fitted=fitted, spending=spending), histories, rows, f"The model {fitted.basis} was {why}."
    )
    return Valued(fitted, histories, report)


def _spending(rows: SummaryRows, priors: bool) -> GammaGammaFit | None:
    if not np.any((rows.counted > 0) & (rows.value_mean > 0)):
        return None
    return gamma_gamma.fit(rows.counted, rows.value_mean, priors=priors)


def _histories(rows: SummaryRows, spending: GammaGammaFit | None) -> Histories:
    """Histories whose first purchase, where its value is not counted, was worth what is expected of the customer.

    An observation at its own expectation leaves the Gamma-Gamma expectation as it is.
    """
    total = rows.counted * rows.value_mean
    unknown = rows.counted <= rows.x
    if spending and unknown.any():
        expected = gamma_gamma.expected_value(spending.parameters, rows.counted, rows.value_mean)
        total = total + np.where(unknown, expected, 0.0)
    mean = total / (rows.x + 1)
    return summarised(np.arange(len(rows.x)), rows.x, rows.t_x, rows.T, mean, rows.as_of_day or 0)


def _report(fitting: Fitting, histories: Histories, rows: SummaryRows, choice: str) -> dict[str, Any]:
    purchases, spending, fitted = fitting.purchases, fitting.spending, fitting.fitted
    valued = rows.counted > 0
    return {
        "model": fitted.basis,
        "reason": fitted.reason,
        "weeks_missing": fitted.weeks_missing,
        "choice": choice if purchases else "",
        "dependence": None,
        "season": None,
        "parameters": purchases
        and {
            "values": purchases.model.parameters,
            "standard_errors": dict(purchases.standard_errors),
            "at_boundary": list(purchases.at_boundary),
        },
        "log_likelihood": purchases.log_likelihood if purchases else None,
        "gamma_gamma": spending
        and {
            "parameters": spending.parameters.to_json(),
            "log_likelihood": spending.log_likelihood,
            "customers": spending.customers,
            "dropped": spending.dropped,
            "at_boundary": list(spending.at_boundary),
            "spearman_frequency_value": frequency_value_correlation(rows.x[valued], rows.value_mean[valued]),
        },
        "backtest": [],
        "data": {
            "customers": len(histories),
            "repeat_customers": int(np.count_nonzero(histories.x)),
            "purchase_days": int(np.sum(histories.x + 1)),
            "days": int(histories.T.max(initial=0)),
        },
        "trust": _UNTESTED if purchases else fitted.reason,
    }
