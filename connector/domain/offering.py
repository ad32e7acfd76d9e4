"""From campaigns to offers: what is due for a customer, made concrete in terms, cost and a sentence why."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from connector.domain.campaigns import Due, Moment, Profile, due, in_audience
from connector.domain.coupons import Coupon, EntitlementState, Review
from connector.domain.discounts import Terms, promise, terms_for
from connector.domain.governor import Circumstances, Offer, Suppression, rule_on
from connector.domain.hold_out import arm
from connector.domain.programme import Programme
from connector.domain.programme.offers import Campaign, Discount, Governor, Trigger

# What these answer is the order itself; it shows nothing about who would buy anyway.
_ANSWERS_ORDER: Final = frozenset({Trigger.WELCOME, Trigger.SECOND_PURCHASE})
_LONGEST_WHY: Final = 300


@dataclass(frozen=True, slots=True)
class Setting:
    """What is the same for all customers of a store on one day.

    ``typical_order`` is the net value of the average order in minor units; ``draw_key`` draws hold-out and arms.
    """

    programme: Programme
    currency: str
    today: date
    draw_key: bytes
    typical_order: int = 0


@dataclass(frozen=True, slots=True)
class Candidate:
    """An offer with everything that a grant of it would need. ``terms`` None: the margin floor leaves nothing."""

    offer: Offer
    variant: str
    terms: Terms | None
    valid_days: int
    why: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What is to become of a customer's coupons by entitlement, the one that is granted, and what was not."""

    states: Mapping[int, EntitlementState]
    grant: Candidate | None
    suppressed: tuple[Suppression, ...]
    cost: int


@dataclass(slots=True)
class ByHand:
    """A campaign that a person issues now to everybody in its audience.

    ``because`` follows what is given in the sentence why. ``tally`` counts what became of it: "granted", "already"
    for who had this occasion's coupon, and the rules that stopped it. ``promised`` adds up what was granted, in minor
    units; ``reserved`` is what earlier customers of the same preview would have been promised.
    """

    campaign: Campaign
    occasion: str
    because: str
    tally: Counter[str] = field(default_factory=Counter)
    promised: int = 0
    reserved: int = 0

    def asks(
        self, setting: Setting, customer_id: int, profile: Profile, had: Collection[tuple[str, str]]
    ) -> Candidate | None:
        """Return what a customer would be given, or None for who is not in the audience or has it already."""
        if not in_audience(self.campaign.audience, profile):
            return None
        if (self.campaign.name, self.occasion) in had:
            self.tally["already"] += 1
            return None
        return candidate(setting, self.campaign, Due(self.occasion, self.because), customer_id, profile)

    def note(self, decision: Decision) -> None:
        """Count what a decision about a customer says of it."""
        name = (self.campaign.name, self.occasion)
        for one in decision.suppressed:
            if (one.offer.campaign, one.offer.occasion) == name and not one.offer.returning:
                self.tally[one.rule] += 1
        grant = decision.grant
        if grant is not None and (grant.offer.campaign, grant.offer.occasion) == name:
            self.tally["granted"] += 1
            self.promised += decision.cost


def candidates(
    setting: Setting,
    customer_id: int,
    profile: Profile,
    had: Collection[tuple[str, str]] = (),
    earlier: Mapping[str, Sequence[date]] | None = None,
) -> list[Candidate]:
    """Return what is due for a customer, in the programme's order.

    ``had`` are the (campaign, occasion) they were given before, ``earlier`` the days of these by campaign.
    """
    found = []
    for campaign in setting.programme.campaigns:
        moment = Moment(setting.today, setting.programme.tiers, (earlier or {}).get(campaign.name, ()))
        asked = due(campaign, profile, moment)
        if asked is not None and (campaign.name, asked.occasion) not in had:
            found.append(candidate(setting, campaign, asked, customer_id, profile))
    return found


def candidate(setting: Setting, campaign: Campaign, asked: Due, customer_id: int, profile: Profile) -> Candidate:
    """Return what a campaign would give a customer on an occasion."""
    variant = arm(setting.draw_key, campaign.name, customer_id, campaign.variants)
    discount = variant.discount if variant else campaign.discount
    terms = terms_for(
        discount, campaign.trigger, profile, setting.typical_order, setting.programme.margin, setting.currency
    )
    cost = None if terms is None else promise(terms, profile, setting.typical_order, setting.currency)
    offer = Offer(campaign.name, asked.occasion, cost, answers_order=campaign.trigger in _ANSWERS_ORDER)
    why = "" if terms is None else _sentence(terms, discount, asked, setting.currency)
    return Candidate(offer, variant.name if variant else "", terms, discount.valid_days, why)


def conclude(
    review: Review,
    found: Sequence[Candidate],
    customer: Circumstances,
    governor: Governor,
    budget_left: int | None,
    today: date,
) -> Decision:
    """Let the governor rule on the coupons that would come back and on what is due.

    ``cost`` is what the decision takes from the budget, in minor units.
    """
    back = {_returning(coupon): coupon for coupon in review.returning}
    new = {candidate.offer: candidate for candidate in found}
    ruling = rule_on([*back, *new], customer, governor, budget_left, today)
    states = dict(review.states)
    for offer, coupon in back.items():
        states[coupon.id] = EntitlementState.GRANTED if offer == ruling.granted else EntitlementState.WITHDRAWN
    granted = new.get(ruling.granted) if ruling.granted else None
    cost = (ruling.granted.cost or 0) if ruling.granted else 0
    return Decision(states, granted, ruling.suppressed, cost)


def _returning(coupon: Coupon) -> Offer:
    return Offer(coupon.campaign, coupon.occasion, coupon.cost, returning=True)


def _sentence(terms: Terms, discount: Discount, asked: Due, currency: str) -> str:
    sentence = f"{terms.in_words(currency)} {asked.because}"
    if discount.scaling is not None and terms.amount != discount.amount:
        sentence += f"; {'raised' if terms.amount > discount.amount else 'cut'} from {discount.amount.normalize():f}"
        sentence += " for the value at stake" if terms.amount > discount.amount else " by the margin floor"
    return sentence if len(sentence) <= _LONGEST_WHY else sentence[: _LONGEST_WHY - 1] + "…"
