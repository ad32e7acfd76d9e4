"""Campaigns: who gets which personal coupon when, and the governor over all of them."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class DiscountKind(StrEnum):
    """What a coupon takes off."""

    PERCENT = "percent"
    FIXED = "fixed"
    FREE_SHIPPING = "free_shipping"


@dataclass(frozen=True, slots=True)
class ValueScaling:
    """A discount that follows what is at stake: ``share`` of predicted CLV × lapse probability.

    Never below the discount's own amount nor above ``largest`` (the discount's unit: percent or currency units), and
    never so much that the expected margin of the order falls below ``margin_floor`` (a share of its value).
    """

    share: Decimal
    largest: Decimal
    margin_floor: Decimal = Decimal(0)


@dataclass(frozen=True, slots=True)
class Discount:
    """What a coupon gives. ``amount`` is percent, or currency units; money limits are whole currency units."""

    kind: DiscountKind = DiscountKind.PERCENT
    amount: Decimal = Decimal("10.00")
    valid_days: int = 30
    minimum_spend: int = 0
    free_shipping: bool = False
    exclude_sale_items: bool = False
    exclude_products: frozenset[int] = frozenset()
    exclude_categories: frozenset[int] = frozenset()
    scaling: ValueScaling | None = None


@dataclass(frozen=True, slots=True)
class Audience:
    """Who is asked at all; empty sets and None mean everybody. CLV range in deciles, 1 the lowest, 10 the highest."""

    segments: frozenset[str] = frozenset()
    tiers: frozenset[str] = frozenset()
    countries: frozenset[str] = frozenset()
    clv_deciles: tuple[int, int] | None = None
    minimum_orders: int = 0


class Trigger(StrEnum):
    """What a campaign waits for."""

    WELCOME = "welcome"
    SECOND_PURCHASE = "second_purchase"
    TIER_REACHED = "tier_reached"
    BIRTHDAY = "birthday"
    ANNIVERSARY = "anniversary"
    WIN_BACK = "win_back"
    VIP = "vip"
    SEASON = "season"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Timing:
    """When, as far as the trigger needs it.

    ``reach_days``: how long ago the first order (second purchase, welcome) may be. ``from_day``, ``to_day``: a
    season's first and last day. Win-back: P(order within 90 days) below ``quiet_below`` and silent for ``quiet_gaps``
    times the customer's own usual gap. ``every_days``: how often a VIP coupon may come again.
    """

    reach_days: int = 365
    from_day: date | None = None
    to_day: date | None = None
    quiet_below: Decimal = Decimal("0.10")
    quiet_gaps: Decimal = Decimal("2.0")
    every_days: int = 365


@dataclass(frozen=True, slots=True)
class Variant:
    """One arm of an A/B test of a campaign: its share of those treated, and what it gives."""

    name: str
    share: int
    discount: Discount


@dataclass(frozen=True, slots=True)
class Campaign:
    """A reason to give somebody a coupon. ``name`` is a slug, unique in the programme, and never re-used."""

    name: str
    trigger: Trigger
    enabled: bool = True
    audience: Audience = field(default_factory=Audience)
    discount: Discount = field(default_factory=Discount)
    timing: Timing = field(default_factory=Timing)
    variants: tuple[Variant, ...] = ()


class Consent(StrEnum):
    """Whether offers need the customer's yes, or end with their no."""

    ASSUMED = "assumed"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class Governor:
    """What holds for all campaigns together. Tier benefits are not offers and pass it by.

    ``budget_per_year`` is in whole currency units of the store (None: no limit); ``full_price_days``: nothing to
    people who bought without a coupon within that many days; ``hold_out_percent``: kept without offers, to measure
    against.
    """

    one_live_coupon: bool = True
    minimum_gap_days: int = 14
    full_price_days: int = 7
    budget_per_year: int | None = None
    consent: Consent = Consent.ASSUMED
    hold_out_percent: Decimal = Decimal(5)
