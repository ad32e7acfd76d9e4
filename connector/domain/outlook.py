"""How uncertain a customer's value is, and when their next order is likely."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.special import gammaincinv, ndtri

from connector.domain import alive, gamma_gamma, repeat_rate
from connector.domain.arrays import Floats, Ints
from connector.domain.clv import Estimates, FittedValue
from connector.domain.dependence import oftener
from connector.domain.history import Histories
from connector.domain.purchase_model import PurchaseModel

WINDOW_DAYS = 365
_HALVINGS = 30  # of a year: to a thirtieth of a second


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """What is known of each customer's value over the horizon: chance of none, mean and mean square, minor units."""

    nothing: Floats
    mean: Floats
    square: Floats


def spread(estimates: Estimates) -> Spread:
    """The uncertainty that the fit leaves: in the rate of buying, in leaving, in the customer's own mean, in luck.

    A customer who leaves during the horizon is taken to have bought at their full rate or not at all, which errs
    towards more uncertainty. Rows as in the estimates.
    """
    fitted, histories = estimates.fitted, estimates.histories
    orders = np.maximum(estimates.expected_orders, 1e-300)
    reckoned = estimates.worth / np.maximum(orders * estimates.expected_value, 1e-300)  # margin and discount
    if fitted.purchases and estimates.p_alive is not None and len(histories):
        p_order, order_square = _by_model(estimates, fitted.purchases)
        p_order, order_square = estimates.p_alive * p_order, estimates.p_alive * order_square
    else:
        store = fitted.repeat_rate
        days = fitted.terms.horizon_days
        p_order = repeat_rate.p_order_within(store, days, histories)
        shape = np.maximum(histories.x + store.rate * store.strength_days, 1e-12)
        order_square = orders + orders**2 * (1.0 + 1.0 / shape)
    if fitted.spending:
        of_mean, of_one = gamma_gamma.expected_square(fitted.spending, histories.x + 1, histories.value_mean)
        if estimates.leaning is not None:
            of_mean, of_one = of_mean / estimates.leaning**2, of_one / estimates.leaning**2
        one_more = of_one - of_mean
    else:
        one_more = estimates.expected_value**2
        of_mean = one_more * (1.0 + 1.0 / (histories.x + 1))
    square = reckoned**2 * (orders * one_more + order_square * of_mean)
    return Spread(1.0 - np.minimum(p_order, 1.0), estimates.worth, square)


def clv_interval(estimates: Estimates, known: Spread, coverage: float = 0.8) -> tuple[Ints, Ints]:
    """Low and high of each customer's value over the horizon, in minor units: 0 <= low <= clv <= high.

    The value is nothing with the chance of no order, else gamma-distributed with the spread's moments. The bounds
    cut off (1 − coverage)/2 on either side, so low is 0 for all who may well not order; high is never below the
    expected value, even of those who will most likely bring nothing.
    """
    if not 0 < coverage < 1:
        raise ValueError("coverage is a probability between 0 and 1")
    some = np.maximum(1.0 - known.nothing, 1e-12)
    mean = known.mean / some
    variance = np.maximum(known.square / some - mean**2, 1e-6 * mean**2)
    bounds = []
    for level in ((1.0 - coverage) / 2.0, (1.0 + coverage) / 2.0):
        rows = np.flatnonzero((known.nothing < level) & (mean > 0))
        bound = np.zeros(len(mean))
        share = (level - known.nothing[rows]) / some[rows]
        shape = mean[rows] ** 2 / variance[rows]
        bound[rows] = gammaincinv(shape, np.minimum(share, 1.0 - 1e-12)) * mean[rows] / shape
        bounds.append(np.rint(bound).astype(np.int64))
    return np.minimum(bounds[0], estimates.clv), np.maximum(bounds[1], estimates.clv)


def total_interval(estimates: Estimates, known: Spread, coverage: float = 0.8) -> tuple[int, int, int]:
    """Low, expected and high of the store's value over the horizon, in minor units.

    Customers' own uncertainty cancels over a store; what remains is widened by the fit's `spread`: factors that
    would have covered every period of the back-test, or without one those that untested stores stayed within.
    """
    if not 0 < coverage < 1:
        raise ValueError("coverage is a probability between 0 and 1")
    total = float(known.mean.sum())
    luck = float(ndtri(0.5 + coverage / 2.0) * np.sqrt(np.sum(np.maximum(known.square - known.mean**2, 0.0))))
    low, high = estimates.fitted.spread
    return round(max(total - luck, 0.0) * low), round(total), round((total + luck) * high)


def next_order_window(fitted: FittedValue, histories: Histories) -> tuple[Ints, Ints] | None:
    """From and to how many days from now the next order of each customer is likely, if it comes within a year.

    A quarter of such orders come before the first day, a quarter after the second; both are from 1 to 365. None
    unless a model was fitted.
    """
    model, season = fitted.purchases, fitted.season
    if model is None or not len(histories):
        return None
    day, days = histories.as_of_day, np.arange(WINDOW_DAYS + 1)
    ahead = season.ahead(day, days)

    def quarters(x: Floats, age: Floats) -> list[Floats]:
        # Both at once: of a customer alone the calls are what takes time.
        twice = np.tile(x, 2), np.tile(age, 2)
        wanted = np.repeat((0.25, 0.75), len(x)) * model.order_if_alive(ahead[-1], *twice)
        low, high = np.zeros(2 * len(x)), np.full(2 * len(x), ahead[-1])
        for _ in range(_HALVINGS):
            middle = 0.5 * (low + high)
            early = model.order_if_alive(middle, *twice) < wanted
            low, high = np.where(early, middle, low), np.where(early, high, middle)
        return np.split(high, 2)

    ages = season.ages(day, int(histories.T.max()))
    # In the store's time both are smooth in the age; only whole customers are turned into days.
    quarter = alive.for_each(quarters, histories.x, histories.T, ages, model.age_scale)
    first, last = (np.rint(np.interp(time, ahead, days)).astype(np.int64) for time in quarter)
    return np.maximum(first, 1), np.maximum(last, 1)


def _by_model(estimates: Estimates, model: PurchaseModel) -> tuple[Floats, Floats]:
    """P(order in the horizon) and the expected square of the number of orders, of a customer who is alive."""
    fitted, histories, leaning = estimates.fitted, estimates.histories, estimates.leaning
    season, day = fitted.season, histories.as_of_day
    horizon = season.ahead(day, fitted.terms.horizon_days)
    r, alpha = model.parameters["r"], model.parameters["alpha"]

    def ahead(x: Floats, age: Floats) -> list[Floats]:
        orders = model.orders_if_alive(horizon, x, age)
        never_leaving = (r + x) * horizon / (alpha + age)
        pairs = orders * never_leaving * (1.0 + 1.0 / (r + x))
        return [model.order_if_alive(horizon, x, age), orders, pairs]

    ages = season.ages(day, int(histories.T.max()))
    p_order, orders, pairs = alive.for_each(ahead, histories.x, histories.T, ages, model.age_scale)
    if leaning is None:
        return p_order, orders + pairs
    return oftener(p_order, leaning), leaning * orders + leaning**2 * pairs
