"""The formulas of the trade, for people who check by hand.

Money is a Decimal of any one currency, and results are not rounded to it: they have the 28 digits that Decimals are
calculated with. Counts and money must not be negative: ValueError. A quotient by nothing is None, not a number.
"""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from connector.domain.arrays import Floats
from connector.domain.history import Histories

_YOUNGEST_DAYS = 28
_ONE, _NOTHING = Decimal(1), Decimal(0)


def average_order_value(net_value: Decimal, orders: int) -> Decimal | None:
    """AOV: net value / orders."""
    return _ratio(net_value, Decimal(orders))


def purchase_frequency(orders: int, customers: int) -> Decimal | None:
    """Orders / customers who ordered, both of the same period."""
    return _ratio(Decimal(orders), Decimal(customers))


def repeat_rate(repeat_customers: int, customers: int) -> Decimal | None:
    """Share of customers with two purchases or more."""
    return _ratio(Decimal(repeat_customers), Decimal(customers))


def churn_rate(active_before: int, of_them_active: int) -> Decimal | None:
    """Share of the customers active in one period who were not in the next of the same length."""
    if of_them_active > active_before:
        raise ValueError("of the active customers no more can have stayed than there were")
    kept = _ratio(Decimal(of_them_active), Decimal(active_before))
    return None if kept is None else _ONE - kept


def retention_rate(active_before: int, of_them_active: int) -> Decimal | None:
    """Share of the customers active in one period who were active in the next too: 1 − churn rate."""
    churn = churn_rate(active_before, of_them_active)
    return None if churn is None else _ONE - churn


def lifespan(churn: Decimal) -> Decimal | None:
    """Mean length of the relationship, in periods of the churn rate: 1 / churn."""
    return _ratio(_ONE, churn)


def revenue_per_customer(net_value: Decimal, customers: int) -> Decimal | None:
    """ARPU: net value of a period / customers active in it."""
    return _ratio(net_value, Decimal(customers))


def historic_clv(net_value: Decimal, margin: Decimal = _ONE) -> Decimal:
    """Net value to date × margin."""
    _not_negative(net_value, margin)
    return net_value * margin


def formula_clv(
    aov: Decimal,
    orders_per_year: Decimal,
    years: Decimal,
    *,
    margin: Decimal = _ONE,
    acquisition_cost: Decimal = _NOTHING,
) -> Decimal:
    """Average order value × orders a year × years of the relationship × margin − acquisition cost.

    Negative where the customer cost more than they bring.
    """
    _not_negative(aov, orders_per_year, years, margin, acquisition_cost)
    return aov * orders_per_year * years * margin - acquisition_cost


def churn_clv(arpu: Decimal, margin: Decimal, churn: Decimal) -> Decimal | None:
    """ARPU × margin / churn, all of the same period: CLV without discounting, of a customer who pays every period."""
    _not_negative(arpu, margin, churn)
    return _ratio(arpu * margin, churn)


def discounted_clv(arpu: Decimal, margin: Decimal, retention: Decimal, discount: Decimal) -> Decimal | None:
    """m·ρ/(1 + d − ρ): margin a period m, kept with probability ρ, discounted at d a period, from the next one on.

    Gupta and Lehmann (2003), Customers as Assets. It is the discounted sum itself: neither a division by the
    discount rate nor an annuity over the mean lifespan, which overstates it.
    """
    _not_negative(arpu, margin, retention, discount)
    if retention > 1:
        raise ValueError("a retention rate is at most 1")
    return _ratio(arpu * margin * retention, _ONE + discount - retention)


def naive_daily_rate(histories: Histories) -> Floats:
    """Orders a day to date of each customer, as if nobody ever left; four weeks at least are counted.

    This is the frequency of the naive formula that predictions are shown beside.
    """
    rate: Floats = (histories.x + 1) / np.maximum(histories.T, _YOUNGEST_DAYS)
    return rate


def naive_clv(histories: Histories, days: float, margin: float) -> Floats:
    """The formula CLV of each customer over `days`, in minor units: own AOV × own frequency × margin."""
    clv: Floats = np.maximum(histories.value_mean, 0.0) * naive_daily_rate(histories) * days * margin
    return clv


def _ratio(part: Decimal, whole: Decimal) -> Decimal | None:
    _not_negative(part, whole)
    return part / whole if whole else None


def _not_negative(*factors: Decimal) -> None:
    if min(factors) < 0:
        raise ValueError("no factor of the formula may be negative")
