"""What a store's own history would have come to under a programme: tiers, points, what they would owe.

Every customer is played through the same rules that award real points (`earn`, `TierWalk`, `replay`), once under the
programme in force today and once under the proposed one, as if each had always held. So the two columns differ by the
rules alone. Redemptions are taken as they happened, as far as the points would have reached for them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, tzinfo
from typing import Any

from connector.domain.account import Spend, replay
from connector.domain.bonuses import Person, bonuses_of
from connector.domain.calendar import local_day
from connector.domain.earning import Earned
from connector.domain.earnings import BesideOrders, PlacedOrder, counted, earn_in_turn
from connector.domain.expiry import expiry_of
from connector.domain.ledger import is_bonus, order_source
from connector.domain.lots import Lot
from connector.domain.programme import Programme
from connector.domain.programme.ladder import TierBasis
from connector.domain.redemption import worth
from connector.domain.silence import inactivity_of
from connector.domain.tiers import Override, TierWalk, thresholds


@dataclass(frozen=True, slots=True)
class History:
    """Everything of a customer that a programme works on.

    ``people`` are they and whom they brought to the store, as far as bonuses go by them. ``given``: points that come
    from no rule, or were given on a day and kept. ``blocked``: when nothing was earned, to the first moment after it.
    """

    customer_id: int
    orders: Sequence[PlacedOrder] = ()
    people: Sequence[Person] = ()
    given: Sequence[Lot] = ()
    blocked: Sequence[tuple[datetime, datetime | None]] = ()
    spends: Sequence[Spend] = ()
    overrides: Sequence[Override] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """The store on the day of the simulation."""

    currency: str
    zone: tzinfo
    now: datetime

    @property
    def today(self) -> date:
        return local_day(self.now, self.zone)


@dataclass(frozen=True, slots=True)
class Played:
    """Where a customer would stand. ``reached``: the day on which they rose to their tier.

    It is None for the tier everybody starts in, and for one that is what was left of a higher one. Points: ``held``
    are pending and available, ``short`` what redemptions lacked.
    """

    tier: str
    reached: date | None
    lots: tuple[Lot, ...]
    redeemed: int
    expired: int
    held: int
    short: int


def play(history: History, programme: Programme, setting: Setting) -> Played:
    """Play a customer's history under one programme, from the first order to now."""
    given = [*history.given, *_bonuses(history, programme, setting)]
    bonuses = [
        BesideOrders(lot.earned_at, local_day(lot.earned_at, setting.zone), lot.points)
        for lot in given
        if is_bonus(lot.source)
    ]
    earned = earn_in_turn(history.orders, [programme], history.overrides, bonuses)
    lots = (*given, *_lots(history, earned, programme, setting))
    state = replay(lots, history.spends, (), inactivity_of([programme]), setting.now, setting.zone)
    each = state.lots.values()
    tier, reached = _tier(history, earned, bonuses, programme, setting)
    return Played(
        tier=tier,
        reached=reached,
        lots=lots,
        redeemed=sum(lot.spent for lot in each),
        expired=sum(lot.expired for lot in each),
        held=sum(lot.remaining + lot.pending for lot in each),
        short=state.debt,
    )


def _bonuses(history: History, programme: Programme, setting: Setting) -> list[Lot]:
    return [
        Lot(
            bonus.source,
            bonus.points,
            bonus.earned_at,
            bonus.earned_at + timedelta(days=bonus.hold_days),
            expiry_of(bonus.earned_at, programme.expiry, setting.zone),
        )
        for person in history.people
        for bonus in bonuses_of(person, [programme])
        if bonus.customer_id == history.customer_id and not _is_blocked(history, bonus.earned_at)
    ]


def _is_blocked(history: History, moment: datetime) -> bool:
    return any(begin <= moment and (end is None or moment < end) for begin, end in history.blocked)


def _lots(history: History, earned: Mapping[int, Earned], programme: Programme, setting: Setting) -> list[Lot]:
    hold = timedelta(days=programme.earning.hold_days)
    return [
        Lot(
            order_source(order.order_id),
            earned[order.order_id].points,
            order.ordered_at,
            order.ordered_at + hold,
            expiry_of(order.ordered_at, programme.expiry, setting.zone),
        )
        for order in history.orders
        if earned[order.order_id].points
    ]


