"""What becomes of points: how they are spent, when they expire, and what an undone order does to spent ones."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum


class ExpiryBasis(StrEnum):
    """What the months of expiry are counted from."""

    NEVER = "never"
    EARNED = "earned"
    INACTIVITY = "inactivity"


@dataclass(frozen=True, slots=True)
class ExpiryRules:
    """Points end with the store's day ``months`` after they were earned, or after the last order or redemption.

    ``warn_days`` ahead of it the shopper is told; switching inactivity on never expires anything sooner than that.
    """

    basis: ExpiryBasis = ExpiryBasis.NEVER
    months: int = 12
    warn_days: int = 30


class Shortfall(StrEnum):
    """What happens where an undone order's points are already spent."""

    NEGATIVE = "negative"
    FORGIVE = "forgive"
    OWE = "owe"


@dataclass(frozen=True, slots=True)
class RedeemingRules:
    """``points_per_unit`` points buy one whole currency unit of discount, in ``step`` points, from ``minimum`` on.

    ``largest_share`` of the cart's value may be paid with points; ``valid_days`` after which an unused coupon gives
    its points back.
    """

    enabled: bool = True
    points_per_unit: int = 100
    minimum: int = 500
    step: int = 100
    largest_share: Decimal = Decimal("0.50")
    valid_days: int = 30
    exclude_products: frozenset[int] = frozenset()
    exclude_categories: frozenset[int] = frozenset()
    exclude_sale_items: bool = False
