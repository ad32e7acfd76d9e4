"""Rolling-origin back-test: what each way of predicting would have said in the past, against what then happened."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from connector.domain import alive, dependence, repeat_rate, spending
from connector.domain.accuracy import Accuracy, measure
from connector.domain.arrays import Floats, Ints
from connector.domain.dependence import Slope
from connector.domain.formulas import naive_daily_rate
from connector.domain.history import Histories, Orders, distinct, purchase_histories
from connector.domain.models import FITTERS
from connector.domain.needs import MODEL_NEEDS, Shortfall, shortfall
from connector.domain.purchase_model import PurchaseModel
from connector.domain.season import CYCLE_DAYS, NO_SEASON, Season, observe, season

STRENGTHS = (0.0, 0.5, 0.75, 1.0)
FORMULA, REPEAT_RATE = "formula", "repeat-rate"

_HORIZON_DAYS = 91
_SHORTEST_DAYS = 28
_ORIGINS = 4
_PERIODS_FOR_SEASON = 2
_MOST_CUSTOMERS = 20_000


@dataclass(frozen=True, slots=True)
class Trial:
    """One way of predicting at one origin.

    log_score: of what each customer then did, summed; None of what is no model. slope: how far those who spend more
    per order exceeded what was expected of them; None where that cannot be told.
    """

    candidate: str
    strength: float
    origin_day: int
    horizon_days: int
    log_score: float | None
    accuracy: Accuracy
    slope: Slope | None = None

    def to_json(self) -> dict[str, Any]:
        return {
            "candidate": self.candidate,
            "season_strength": self.strength,
            "origin_day": self.origin_day,
            "horizon_days": self.horizon_days,
            "log_score": self.log_score,
            "value_slope": None if self.slope is None else asdict(self.slope),
            **self.accuracy.to_json(),
        }


@dataclass(frozen=True, slots=True, eq=False)
class Period:
    """A cut-off with the histories known then, and what the same customers did until the end of the horizon."""

    before: Histories
    after: Histories  # the same customers, in the same rows, at the end
    visits: tuple[Ints, Ints]  # customer and day of every purchase day known at the cut-off, sorted
    later_visits: Ints  # days of the purchases after the cut-off

    @property
    def horizon_days(self) -> int:
        return self.after.as_of_day - self.before.as_of_day

    @property
    def orders(self) -> Ints:
        return self.after.x - self.before.x

    @property
    def revenue(self) -> Ints:
        return self.after.value_total - self.before.value_total


def periods(orders: Orders, as_of_day: int) -> list[Period]:
    """Up to four consecutive periods before `as_of_day`, latest first, each with enough history before it to fit.

    The horizon is 13 weeks, or a third of a younger store's age; below four weeks there is no period. Large stores
    are tested on every k-th customer.
    """
    part = _part(orders)
    known = part.known_on(as_of_day)
    if not len(known.day):
        return []
    horizon = _horizon(known, as_of_day)
    found: list[Period] = []
    while horizon >= _SHORTEST_DAYS and len(found) < _ORIGINS:
        origin = as_of_day - horizon * (len(found) + 1)
        period = _period(part, known, origin, origin + horizon)
        if shortfall(period.before, MODEL_NEEDS):
            break
        found.append(period)
    return found


def lacking(orders: Orders, as_of_day: int) -> tuple[int, Shortfall]:
    """How many days before `as_of_day` the latest period would begin, and what the store lacked then to be tested."""
    known = orders.known_on(as_of_day)
    horizon = _horizon(known, as_of_day)
    return horizon, shortfall(orders.histories(as_of_day - horizon), MODEL_NEEDS)


def run(tested: list[Period], *, priors: bool = True, models: tuple[str, ...] = tuple(FITTERS)) -> list[Trial]:
    """Every model, the repeat rate and the naive formula per period.

    The best model also in each strength of season, from a year on.
    """
    trials: list[Trial] = []
    steady: dict[tuple[str, int], PurchaseModel] = {}
    values = [_values(period.before, priors) for period in tested]
    for number, (period, worth) in enumerate(zip(tested, values, strict=True)):
        for name in models:
            fitted = FITTERS[name](*NO_SEASON.columns(period.before), priors=priors)
            if fitted.converged:
                steady[name, number] = fitted.model
                trials.append(_modelled(name, fitted.model, NO_SEASON, period, worth))
        trials += _simple(period)
    chosen = best(trials)
    if chosen:
        for number, (period, worth) in enumerate(zip(tested, values, strict=True)):
            if (chosen[0], number) in steady:
                trials += _seasonal(steady[chosen[0], number], period, worth, priors)
    return trials


def best(trials: list[Trial]) -> tuple[str, float] | None:
    """The model with the highest log score over all periods, and the strength of season that raises it most.

    A season must have helped over two periods together at least; 0 is none. None where no model was tested.
    """
    scores: dict[str, dict[float, dict[int, float]]] = {}
    for trial in trials:
        if trial.log_score is not None:
            by_strength = scores.setdefault(trial.candidate, {})
            by_strength.setdefault(trial.strength, {})[trial.origin_day] = trial.log_score
    if not scores:
        return None
    steady = {name: by_strength[0.0] for name, by_strength in scores.items()}
    most = max(len(each) for each in steady.values())
    name = max((n for n in steady if len(steady[n]) == most), key=lambda n: sum(steady[n].values()))
    gains = {
        strength: sum(score - steady[name][origin] for origin, score in by_origin.items())
        for strength, by_origin in scores[name].items()
        if len(by_origin) >= _PERIODS_FOR_SEASON or strength == 0.0
    }
    return name, max(gains, key=lambda strength: gains[strength])


def revenue_spread(trials: Sequence[Trial], unforeseen: float) -> tuple[float, float]:
    """Factors on predicted revenue that would have covered every trial: the least (<= 1) and the greatest (>= 1).

    The least is 0 where revenue was predicted and none came. Where some came of none predicted no factor covers it,
    and `unforeseen` is taken.
    """
    ratios = [1.0]
    for accuracy in (trial.accuracy for trial in trials):
        if accuracy.revenue_bias is not None:
            ratios.append(1.0 / (1.0 + accuracy.revenue_bias) if accuracy.revenue_bias > -1.0 else unforeseen)
        elif accuracy.revenue_mae > 0:
            ratios.append(0.0)
    return min(ratios), max(ratios)


def visits(orders: Orders, histories: Histories) -> tuple[Ints, Ints]:
    """Customer (row of the histories) and day of every purchase day, sorted by both."""
    if not len(orders.day):
        return orders.day, orders.day
    first = int(orders.day.min())
    width = int(orders.day.max()) - first + 1
    keys = distinct(np.searchsorted(histories.customer, orders.customer) * width + orders.day - first)
    return keys // width, keys % width + first


def _horizon(known: Orders, as_of_day: int) -> int:
    return min(_HORIZON_DAYS, (as_of_day - int(known.day.min())) // 3)


def _part(orders: Orders) -> Orders:
    customers = distinct(orders.customer)
    step = -(-len(customers) // _MOST_CUSTOMERS)
    return orders if step <= 1 else orders.of_customers(customers[::step])


def _period(orders: Orders, outcome: Orders, origin: int, end: int) -> Period:
    known = orders.known_on(origin)
    before = purchase_histories(known.customer, known.day, known.value, origin)
    # What happened is taken as it is known today, refunds included.
    later = outcome.of_customers(before.customer)
    rows = (later.day > origin) & (later.day <= end)
    within = Orders(later.customer[rows], later.day[rows], later.value[rows])
    owner, day = visits(within, before)
    revenue = np.bincount(
        np.searchsorted(before.customer, within.customer), within.value, minlength=len(before)
    ).astype(np.int64)
    return Period(
        before=before,
        after=_continued(before, owner, day, revenue, end),
        visits=visits(known, before),
        later_visits=day,
    )


def _continued(before: Histories, owner: Ints, day: Ints, revenue: Ints, end: int) -> Histories:
    """The histories at the end of the period: what was known before, and the purchase days since."""
    bought = np.bincount(owner, minlength=len(before)).astype(np.int64)
    last = before.last_day.copy()
    np.maximum.at(last, owner, day)
    total = before.value_total + revenue
    x = before.x + bought
    return Histories(
        customer=before.customer,
        x=x,
        t_x=last - before.first_day,
        T=end - before.first_day,
        orders=before.orders + bought,
        value_total=total,
        value_first=before.value_first,
        value_mean=total / (x + 1),
        recency_days=end - last,
        first_day=before.first_day,
        last_day=last,
        frequency=x + 1,
        monetary=total,
        as_of_day=end,
    )


def _values(before: Histories, priors: bool) -> Floats:
    worth = spending.fit(before, priors=priors)
    return spending.expected_value(worth.parameters if worth else None, repeat_rate.fit(before), before)


def _simple(period: Period) -> list[Trial]:
    before, days = period.before, period.horizon_days
    rate = repeat_rate.fit(before)
    steady = repeat_rate.daily_rate(rate, before) * days
    return [
        _by_rate(REPEAT_RATE, period, steady, repeat_rate.expected_value(rate, before)),
        _by_rate(FORMULA, period, naive_daily_rate(before) * days, before.value_mean),
    ]


def _seasonal(steady: PurchaseModel, period: Period, values: Floats, priors: bool) -> list[Trial]:
    before = period.before
    busy = observe(steady, period.visits, before.as_of_day) if before.T.max() >= CYCLE_DAYS else None
    if busy is None:
        return []
    trials = []
    for strength in STRENGTHS[1:]:
        seasonal = season(busy, before.as_of_day, strength)
        fitted = FITTERS[steady.name](*seasonal.columns(before), priors=priors, near=steady)
        if fitted.converged:
            trials.append(_modelled(steady.name, fitted.model, seasonal, period, values))
    return trials


def _modelled(name: str, model: PurchaseModel, seasonal: Season, period: Period, values: Floats) -> Trial:
    before, day = period.before, period.before.as_of_day
    ages = seasonal.ages(day, int(before.T.max()))
    x, t_x, age = seasonal.columns(before, ages)
    ahead = float(seasonal.ahead(day, period.horizon_days))
    (orders,) = alive.for_each(
        lambda x, age: [model.orders_if_alive(ahead, x, age)], before.x, before.T, ages, model.age_scale
    )
    expected = model.p_alive(x, t_x, age) * orders
    # The density of the period is that of the history with it over that without it; the second sum turns it from
    # the store's time into days, so that strengths compare.
    start = seasonal.time(before.first_day)
    later_x = period.after.x
    last = np.where(later_x > 0, seasonal.time(period.after.last_day) - start, 0.0)
    end = float(seasonal.time(period.after.as_of_day)) - start
    score = model.log_likelihood(later_x, np.minimum(last, end), end) - model.log_likelihood(x, t_x, age)
    score += float(np.sum(np.log(seasonal.at(period.later_visits))))
    accuracy = _accuracy(period, expected, values)
    slope = dependence.observe(expected, values, period.orders)
    return Trial(name, seasonal.strength, day, period.horizon_days, score, accuracy, slope)


def _by_rate(name: str, period: Period, expected: Floats, values: Floats) -> Trial:
    accuracy = _accuracy(period, expected, values)
    return Trial(name, 0.0, period.before.as_of_day, period.horizon_days, None, accuracy)


def _accuracy(period: Period, expected: Floats, values: Floats) -> Accuracy:
    return measure(expected, expected * values, period.orders, period.revenue)