def _tier(
    history: History,
    earned: Mapping[int, Earned],
    bonuses: Sequence[BesideOrders],
    programme: Programme,
    setting: Setting,
) -> tuple[str, date | None]:
    """Return the tier of today and when it was reached; who never left the lowest step has nothing to walk."""
    ladder, currency = programme.ladder, setting.currency
    amounts = [
        (order.facts.day, counted(order.facts, programme, earned[order.order_id].points)) for order in history.orders
    ]
    if ladder.basis is TierBasis.POINTS:
        amounts += [(bonus.day, bonus.points) for bonus in bonuses]
    starts = thresholds(ladder, currency)
    rises = len(starts) > 1 and sum(amount for _, amount in amounts) >= starts[1]
    if not rises and not history.overrides:
        return ladder.tiers[0].name, None
    walk = TierWalk(ladder, currency, history.overrides)
    for day, amount in amounts:
        walk.add(day, amount)
    state = walk.on(setting.today)
    return state.tier, None if state.fell else state.since


@dataclass(slots=True)
class Column:
    """One programme's side of the comparison, summed over customers."""

    programme: Programme
    customers_per_tier: Counter[str] = field(default_factory=Counter)
    issued_per_month: Counter[str] = field(default_factory=Counter)
    redeemed: int = 0
    expired: int = 0
    held: int = 0
    short: int = 0

    def take(self, played: Played, zone: tzinfo) -> None:
        self.customers_per_tier[played.tier] += 1
        for lot in played.lots:
            self.issued_per_month[f"{local_day(lot.earned_at, zone):%Y-%m}"] += lot.points
        self.redeemed += played.redeemed
        self.expired += played.expired
        self.held += played.held
        self.short += played.short

    def to_json(self, currency: str) -> dict[str, Any]:
        """Points, and what they are worth in minor units; months without points are left out."""
        per_unit = self.programme.redeeming.points_per_unit
        issued = sum(self.issued_per_month.values())
        return {
            "tiers": {tier.name: self.customers_per_tier[tier.name] for tier in self.programme.tiers},
            "points_issued": issued,
            "points_issued_value": worth(issued, per_unit, currency),
            "points_issued_by_month": dict(sorted(self.issued_per_month.items())),
            "points_redeemed": self.redeemed,
            "points_expired": self.expired,
            "points_outstanding": self.held,
            "liability": worth(self.held, per_unit, currency),
            "points_short_for_redemptions": self.short,
        }


@dataclass(slots=True)
class Comparison:
    """The programme in force against the proposed one, customer by customer, in memory that stays the same."""

    setting: Setting
    current: Column
    proposed: Column
    customers: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)

    @classmethod
    def of(cls, current: Programme, proposed: Programme, setting: Setting) -> Comparison:
        return cls(setting, Column(current), Column(proposed))

    def add(self, history: History) -> tuple[Played, Played]:
        """Count a customer in, and return where they stand now and where they would."""
        now = play(history, self.current.programme, self.setting)
        then = play(history, self.proposed.programme, self.setting)
        self.current.take(now, self.setting.zone)
        self.proposed.take(then, self.setting.zone)
        self.moves[now.tier, then.tier] += 1
        self.customers += 1
        return now, then

    def to_json(self) -> dict[str, Any]:
        """The two columns, and who moves. Up and down are places on the ladders, counted from the lowest tier."""
        up, down = self._moved(1), self._moved(-1)
        return {
            "customers": self.customers,
            "current": self.current.to_json(self.setting.currency),
            "proposed": self.proposed.to_json(self.setting.currency),
            "moves": [
                {"from": before, "to": after, "customers": count}
                for (before, after), count in sorted(self.moves.items())
                if before != after
            ],
            "moved_up": up,
            "moved_down": down,
        }

    def _moved(self, direction: int) -> int:
        """How many would be higher (1) or lower (−1) on the ladder than they are."""
        before = {tier.name: step for step, tier in enumerate(self.current.programme.tiers)}
        after = {tier.name: step for step, tier in enumerate(self.proposed.programme.tiers)}
        return sum(
            count for (was, would), count in self.moves.items() if (after[would] - before[was]) * direction > 0
        )
