"""What an order earns: rates, multipliers, exclusions, rounding, hold, and the fixed bonuses beside orders."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Rounding(StrEnum):
    """How a fraction of a point is rounded; NEAREST rounds halves up."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class RoundingPer(StrEnum):
    """What is rounded: each line by itself, or the sum of an order's lines once."""

    LINE = "line"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Multiplier:
    """A factor for some lines, or for some days (first and last included). Empty sets and open days mean all.

    Where several fit a line, the highest factor counts, and the tier's own factor on top of it.
    """

    name: str
    factor: Decimal
    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    tiers: frozenset[str] = frozenset()
    from_day: date | None = None
    to_day: date | None = None


@dataclass(frozen=True, slots=True)
class Exclusions:
    """What earns nothing. ``paid_with_points``: goods of orders on which a coupon bought with points was used."""

    products: frozenset[int] = frozenset()
    categories: frozenset[int] = frozenset()
    sale_items: bool = False
    shipping: bool = False
    tax: bool = False
    paid_with_points: bool = False


@dataclass(frozen=True, slots=True)
class EarningRules:
    """``rate`` points per whole currency unit of net value, ``hold_days`` after the order.

    ``currency_rates``: what one unit of another currency is worth in the store's; orders in a currency that is not
    named earn nothing.
    """

    rate: Decimal = Decimal(1)
    currency_rates: Mapping[str, Decimal] = field(default_factory=dict)
    rounding: Rounding = Rounding.DOWN
    rounding_per: RoundingPer = RoundingPer.ORDER
    hold_days: int = 0
    multipliers: tuple[Multiplier, ...] = ()
    exclude: Exclusions = field(default_factory=Exclusions)


@dataclass(frozen=True, slots=True)
class Bonuses:
    """Fixed points for what is not an order; 0 switches one off.

    ``referrer`` and ``friend`` are paid after the friend's first order has passed its hold.
    """

    sign_up: int = 0
    first_order: int = 0
    review: int = 0
    birthday: int = 0
    anniversary: int = 0
    referrer: int = 0
    friend: int = 0
