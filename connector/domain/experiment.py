"""From who was drawn into which arm, and what they bought, to what an owner is told about an offer's effect.

A customer counts from the day after they became eligible for as long as the horizon, and only once that has passed.
Goods cost the shop (1 − margin) of their price before personal coupons, so a coupon costs all that it takes off.
Points are charged when they are earned, at what they buy less what is expected to expire; coupons bought with points
are therefore no second cost.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from connector.domain.arrays import Floats, Ints
from connector.domain.effect import Arm, Effect, Verdict, between, compare, weeks_needed
from connector.domain.history import Orders
from connector.domain.money import format_amount

BEFORE_DAYS: Final = 365
# A tenth of what a customer brings anyway: below that no owner changes anything.
WORTH_KNOWING: Final = 0.10
_FLOW_DAYS: Final = 84
_TOO_LONG_WEEKS: Final = 156


@dataclass(frozen=True, slots=True, eq=False)
class Drawn:
    """Everybody who became eligible, a row a customer, sorted by id: the store's day, and the number of their arm."""

    names: tuple[str, ...]
    customer: Ints
    day: Ints
    arm: Ints


@dataclass(frozen=True, slots=True, eq=False)
class Bought:
    """What a store's customers bought, and what it cost: each a column of rows with customer, day and amount.

    orders: net value. coupons, redeemed: what personal coupons, and coupons bought with points, took off counted
    orders, in minor units. points: earned with orders.
    """

    orders: Orders
    coupons: Orders
    redeemed: Orders
    points: Orders


@dataclass(frozen=True, slots=True)
class Terms:
    """``margin``: share of the price that is left of it. ``point_cost``: what a point costs, in minor units."""

    horizon_days: int
    margin: float
    point_cost: float


@dataclass(frozen=True, slots=True)
class Finding:
    """One comparison, and what it says. ``weeks``: about how many more are needed, where that is the verdict."""

    effect: Effect
    verdict: Verdict
    worth_knowing: float
    weeks: int | None
    sentence: str

    def to_json(self) -> dict[str, Any]:
        return {
            **self.effect.to_json(),
            "verdict": self.verdict.value,
            "worth_knowing": round(self.worth_knowing, 2),
            "weeks": self.weeks,
            "sentence": self.sentence,
        }


def findings(
    drawn: Drawn, bought: Bought, terms: Terms, as_of_day: int, currency: str, *, variants: bool = False
) -> list[Finding]:
    """The first arm against the second, treated against hold-out; or every variant against every other.

    Nothing where an arm has fewer than two customers whose horizon has passed by the end of the day before
    `as_of_day`.
    """
    made = arms(drawn, bought, terms, as_of_day)
    pairs = between(made) if variants else [compare(made[0], made[1])]
    flow = weekly_flow(drawn, as_of_day)
    return [_finding(effect, drawn, flow, terms, currency) for effect in pairs if effect is not None]


def arms(drawn: Drawn, bought: Bought, terms: Terms, as_of_day: int) -> list[Arm]:
    """Each arm's customers whose horizon has passed, with what they brought before and within it."""
    ripe = drawn.day + terms.horizon_days < as_of_day
    people = Drawn(drawn.names, drawn.customer[ripe], drawn.day[ripe], drawn.arm[ripe])
    before = _summed(people, bought.orders, 1 - BEFORE_DAYS, 0)
    within = {
        name: _summed(people, getattr(bought, name), 1, terms.horizon_days)
        for name in ("orders", "coupons", "redeemed", "points")
    }
    listed = within["orders"] + within["coupons"] + within["redeemed"]
    columns = before, terms.margin * listed, within["coupons"], terms.point_cost * within["points"]
    return [
        Arm(name, *(column[people.arm == number] for column in columns)) for number, name in enumerate(drawn.names)
    ]


def weekly_flow(drawn: Drawn, as_of_day: int) -> float:
    """How many customers became eligible in a week, over the last twelve or since the first one."""
    if not len(drawn.day):
        return 0.0
    days = min(_FLOW_DAYS, max(as_of_day - int(drawn.day.min()), 7))
    return float(np.count_nonzero(drawn.day >= as_of_day - days)) / days * 7


def _summed(people: Drawn, events: Orders, first: int, last: int) -> Floats:
    """Each one's amounts from `first` to `last` days after they became eligible, both included."""
    if not len(people.customer):
        return np.zeros(0)
    row = np.minimum(np.searchsorted(people.customer, events.customer), len(people.customer) - 1)
    since = events.day - people.day[row]
    counted = (people.customer[row] == events.customer) & (since >= first) & (since <= last)
    return np.bincount(row[counted], events.value[counted], minlength=len(people.customer)).astype(np.float64)


def _finding(effect: Effect, drawn: Drawn, flow: float, terms: Terms, currency: str) -> Finding:
    worth = WORTH_KNOWING * max(effect.control_mean, 0.0)
    verdict = effect.verdict(worth)
    weeks = None
    if verdict is Verdict.NOT_ENOUGH_DATA:
        compared = {drawn.names.index(effect.treated), drawn.names.index(effect.control)}
        share = float(np.isin(drawn.arm, list(compared)).mean())
        weeks = weeks_needed(effect, worth, round(len(drawn.arm) * share), flow * share, terms.horizon_days)
    return Finding(effect, verdict, worth, weeks, _sentence(effect, verdict, worth, weeks, terms, currency))


def _sentence(effect: Effect, verdict: Verdict, worth: float, weeks: int | None, terms: Terms, currency: str) -> str:
    seen = f"{effect.treated_customers:,} of {effect.treated} and {effect.control_customers:,} of {effect.control}"
    within = f"within {terms.horizon_days} days, after coupons and points"
    if verdict is Verdict.NOT_ENOUGH_DATA:
        return f"Not enough data yet ({seen} so far).{_wait(weeks, worth, currency)}"
    interval = f"between {_money(effect.low, currency)} and {_money(effect.high, currency)}, 95 % certain; {seen}"
    if verdict is Verdict.NO_DIFFERENCE:
        return f"No difference worth knowing in net margin per customer {within} ({interval})."
    more = "more" if verdict is Verdict.PAYS else "less"
    amount = _money(abs(effect.net), currency)
    return f"{effect.treated} brings {amount} {more} per customer than {effect.control} {within} ({interval})."


def _wait(weeks: int | None, worth: float, currency: str) -> str:
    if weeks is None:
        return " Nobody became eligible lately, or too few buy to say how long it will take."
    smallest = f"a difference of {_money(worth, currency)} per customer would show"
    if weeks > _TOO_LONG_WEEKS:
        return f" It would take about {weeks // 52} years until {smallest}: too few customers for so small an effect."
    more = "week" if weeks == 1 else "weeks"
    return f" About {weeks} {more} more until {smallest}."


def _money(minor: float | None, currency: str) -> str:
    return f"{format_amount(round(minor or 0.0), currency)} {currency}"
