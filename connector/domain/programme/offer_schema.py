"""How offers are written in a document: discounts, campaigns and the governor."""

from collections import Counter
from decimal import Decimal
from typing import Any

from connector.domain.countries import COUNTRIES
from connector.domain.programme.mistakes import Mistake, Mistakes
from connector.domain.programme.offers import (
    Audience,
    Campaign,
    Consent,
    Discount,
    DiscountKind,
    Governor,
    Timing,
    Trigger,
    ValueScaling,
    Variant,
)
from connector.domain.programme.values import (
    Part,
    choice,
    day,
    ids,
    label,
    matching,
    number,
    one_of,
    part,
    set_of,
    several,
    switch,
    whole,
)
from connector.domain.segments import SLUGS

_PERCENT = Decimal(100)


class ValueScalingSchema(Part):
    """A discount that follows what is at stake."""

    made = ValueScaling
    share = number("0", "1", 4, above=True, required=True)
    largest = number("0", "1000000000", 2, above=True, required=True)
    margin_floor = number("0", "1", 4)


class DiscountSchema(Part):
    """What a coupon gives."""

    made = Discount
    kind = choice(DiscountKind)
    amount = number("0", "1000000000", 2)
    valid_days = whole(1, 3_650)
    minimum_spend = whole(0, 1_000_000_000)
    free_shipping = switch()
    exclude_sale_items = switch()
    exclude_products = ids()
    exclude_categories = ids()
    scaling = part(ValueScalingSchema, allow_none=True)

    def mistakes(self, part: Any) -> Mistakes:
        """A discount takes something off, and never more than everything."""
        discount: Discount = part
        if discount.kind is DiscountKind.FREE_SHIPPING:
            if discount.scaling is not None:
                yield ("scaling",), Mistake("nothing_to_scale")
            return
        if discount.amount == 0:
            yield ("amount",), Mistake("no_discount")
        if discount.kind is DiscountKind.PERCENT and discount.amount > _PERCENT:
            yield ("amount",), Mistake("over_hundred_percent")
        if discount.scaling is not None and discount.scaling.largest < discount.amount:
            yield ("scaling", "largest"), Mistake("less_than_amount")
        largest = discount.scaling.largest if discount.scaling is not None else Decimal(0)
        if discount.kind is DiscountKind.PERCENT and largest > _PERCENT:
            yield ("scaling", "largest"), Mistake("over_hundred_percent")


class AudienceSchema(Part):
    """Who is asked at all."""

    made = Audience
    segments = set_of(one_of(SLUGS, "no_segment", choices=", ".join(SLUGS)))
    tiers = set_of(label(24, required=False))
    countries = set_of(one_of(COUNTRIES, "no_country"))
    clv_deciles = several(whole(1, 10), 2, allow_none=True)
    minimum_orders = whole(0, 1_000_000)

    def mistakes(self, part: Any) -> Mistakes:
        """A range has two ends, the lower first."""
        deciles = part.clv_deciles
        if deciles is not None and (len(deciles) != 2 or deciles[0] > deciles[1]):
            yield ("clv_deciles",), Mistake("no_deciles")


class TimingSchema(Part):
    """When."""

    made = Timing
    reach_days = whole(0, 36_500)
    from_day = day()
    to_day = day()
    quiet_below = number("0", "1", 4)
    quiet_gaps = number("0", "100", 2, above=True)
    every_days = whole(1, 36_500)

    def mistakes(self, part: Any) -> Mistakes:
        """A season ends after it began."""
        if part.from_day and part.to_day and part.to_day < part.from_day:
            yield ("to_day",), Mistake("before_first_day")


class VariantSchema(Part):
    """One arm of an A/B test."""

    made = Variant
    name = matching(r"[a-z0-9][a-z0-9_-]{0,39}", Mistake("no_slug"), required=True)
    share = whole(1, 100, required=True)
    discount = part(DiscountSchema, required=True)


class CampaignSchema(Part):
    """A reason to give somebody a coupon."""

    made = Campaign
    name = matching(r"[a-z0-9][a-z0-9_-]{0,39}", Mistake("no_slug"), required=True)
    trigger = choice(Trigger, required=True)
    enabled = switch()
    audience = part(AudienceSchema)
    discount = part(DiscountSchema)
    timing = part(TimingSchema)
    variants = several(VariantSchema, 10)

    def mistakes(self, part: Any) -> Mistakes:
        """A season has days; the arms of a test are told apart and share everybody between them."""
        campaign: Campaign = part
        if campaign.trigger is Trigger.SEASON:
            for field in ("from_day", "to_day"):
                if getattr(campaign.timing, field) is None:
                    yield ("timing", field), Mistake("season_without_days")
        if not campaign.variants:
            return
        if len(campaign.variants) < 2:
            yield ("variants",), Mistake("one_variant")
        elif (total := sum(variant.share for variant in campaign.variants)) != 100:
            yield ("variants",), Mistake("shares_not_hundred", total=total)
        yield from repeated("variants", [variant.name for variant in campaign.variants])


class GovernorSchema(Part):
    """What holds for all campaigns together."""

    made = Governor
    one_live_coupon = switch()
    minimum_gap_days = whole(0, 3_650)
    full_price_days = whole(0, 3_650)
    budget_per_year = whole(0, 1_000_000_000_000, allow_none=True)
    consent = choice(Consent)
    hold_out_percent = number("0", "100", 2)


def repeated(field: str, names: list[str]) -> Mistakes:
    """Return a mistake for every name after the first of its like; upper and lower case are alike."""
    seen: Counter[str] = Counter()
    for index, one in enumerate(names):
        if seen[one.casefold()]:
            yield (field, index, "name"), Mistake("name_taken", name=one)
        seen[one.casefold()] += 1
