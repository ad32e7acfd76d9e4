"""What an order earns: its parts after refunds, what earns nothing, factors, rounding. Exact, never in floats."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor
from typing import Final

from connector.domain.money import exponent
from connector.domain.orders import OrderLine, is_purchase
from connector.domain.programme import Programme
from connector.domain.programme.earning import EarningRules, Exclusions, Multiplier, Rounding, RoundingPer
from connector.domain.worth import Amounts, Exact, Part, PartKind, parts

# What one order earns at most, however high rates and factors are: sums of many such still fit into 64 bits. It is a
# point for each unit of the largest amount there can be.
MOST_POINTS: Final = 10**15


@dataclass(frozen=True, slots=True)
class OrderFacts:
    """What of an order decides over its points. Money in minor units of ``currency``, as in `Amounts`.

    ``day`` is the store's day of the order. ``categories`` holds each product's, ancestors included, for lines that
    do not know theirs; a product that is not in it is in none. ``paid_with_points``: a coupon that was bought with
    points was used on it.
    """

    status: str
    currency: str
    store_currency: str
    amounts: Amounts
    day: date
    categories: Mapping[int, frozenset[int]] = field(default_factory=dict)
    paid_with_points: bool = False
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class EarnedLine:
    """How one part of an order came to its points.

    ``net`` is what it is worth (minor units of the order's currency), ``points`` what that earns: before rounding
    where the programme rounds per order, after it where it rounds per line; where the order earns MOST_POINTS, its
    share of them. ``factor`` includes the tier's; ``multiplier`` names the rule behind it, ``excluded`` the rule for
    which it earns nothing; both may be empty.
    """

    kind: PartKind
    line_wc_id: int
    product_id: int
    net: Exact
    points: Exact
    factor: Exact
    multiplier: str = ""
    excluded: str = ""


@dataclass(frozen=True, slots=True)
class Earned:
    """An order's points and how they came about: those of its ``lines``, rounded.

    ``lines`` is empty where the order earns nothing at all.
    """

    points: int
    lines: tuple[EarnedLine, ...] = ()


def asks_for_categories(programmes: Sequence[Programme]) -> bool:
    """Say whether any version has a rule on the categories of products."""
    return any(
        one.earning.exclude.categories or any(multiplier.categories for multiplier in one.earning.multipliers)
        for one in programmes
    )


def exchange_rate(currency: str, store_currency: str, rules: EarningRules) -> Decimal | None:
    """Return what one unit of ``currency`` is worth in the store's, or None where it earns nothing."""
    return Decimal(1) if currency == store_currency else rules.currency_rates.get(currency)


def earn(order: OrderFacts, programme: Programme, tier_factor: Decimal = Decimal(1), tier: str = "") -> Earned:
    """Return the points an order earns under a programme, for a customer who was in ``tier`` before it.

    They follow from the order's latest state alone: an order that is no purchase earns nothing, however it came to
    that. Never negative, never more than MOST_POINTS; a refund never earns anything.
    """
    rules, amounts = programme.earning, order.amounts
    rate = exchange_rate(order.currency, order.store_currency, rules)
    counts = is_purchase(order.status, amounts.total, amounts.refunded, programme.counting)
    if order.deleted or rate is None or not counts:
        return Earned(0)
    per_minor_unit = _points_per_minor_unit(rules.rate, rate, order.currency)
    counting = replace(
        programme.counting,
        include_tax=programme.counting.include_tax and not rules.exclude.tax,
        include_shipping=programme.counting.include_shipping and not rules.exclude.shipping,
    )
    lines = [
        _earned_line(order, rules, part, per_minor_unit, _whole_or_fraction(tier_factor), tier)
        for part in parts(amounts, counting)
        if part.line is not None or part.net
    ]
    if rules.rounding_per is RoundingPer.LINE:
        lines = [replace(line, points=rounded(line.points, rules.rounding)) for line in lines]
    points = sum(line.points for line in lines)
    if points > MOST_POINTS:
        points, share = MOST_POINTS, Fraction(MOST_POINTS) / points
        lines = [replace(line, points=line.points * share) for line in lines]
    return Earned(rounded(points, rules.rounding), tuple(lines))


@lru_cache(maxsize=64)
def _points_per_minor_unit(rate: Decimal, exchange: Decimal, currency: str) -> Fraction:
    unit: int = 10 ** exponent(currency)
    return Fraction(rate) * Fraction(exchange) / unit


def detail_of(earned: Earned) -> list[dict[str, str | int]]:
    """Return how an order came to its points as JSON values for people, part by part.

    ``net`` is in minor units of the order's currency, ``points`` as in `EarnedLine`; both to four decimals.
    """
    return [
        {
            "part": str(line.kind),
            "line": line.line_wc_id,
            "product": line.product_id,
            "net": _short(line.net),
            "factor": _short(line.factor),
            "points": _short(line.points),
            "multiplier": line.multiplier,
            "excluded": line.excluded,
        }
        for line in earned.lines
    ]


def _short(number: Exact) -> str:
    return f"{Decimal(round(number * 10_000)).scaleb(-4).normalize():f}"


def rounded(points: Exact, rounding: Rounding) -> int:
    """Return whole points; NEAREST rounds halves up."""
    if rounding is Rounding.UP:
        return ceil(points)
    return floor(points + Fraction(1, 2)) if rounding is Rounding.NEAREST else floor(points)


def _earned_line(
    order: OrderFacts, rules: EarningRules, part: Part, per_minor_unit: Fraction, tier_factor: Exact, tier: str
) -> EarnedLine:
    line = part.line
    categories = _categories(order, line) if line else frozenset()
    excluded = _exclusion(order, rules.exclude, line, categories) if line else ""
    multiplier = _highest(rules.multipliers, order.day, tier, line, categories)
    factor = (_whole_or_fraction(multiplier.factor) if multiplier else 1) * tier_factor
    return EarnedLine(
        kind=part.kind,
        line_wc_id=line.wc_id if line else 0,
        product_id=line.product_id if line else 0,
        net=part.net,
        points=0 if excluded else part.net * per_minor_unit * factor,
        factor=factor,
        multiplier=multiplier.name if multiplier else "",
        excluded=excluded,
    )


def _whole_or_fraction(factor: Decimal) -> Exact:
    """Return a factor for exact reckoning; one below zero is none."""
    if factor <= 0:
        return 0
    return int(factor) if factor == int(factor) else Fraction(factor)


def _categories(order: OrderFacts, line: OrderLine) -> frozenset[int]:
    if line.categories is not None:
        return frozenset(line.categories)
    return order.categories.get(line.product_id, frozenset())


def _exclusion(order: OrderFacts, exclude: Exclusions, line: OrderLine, categories: frozenset[int]) -> str:
    """Return the name of the rule for which a line earns nothing, or nothing."""
    if exclude.products & {line.product_id, line.variation_id}:
        return "product"
    if exclude.categories & categories:
        return "category"
    if exclude.sale_items and line.on_sale:
        return "on sale"
    return "paid with points" if exclude.paid_with_points and order.paid_with_points else ""


def _highest(
    multipliers: Sequence[Multiplier], day: date, tier: str, line: OrderLine | None, categories: frozenset[int]
) -> Multiplier | None:
    """Return the multiplier that counts for a part: of those that fit it the one with the highest factor."""
    fitting = [one for one in multipliers if _fits(one, day, tier, line, categories)]
    return min(fitting, key=lambda one: (-one.factor, one.name), default=None)


def _fits(one: Multiplier, day: date, tier: str, line: OrderLine | None, categories: frozenset[int]) -> bool:
    ids = {line.product_id, line.variation_id} if line else set()
    return (
        (one.from_day is None or one.from_day <= day)
        and (one.to_day is None or day <= one.to_day)
        and (not one.tiers or tier in one.tiers)
        and (not one.products or bool(one.products & ids))
        and (not one.categories or bool(one.categories & categories))
    )
