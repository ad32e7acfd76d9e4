"""Turning points into a discount: what points buy, and what has become of those that were turned into a coupon."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import ROUND_CEILING, Decimal
from enum import StrEnum
from typing import Any, Final

from connector.domain.money import exponent, format_amount
from connector.domain.programme.points import RedeemingRules


class Refusal(StrEnum):
    """Why points are not turned into a coupon. The values are codes of the protocol."""

    SWITCHED_OFF = "redeeming_off"
    BLOCKED = "customer_blocked"
    NOT_WHOLE = "points_not_whole"
    NOT_POSITIVE = "points_not_positive"
    BELOW_MINIMUM = "points_below_minimum"
    NOT_IN_STEPS = "points_not_in_steps"
    WORTH_NOTHING = "points_worth_nothing"
    NOT_ENOUGH = "points_not_enough"


@dataclass(frozen=True, slots=True)
class Refused:
    """A refusal, with a sentence for the person who asked."""

    code: Refusal
    sentence: str


@dataclass(frozen=True, slots=True)
class Quote:
    """What points buy. ``amount`` off a cart of at least ``minimum_cart``, both in minor units and above zero."""

    points: int
    amount: int
    minimum_cart: int


@dataclass(frozen=True, slots=True)
class Limits:
    """What a customer may choose now: from ``smallest`` to ``largest`` points, in steps. Both are allowed."""

    smallest: int
    largest: int
    step: int


def quote(
    points: object, rules: RedeemingRules, available: int, currency: str, *, blocked: bool = False
) -> Quote | Refused:
    """Return what ``points`` are worth to a customer who has ``available``, or why they cannot be turned in.

    ``points`` is taken as it came: everything but a whole number is refused, never rounded. A fraction of a minor
    unit is left out of the amount, so that nobody gets more than the points are worth.
    """
    if not rules.enabled:
        return Refused(Refusal.SWITCHED_OFF, "Points cannot be redeemed at the moment.")
    if blocked:
        return Refused(Refusal.BLOCKED, "This customer's points are blocked.")
    if not isinstance(points, int) or isinstance(points, bool):
        return Refused(Refusal.NOT_WHOLE, "Points must be a whole number.")
    refused = _off_the_scale(points, rules)
    if refused is not None:
        return refused
    if points > available:
        return Refused(Refusal.NOT_ENOUGH, f"Only {max(0, available)} points are available.")
    amount = worth(points, rules.points_per_unit, currency)
    if amount == 0:
        return Refused(Refusal.WORTH_NOTHING, f"{points} points are worth less than the smallest coin.")
    return Quote(points, amount, minimum_cart(amount, rules))


def _off_the_scale(points: int, rules: RedeemingRules) -> Refused | None:
    if points <= 0:
        return Refused(Refusal.NOT_POSITIVE, "Points must be more than zero.")
    if points < rules.minimum:
        return Refused(Refusal.BELOW_MINIMUM, f"At least {rules.minimum} points are needed.")
    if points % rules.step:
        return Refused(Refusal.NOT_IN_STEPS, f"Points are redeemed in steps of {rules.step}.")
    return None


def worth(points: int, points_per_unit: int, currency: str) -> int:
    """Return what points buy in whole minor units, the rest left out; negative ones as much the other way."""
    whole = abs(points) * int(10 ** exponent(currency)) // points_per_unit
    return whole if points >= 0 else -whole


def minimum_cart(amount: int, rules: RedeemingRules) -> int:
    """Return the value a cart must have so that ``amount`` is no more than the largest share of it, rounded up."""
    return int((Decimal(amount) / rules.largest_share).to_integral_value(ROUND_CEILING))


def coupon_terms(quoted: Quote, rules: RedeemingRules, currency: str) -> dict[str, Any]:
    """Return the terms of the coupon that points are turned into, by the rules in force, as JSON."""
    return {
        "discount_type": "fixed_cart",
        "amount": format_amount(quoted.amount, currency),
        "minimum_amount": format_amount(quoted.minimum_cart, currency),
        "excluded_products": sorted(rules.exclude_products),
        "excluded_categories": sorted(rules.exclude_categories),
        "exclude_sale_items": rules.exclude_sale_items,
        "redeemed_in": currency,
        "description": f"{quoted.points} points redeemed",
    }


def limits(rules: RedeemingRules, available: int, currency: str, *, blocked: bool = False) -> Limits | None:
    """Return which numbers of points `quote` takes now, or None where it takes none."""
    largest = available // rules.step * rules.step
    if isinstance(quote(largest, rules, available, currency, blocked=blocked), Refused):
        return None
    one_coin = -(-rules.points_per_unit // int(10 ** exponent(currency)))
    smallest = -(-max(rules.minimum, one_coin) // rules.step) * rules.step
    return Limits(smallest, largest, rules.step)


class RedemptionState(StrEnum):
    """What has become of a redemption."""

    RESERVED = "reserved"
    CAPTURED = "captured"
    RELEASED = "released"


# Orders that were never placed carry coupons as a cart does. So do those whose payment failed: shoppers try again,
# and the store lets them pay that very order, its coupon included.
_UNPAID: Final = "failed"
_NOT_PLACED: Final = frozenset({"checkout-draft", "auto-draft", "draft", "new", _UNPAID})
_REFUNDED: Final = "refunded"
_UNDONE: Final = frozenset({"cancelled", _REFUNDED, "trash"})


@dataclass(frozen=True, slots=True)
class Use:
    """An order that carries the coupon's code, in its latest state. Money in minor units of the order."""

    order_id: int
    status: str
    total: int
    refunded: int = 0
    gone: bool = False

    @property
    def placed(self) -> bool:
        """Whether it is, or was, an order that somebody paid or can be expected to pay. One that is gone was."""
        return self.gone or self.status not in _NOT_PLACED

    @property
    def can_be_paid(self) -> bool:
        """Whether its payment failed and may be tried again."""
        return not self.gone and self.status == _UNPAID

    @property
    def given_back(self) -> bool:
        """Whether it was placed and any of it refunded, which frees its coupon for no other order."""
        return self.placed and (self.status == _REFUNDED or self.refunded > 0)

    @property
    def live(self) -> bool:
        """Whether the order stands: placed, and not cancelled, trashed, deleted or given back in full.

        An order that cost nothing beside the points is given back by its status alone.
        """
        if self.gone or not self.placed or self.status in _UNDONE:
            return False
        return self.total <= 0 or self.refunded < self.total

    def keeps(self, points: int) -> int:
        """Return how many of the points stay spent: all but the share of the order that was given back."""
        if not self.live:
            return 0
        return points - (points * self.refunded // self.total if self.total > 0 else 0)


@dataclass(frozen=True, slots=True)
class Redeemed:
    """A redemption as it was made; ``refusal`` is set where the store would not have its coupon."""

    points: int
    expires_at: datetime
    refusal: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a redemption comes to: ``spent`` points stay taken. ``order_id`` is the order that captured it."""

    state: RedemptionState
    spent: int
    order_id: int | None = None


# The store sends an order again for three days where its first delivery fails, and no longer.
TOLD_WITHIN: Final = timedelta(days=3)


def state_of(redemption: Redeemed, uses: Iterable[Use], now: datetime) -> Outcome:
    """Return what has become of a redemption, from the orders that carry its code as they are now.

    Any order that stands captures it, be it late, and where there are several the one that keeps the most points
    (of equals the first). Used and undone: released. Never used, or on an order whose payment failed and can be tried
    again: reserved until `TOLD_WITHIN` after it expired, or until the store refused it. In between nobody can use the
    coupon any more, but the order that did may still be on its way, and points that were given back could be spent
    twice. An unpaid order holds nothing once another has been refunded: no refund takes back what one before it gave.
    Nothing else counts: how it came about, and what was booked before, make no difference.
    """
    uses = list(uses)
    placed = sorted(
        (use for use in uses if use.placed), key=lambda use: (-use.keeps(redemption.points), use.order_id)
    )
    standing = next((use for use in placed if use.live), None)
    if standing is not None:
        return Outcome(RedemptionState.CAPTURED, standing.keeps(redemption.points), standing.order_id)
    waits = any(use.can_be_paid for use in uses) and not any(use.given_back for use in placed)
    undone = bool(placed) and not waits
    if undone or redemption.refusal is not None or redemption.expires_at + TOLD_WITHIN <= now:
        return Outcome(RedemptionState.RELEASED, 0)
    return Outcome(RedemptionState.RESERVED, redemption.points)
