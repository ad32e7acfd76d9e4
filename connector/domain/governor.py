"""The governor: of all offers that are due for a customer at most one is made, and the rest say what stopped them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from connector.domain.programme.offers import Consent, Governor


class Rule(StrEnum):
    """What stops an offer. Asked in this order; the first that says no is the one recorded.

    The hold-out comes last of those that look at the customer: who is held out at an occasion would have been given
    the coupon, so that they compare with those who were.
    """

    BLOCKED = "blocked"
    NO_ADDRESS = "no_address"
    NO_CONSENT = "no_consent"
    LIVE_COUPON = "live_coupon"
    MINIMUM_GAP = "minimum_gap"
    FULL_PRICE = "full_price"
    MARGIN_FLOOR = "margin_floor"
    BUDGET = "budget"
    ANOTHER_OFFER = "another_offer"
    HOLD_OUT = "hold_out"


@dataclass(frozen=True, slots=True)
class Offer:
    """A campaign that is due. ``cost`` is what it promises, in minor units; None: the margin floor leaves nothing.

    ``answers_order``: the offer is the answer to the order just made, which does not count as one at full price.
    ``returning``: the coupon was granted before and would come back with the reason it was given for.
    """

    campaign: str
    occasion: str
    cost: int | None
    answers_order: bool = False
    returning: bool = False


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What the governor knows of a customer; days are the store's own.

    ``live``: the campaign of a personal coupon that can be used now, or None.
    """

    live: str | None = None
    last_granted_on: date | None = None
    last_full_price_on: date | None = None
    consent: bool | None = None
    reachable: bool = True
    blocked: bool = False
    held_out: bool = False


@dataclass(frozen=True, slots=True)
class Suppression:
    """An offer that was not made, the rule that stopped it and its facts."""

    offer: Offer
    rule: Rule
    why: str


@dataclass(frozen=True, slots=True)
class Ruling:
    """The one offer that is made, if any, and what became of all the others."""

    granted: Offer | None
    suppressed: tuple[Suppression, ...]


def rule_on(
    offers: Sequence[Offer], customer: Circumstances, governor: Governor, budget_left: int | None, today: date
) -> Ruling:
    """Decide on all offers that are due for one customer.

    Precedence: coupons that would come back, then the programme's own order of campaigns, as ``offers`` are given.
    ``budget_left`` is what the year's budget still allows, in minor units, or None without a budget.
    """
    chosen: Offer | None = None
    held_out = False
    suppressed: list[Suppression] = []
    for offer in sorted(offers, key=lambda one: not one.returning):
        stopped = _stopped(offer, customer, governor, budget_left, today)
        if stopped is None and (chosen is not None or held_out):
            stopped = (Rule.ANOTHER_OFFER, "another offer came first")
        if stopped is None and customer.held_out and not offer.returning:
            held_out = True
            stopped = (Rule.HOLD_OUT, "kept without offers, to measure against")
        if stopped is None:
            chosen = offer
        else:
            suppressed.append(Suppression(offer, *stopped))
    return Ruling(chosen, tuple(suppressed))


def _stopped(
    offer: Offer, customer: Circumstances, governor: Governor, budget_left: int | None, today: date
) -> tuple[Rule, str] | None:
    if customer.blocked:
        return Rule.BLOCKED, "the customer is blocked"
    if not customer.reachable:
        return Rule.NO_ADDRESS, "no e-mail address to bind the coupon to"
    if governor.one_live_coupon and customer.live is not None:
        return Rule.LIVE_COUPON, f"a coupon of {customer.live} can still be used"
    if not offer.returning and (stopped := _too_soon(offer, customer, governor, today)):
        return stopped
    if offer.cost is None:
        return Rule.MARGIN_FLOOR, "the margin floor leaves nothing to give"
    if budget_left is not None and offer.cost > max(0, budget_left):
        return Rule.BUDGET, "the year's budget does not reach for it"
    return None


def _too_soon(offer: Offer, customer: Circumstances, governor: Governor, today: date) -> tuple[Rule, str] | None:
    """Return what stops a new offer: rules that a coupon promised before has passed already."""
    if customer.consent is False or (customer.consent is None and governor.consent is Consent.REQUIRED):
        return Rule.NO_CONSENT, "no offers wanted" if customer.consent is False else "offers were never agreed to"
    granted, bought = customer.last_granted_on, customer.last_full_price_on
    if granted is not None and granted > today - timedelta(days=governor.minimum_gap_days):
        return Rule.MINIMUM_GAP, f"the last coupon was given on {granted}"
    recently = today - timedelta(days=governor.full_price_days)
    if bought is not None and bought > recently and not offer.answers_order:
        return Rule.FULL_PRICE, f"bought without a coupon on {bought}"
    return None
