"""What a customer's orders earn one after the other: each in the tier that was held before it."""

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from connector.domain.earning import Earned, OrderFacts, earn
from connector.domain.orders import is_purchase
from connector.domain.programme import Programme
from connector.domain.programme.ladder import TierBasis
from connector.domain.programme.versions import in_force
from connector.domain.tiers import Override, TierWalk
from connector.domain.worth import net_value


@dataclass(frozen=True, slots=True)
class PlacedOrder:
    """An order by its latest state. ``blocked``: its customer was to earn nothing when it was placed.

    ``wc_id``, the store's own number, tells which of two orders of the same second came first.
    """

    order_id: int
    ordered_at: datetime
    facts: OrderFacts
    blocked: bool = False
    wc_id: int = 0


@dataclass(frozen=True, slots=True)
class BesideOrders:
    """Points earned by no order, at a time and on the store's day of it."""

    earned_at: datetime
    day: date
    points: int


def depends_on_tiers(programmes: Iterable[Programme]) -> bool:
    """Say whether by any version an order's points depend on the customer's other orders."""
    return any(
        any(tier.benefits.multiplier != 1 for tier in one.tiers)
        or any(multiplier.tiers for multiplier in one.earning.multipliers)
        for one in programmes
    )


def earn_in_turn(
    orders: Iterable[PlacedOrder],
    programmes: Sequence[Programme],
    overrides: Iterable[Override] = (),
    bonuses: Iterable[BesideOrders] = (),
) -> dict[int, Earned]:
    """Return what each of one customer's orders earns, by the version of the programme it was placed under.

    All of the customer's orders have to be there where `depends_on_tiers`: the tier of an order is the one that those
    before it led to, on its day, and where tiers go by points the ``bonuses`` earned before it. A bonus for the order
    itself counts from the next one on. The order of telling changes nothing.
    """
    climbs = _Climbs(programmes, list(overrides), bonuses) if depends_on_tiers(programmes) else None
    earned: dict[int, Earned] = {}
    for order in sorted(orders, key=lambda one: (one.ordered_at, one.wc_id, one.order_id)):
        rules = in_force(programmes, order.ordered_at)
        tier = climbs.tier(rules, order) if climbs else ""
        factor = next((one.benefits.multiplier for one in rules.tiers if one.name == tier), Decimal(1))
        earned[order.order_id] = Earned(0) if order.blocked else earn(order.facts, rules, factor, tier)
        if climbs:
            climbs.add(order.facts, earned[order.order_id].points)
    return earned


def counted(order: OrderFacts, programme: Programme, points: int) -> int:
    """Return what an order counts for a programme's ladder: its net value, one order, or the points it earned.

    It counts by that programme's own rules, also where it was placed under an earlier version, as a customer's
    standing is counted.
    """
    rules, amounts = programme.counting, order.amounts
    if programme.ladder.basis is TierBasis.POINTS:
        return points
    if order.deleted or order.currency != order.store_currency:
        return 0
    if not is_purchase(order.status, amounts.total, amounts.refunded, rules):
        return 0
    return net_value(amounts, rules) if programme.ladder.basis is TierBasis.NET_SPEND else 1


class _Climbs:
    """A customer's way over the ladder of each version; what was bought is offered to all of them."""

    def __init__(
        self, programmes: Sequence[Programme], overrides: Sequence[Override], bonuses: Iterable[BesideOrders]
    ) -> None:
        self._programmes = programmes
        self._overrides = overrides
        self._to_come = deque(sorted(bonuses, key=lambda one: one.earned_at))
        self._walks: dict[int, TierWalk] = {}

    def tier(self, rules: Programme, order: PlacedOrder) -> str:
        """Return the tier that was held before an order; orders are asked about one after the other."""
        while self._to_come and self._to_come[0].earned_at < order.ordered_at:
            bonus = self._to_come.popleft()
            for version in self._programmes:
                if version.ladder.basis is TierBasis.POINTS:
                    self._walk(version, order.facts.store_currency).add(bonus.day, bonus.points)
        return self._walk(rules, order.facts.store_currency).on(order.facts.day).tier

    def add(self, order: OrderFacts, points: int) -> None:
        for version in self._programmes:
            if amount := counted(order, version, points):
                self._walk(version, order.store_currency).add(order.day, amount)

    def _walk(self, version: Programme, currency: str) -> TierWalk:
        if version.version not in self._walks:
            self._walks[version.version] = TierWalk(version.ladder, currency, self._overrides)
        return self._walks[version.version]
