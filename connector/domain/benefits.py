"""What a tier brings besides points: a coupon on reaching it, and free shipping while it is held."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from decimal import Decimal
from typing import Final

from connector.domain.campaigns import Due, Profile, still_holds
from connector.domain.coupons import Coupon
from connector.domain.discounts import Terms
from connector.domain.governor import Offer
from connector.domain.offering import Candidate, Setting, candidate
from connector.domain.programme.ladder import Benefits, Tier
from connector.domain.programme.offers import Campaign, DiscountKind, Trigger

# With a colon in them, so that no campaign of a merchant's is called the same.
TIER_COUPON: Final = "tier:coupon"
FREE_SHIPPING: Final = "tier:free_shipping"
# A tier may be held for ever, a coupon of a connector that was switched off should not: it is renewed every year.
_FREE_SHIPPING_DAYS: Final = 365
_NONE: Final = Benefits()


def benefits_due(
    setting: Setting,
    customer_id: int,
    profile: Profile,
    held: Sequence[Coupon],
    had: Collection[tuple[str, str]],
) -> list[Candidate]:
    """Return the coupons that a customer's tier brings and that they were not given yet.

    The coupon on reaching a tier is given for as long after that day as it would have been valid, so that a benefit
    that is new is not handed out to everybody who reached the tier years ago.
    """
    tier = _tier_of(profile, setting.programme.tiers)
    if tier is None or tier.benefits == _NONE:
        return []
    found = []
    discount, since = tier.benefits.coupon, profile.tier_since
    if discount is not None and since is not None:
        asked = Due(f"{tier.name} {since}", f"for reaching {tier.name} on {since}")
        in_time = since >= setting.today - timedelta(days=discount.valid_days)
        if in_time and (TIER_COUPON, asked.occasion) not in had:
            campaign = Campaign(TIER_COUPON, Trigger.TIER_REACHED, discount=discount)
            found.append(candidate(setting, campaign, asked, customer_id, profile))
    if tier.benefits.free_shipping and not _has_free_shipping(held, setting):
        times = sum(campaign == FREE_SHIPPING for campaign, _ in had)
        found.append(_free_shipping(tier, str(times + 1)))
    return [one for one in found if one.terms is not None]


def benefit_holds(coupon_of: str, occasion: str, profile: Profile, tiers: Sequence[Tier]) -> bool:
    """Say whether a benefit is still there: free shipping by the tier held now, a coupon by the tier it was for."""
    if coupon_of == FREE_SHIPPING:
        tier = _tier_of(profile, tiers)
        return tier is not None and tier.benefits.free_shipping
    return still_holds(Trigger.TIER_REACHED, occasion, profile, tiers)


def _tier_of(profile: Profile, tiers: Sequence[Tier]) -> Tier | None:
    return next((tier for tier in tiers if tier.name == profile.tier), None)


def _has_free_shipping(held: Sequence[Coupon], setting: Setting) -> bool:
    return any(one.campaign == FREE_SHIPPING and one.expires_on >= setting.today for one in held)


def _free_shipping(tier: Tier, occasion: str) -> Candidate:
    terms = Terms(
        trigger=Trigger.TIER_REACHED,
        kind=DiscountKind.FREE_SHIPPING,
        amount=Decimal(0),
        free_shipping=True,
        single_use=False,
    )
    why = f"free shipping as a benefit of {tier.name}"
    return Candidate(Offer(FREE_SHIPPING, occasion, 0), "", terms, _FREE_SHIPPING_DAYS, why)
