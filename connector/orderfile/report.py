"""The report on a file's scores: durations in the unit asked for, money in units of the currency."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from connector.domain.money import exponent, format_amount
from connector.domain.terms import ValueTerms
from connector.orderfile.tally import Tally

# Rates are per unit of time; these parameters are times. In the literature's letters, for every model.
_TIMES = ("alpha", "beta")


def present(
    found: Mapping[str, Any],
    tally: Tally,
    *,
    unit_days: int,
    currency: str | None,
    as_of_day: int | None,
    repeat_purchases: int,
    total: tuple[int, int, int] | None,
    terms: ValueTerms,
    read: Mapping[str, Any],
    asked: Mapping[str, Any],
) -> dict[str, Any]:
    """A JSON-safe report from that of the domain, which is in days and minor units.

    A density per day is one per week divided by 7, so a log-likelihood in weeks is higher by the number of repeat
    purchases × log 7; likewise that of values in units of the currency.
    """
    return {
        **_fitted(found, unit_days, currency, repeat_purchases),
        "data": {
            **_data(found["data"], currency or ""),
            "as_of": _day(as_of_day),
            "currency": currency,
            **tally.to_json(),
        },
        "terms": _terms(terms),
        "clv_total": None if total is None else _total(total, currency or ""),
        "trust": found["trust"],
        "read": dict(read),
        "asked": dict(asked),
    }


def _fitted(found: Mapping[str, Any], unit_days: int, currency: str | None, repeat_purchases: int) -> dict[str, Any]:
    minor = 10 ** exponent(currency or "")
    return {
        "model": found["model"],
        "reason": found["reason"],
        "weeks_missing": found["weeks_missing"],
        "choice": found["choice"],
        "dependence": _dependence(found["dependence"], minor),
        **_fit(found, unit_days, repeat_purchases),
        "gamma_gamma": _values(found["gamma_gamma"], minor),
        "season": found["season"],
        "backtest": [_trial(trial, minor) for trial in found["backtest"]],
    }


def _terms(terms: ValueTerms) -> dict[str, Any]:
    return {
        "horizon": terms.horizon,
        "horizon_days": terms.horizon_days,
        "margin": terms.margin,
        "annual_discount_rate": terms.annual_discount_rate,
    }


def _fit(found: Mapping[str, Any], unit_days: int, repeat_purchases: int) -> dict[str, Any]:
    parameters = found["parameters"] or {}
    likelihood = found["log_likelihood"]
    return {
        "unit": "week" if unit_days == 7 else "day",
        "seasonal_time": parameters.get("seasonal_time", False),
        "parameters": _in_unit(parameters.get("values"), unit_days),
        "standard_errors": _in_unit(parameters.get("standard_errors"), unit_days),
        "at_boundary": parameters.get("at_boundary", []),
        "log_likelihood": None if likelihood is None else likelihood + repeat_purchases * math.log(unit_days),
    }


def _in_unit(values: Mapping[str, float] | None, unit_days: int) -> dict[str, float] | None:
    if values is None:
        return None
    return {name: value / unit_days if name in _TIMES else value for name, value in values.items()}


def _dependence(found: Mapping[str, Any] | None, minor: int) -> dict[str, Any] | None:
    return None if found is None else {**found, "typical": found["typical"] / minor}


def _values(found: Mapping[str, Any] | None, minor: int) -> dict[str, Any] | None:
    if found is None:
        return None
    parameters = dict(found["parameters"])
    rest = {name: value for name, value in found.items() if name != "parameters"}
    rest["log_likelihood"] += rest["customers"] * math.log(minor)
    return {**parameters, "gamma": parameters["gamma"] / minor, **rest}


def _trial(trial: Mapping[str, Any], minor: int) -> dict[str, Any]:
    shown = {name: value for name, value in trial.items() if name != "origin_day"}
    return {**shown, "origin": _day(trial["origin_day"]), "revenue_mae": trial["revenue_mae"] / minor}


def _data(found: Mapping[str, Any], code: str) -> dict[str, Any]:
    shown = {name: value for name, value in found.items() if name != "as_of_day"}
    if "net_value" in shown:
        shown["net_value"] = format_amount(shown["net_value"], code)
    return shown


def _total(total: tuple[int, int, int], code: str) -> dict[str, str]:
    names = ("low", "expected", "high")
    return {name: format_amount(amount, code) for name, amount in zip(names, total, strict=True)}


def _day(day: int | None) -> str | None:
    return None if day is None else (date(1970, 1, 1) + timedelta(days=day)).isoformat()
