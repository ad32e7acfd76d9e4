"""The ladder of tiers: what is counted, in which window, how long a tier is kept, and what it brings."""

from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum

from connector.domain.programme.offers import Discount


class TierBasis(StrEnum):
    """What thresholds are measured in: whole currency units of net value, counted orders, or points earned."""

    NET_SPEND = "net_spend"
    ORDERS = "orders"
    POINTS = "points"


class TierWindow(StrEnum):
    """Over which time the basis is summed."""

    ROLLING_MONTHS = "rolling_months"
    CALENDAR_YEAR = "calendar_year"
    LIFETIME = "lifetime"


class Downgrade(StrEnum):
    """How far a tier falls at a time: to the next lower one, or to the one that is earned."""

    ONE_STEP = "one_step"
    TO_EARNED = "to_earned"


@dataclass(frozen=True, slots=True)
class Benefits:
    """What a tier brings: a factor on points earned, a coupon on reaching it, free shipping while it is held."""

    multiplier: Decimal = Decimal(1)
    coupon: Discount | None = None
    free_shipping: bool = False


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the ladder: reached at ``threshold`` of the basis in the window."""

    name: str
    threshold: int
    benefits: Benefits = field(default_factory=Benefits)


@dataclass(frozen=True, slots=True)
class Ladder:
    """The tiers, the lowest at 0, and how they are earned and kept.

    A tier reached is kept for ``keep_months`` at least (0: as long as it is earned), and for ``grace_days`` after it
    would fall. ``months`` is the length of a rolling window. Programmes whose tiers fall by one step and that have
    neither are refused: every day would be a step.
    """

    tiers: tuple[Tier, ...] = (Tier("member", 0), Tier("silver", 1_000), Tier("gold", 5_000))
    basis: TierBasis = TierBasis.NET_SPEND
    window: TierWindow = TierWindow.ROLLING_MONTHS
    months: int = 12
    keep_months: int = 0
    grace_days: int = 0
    downgrade: Downgrade = Downgrade.TO_EARNED
