"""How a programme is written in a document: what counts, what it earns, what becomes of points, and the ladder."""

from itertools import pairwise
from typing import Any

from marshmallow import fields

from connector.domain.orders import CountingRules
from connector.domain.programme import Programme
from connector.domain.programme.earning import (
    Bonuses,
    EarningRules,
    Exclusions,
    Multiplier,
    Rounding,
    RoundingPer,
)
from connector.domain.programme.ladder import Benefits, Downgrade, Ladder, Tier, TierBasis, TierWindow
from connector.domain.programme.mistakes import Mistake, Mistakes
from connector.domain.programme.offer_schema import CampaignSchema, DiscountSchema, GovernorSchema, repeated
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, RedeemingRules, Shortfall
from connector.domain.programme.scoring import Scoring
from connector.domain.programme.values import (
    Part,
    choice,
    day,
    four,
    ids,
    label,
    matching,
    number,
    part,
    set_of,
    several,
    share,
    switch,
    whole,
)

_MOST_POINTS = 100_000_000
_MOST_UNITS = 1_000_000_000_000


class CountingSchema(Part):
    """Which orders are purchases."""

    made = CountingRules
    statuses = set_of(
        matching(r"[a-z0-9][a-z0-9_-]{0,39}", Mistake("no_status")),
        50,
        least=1,
        code="no_statuses",
    )
    include_tax = switch()
    include_shipping = switch()


class MultiplierSchema(Part):
    """A factor on points."""

    made = Multiplier
    name = label(60)
    factor = number("0", "100", 4, above=True, required=True)
    products = ids()
    categories = ids()
    tiers = set_of(label(24, required=False))
    from_day = day()
    to_day = day()

    def mistakes(self, part: Any) -> Mistakes:
        """A promotion ends after it began."""
        if part.from_day and part.to_day and part.to_day < part.from_day:
            yield ("to_day",), Mistake("before_first_day")


class ExclusionsSchema(Part):
    """What earns nothing."""

    made = Exclusions
    products = ids()
    categories = ids()
    sale_items = switch()
    shipping = switch()
    tax = switch()
    paid_with_points = switch()


class EarningSchema(Part):
    """What an order earns."""

    made = EarningRules
    rate = number("0", "1000000", 6)
    currency_rates = fields.Dict(
        keys=matching(r"[A-Z]{3}", Mistake("no_currency")),
        values=number("0", "1000000000", 12, above=True),
        error_messages={"null": Mistake("empty"), "invalid": Mistake("no_rates")},
    )
    rounding = choice(Rounding)
    rounding_per = choice(RoundingPer)
    hold_days = whole(0, 365)
    multipliers = several(MultiplierSchema, 100)
    # Fields do not stay attributes of their schema, so this one is in nobody's way.
    exclude = part(ExclusionsSchema)  # type: ignore[assignment]

    def mistakes(self, part: Any) -> Mistakes:
        """Multipliers are told apart by their names in every explanation."""
        return repeated("multipliers", [one.name for one in part.multipliers])


class BonusesSchema(Part):
    """Fixed points."""

    made = Bonuses
    sign_up = whole(0, _MOST_POINTS)
    first_order = whole(0, _MOST_POINTS)
    review = whole(0, _MOST_POINTS)
    birthday = whole(0, _MOST_POINTS)
    anniversary = whole(0, _MOST_POINTS)
    referrer = whole(0, _MOST_POINTS)
    friend = whole(0, _MOST_POINTS)


class RedeemingSchema(Part):
    """How points are spent."""

    made = RedeemingRules
    enabled = switch()
    points_per_unit = whole(1, _MOST_POINTS)
    minimum = whole(1, _MOST_POINTS)
    step = whole(1, _MOST_POINTS)
    largest_share = number("0", "1", 4, above=True)
    valid_days = whole(1, 3_650)
    exclude_products = ids()
    exclude_categories = ids()
    exclude_sale_items = switch()

    def mistakes(self, part: Any) -> Mistakes:
        """The minimum is one of the steps."""
        if part.minimum % part.step:
            yield ("minimum",), Mistake("not_in_steps", step=part.step)


class ExpirySchema(Part):
    """When points end."""

    made = ExpiryRules
    basis = choice(ExpiryBasis)
    months = whole(1, 120)
    warn_days = whole(0, 365)

    def mistakes(self, part: Any) -> Mistakes:
        """A warning comes after the points, not before."""
        if part.basis is not ExpiryBasis.NEVER and part.warn_days > part.months * 28:
            yield ("warn_days",), Mistake("warning_too_long", months=part.months)


class BenefitsSchema(Part):
    """What a tier brings."""

    made = Benefits
    multiplier = number("0", "100", 4, above=True)
    coupon = part(DiscountSchema, allow_none=True)
    free_shipping = switch()


class TierSchema(Part):
    """A step of the ladder."""

    made = Tier
    name = label(24)
    threshold = whole(0, _MOST_UNITS, required=True)
    benefits = part(BenefitsSchema)


class LadderSchema(Part):
    """The tiers."""

    made = Ladder
    tiers = several(TierSchema, 20)
    basis = choice(TierBasis)
    window = choice(TierWindow)
    months = whole(1, 120)
    keep_months = whole(0, 120)
    grace_days = whole(0, 366)
    downgrade = choice(Downgrade)

    def mistakes(self, part: Any) -> Mistakes:
        """Everybody has a tier, and each one is harder to reach than the one before."""
        tiers: tuple[Tier, ...] = part.tiers
        if not tiers:
            yield ("tiers",), Mistake("no_tiers")
            return
        if tiers[0].threshold:
            yield ("tiers", 0, "threshold"), Mistake("lowest_not_zero")
        for index, (lower, tier) in enumerate(pairwise(tiers), start=1):
            if tier.threshold <= lower.threshold:
                mistake = Mistake("not_above_lower_tier", least=lower.threshold, name=lower.name)
                yield ("tiers", index, "threshold"), mistake
        yield from repeated("tiers", [tier.name for tier in tiers])
        if part.downgrade is Downgrade.ONE_STEP and not part.keep_months and not part.grace_days:
            yield ("keep_months",), Mistake("falls_every_day")


class ScoringSchema(Part):
    """How customers are scored."""

    made = Scoring
    horizon_months = whole(1, 60)
    lookback_months = whole(0, 120)
    recency = four(whole(0, 36_500))
    frequency = four(whole(1, 1_000_000))
    monetary = four(whole(0, _MOST_UNITS))

    def mistakes(self, part: Any) -> Mistakes:
        """A higher score is harder to reach: by fewer days since the last purchase, by more of the others."""
        for name in ("recency", "frequency", "monetary"):
            for index, (easier, harder) in enumerate(pairwise(getattr(part, name) or ()), start=1):
                if name == "recency" and harder >= easier:
                    yield (name, index), Mistake("not_falling", most=easier)
                elif name != "recency" and harder <= easier:
                    yield (name, index), Mistake("not_rising", least=easier)


class ProgrammeSchema(Part):
    """The whole programme. Its version, and from when it holds, are the row's."""

    made = Programme
    counting = part(CountingSchema)
    earning = part(EarningSchema)
    bonuses = part(BonusesSchema)
    redeeming = part(RedeemingSchema)
    expiry = part(ExpirySchema)
    shortfall = choice(Shortfall)
    ladder = part(LadderSchema)
    campaigns = several(CampaignSchema, 100)
    governor = part(GovernorSchema)
    scoring = part(ScoringSchema)
    margin = share(1)
    annual_discount_rate = share(10)

    def mistakes(self, part: Any) -> Mistakes:
        """Campaigns are told apart, and nothing speaks of a tier that is not on the ladder."""
        programme: Programme = part
        yield from repeated("campaigns", [one.name for one in programme.campaigns])
        tiers = {tier.name for tier in programme.tiers}
        named: list[tuple[tuple[str | int, ...], frozenset[str]]] = [
            *(
                (("earning", "multipliers", n, "tiers"), one.tiers)
                for n, one in enumerate(programme.earning.multipliers)
            ),
            *(
                (("campaigns", n, "audience", "tiers"), one.audience.tiers)
                for n, one in enumerate(programme.campaigns)
            ),
        ]
        for path, wanted in named:
            if unknown := sorted(wanted - tiers):
                yield path, Mistake("no_tier", name=unknown[0])
