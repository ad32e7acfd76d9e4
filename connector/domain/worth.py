"""What an order is worth after refunds, as a whole and part by part: exactly, in whole and rational numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from connector.domain.orders import CountingRules, OrderLine

# Whole where nothing was divided, which is most of the time and several times faster.
Exact = int | Fraction


class PartKind(StrEnum):
    """What an order is made of. REST is what is neither a line nor shipping: fees, and what rounding left."""

    LINE = "line"
    SHIPPING = "shipping"
    REST = "rest"


@dataclass(frozen=True, slots=True)
class Amounts:
    """An order's money in minor units: ``total`` includes tax and shipping, ``shipping`` is without its tax.

    ``refunded`` is all that was given back, ``lines[n].refunded`` the part of it that names a line.
    """

    total: int
    tax: int
    shipping: int
    refunded: int
    lines: Sequence[OrderLine] = ()


@dataclass(frozen=True, slots=True)
class Part:
    """A part of an order and what it is worth after refunds: ``net`` minor units, never negative."""

    kind: PartKind
    line: OrderLine | None
    net: Exact


def net_value(order: Amounts, rules: CountingRules) -> int:
    """Return what an order is worth after refunds, in minor units, rounded down, never below zero.

    Only what was given back on each line and in all matters: one refund split in two changes nothing.
    """
    if rules.include_tax and rules.include_shipping:
        return max(0, order.total - max(0, order.refunded)) if order.total > 0 else 0
    return int(sum(part.net for part in parts(order, rules)))


def parts(order: Amounts, rules: CountingRules) -> list[Part]:
    """Return an order's lines in their order, its shipping and the rest, with what each is worth after refunds.

    A refund reduces the line it names; what names none, a bare amount say, reduces all that is left in proportion,
    because it does not say what it was for. Together the parts are worth what the order is. Where fees are negative
    they are a discount on everything.
    """
    if order.total <= 0:
        return []
    whole = _whole(order)
    left = _left(order, whole)
    shares = _counted_shares(order, rules, whole)
    kinds = [PartKind.LINE] * len(order.lines) + [PartKind.SHIPPING, PartKind.REST]
    return [
        Part(kind, line, left_of_it * share)
        for kind, line, left_of_it, share in zip(kinds, (*order.lines, None, None), left, shares, strict=True)
    ]


def _whole(order: Amounts) -> list[Exact]:
    """Return each part before refunds, tax included; they sum to the order's total."""
    named = [max(0, line.total + line.tax) for line in order.lines] + [max(0, order.shipping)]
    surplus = sum(named) - order.total
    if surplus > 0:
        scale = Fraction(order.total, sum(named))
        return [*(amount * scale for amount in named), 0]
    return [*named, -surplus]


def _left(order: Amounts, whole: Sequence[Exact]) -> Sequence[Exact]:
    """Return what refunds leave of each part."""
    refunded = min(order.refunded, order.total)
    if refunded <= 0:
        return whole
    own: list[Exact] = [min(amount, max(0, line.refunded)) for amount, line in zip(whole, order.lines, strict=False)]
    named = sum(own)
    if named > refunded:
        scale = Fraction(refunded) / named
        own, named = [amount * scale for amount in own], refunded
    left = [amount - back for amount, back in zip(whole, (*own, 0, 0), strict=True)]
    if named == refunded:
        return left
    kept = Fraction(order.total - refunded) / (order.total - named)
    return [amount * kept for amount in left]


def _counted_shares(order: Amounts, rules: CountingRules, whole: Sequence[Exact]) -> list[Exact]:
    """Return which share of each part counts, between 0 and 1."""
    shares: list[Exact] = [1 if rules.include_tax else _untaxed(line) for line in order.lines]
    shares.append(int(rules.include_shipping))
    counted = order.total
    counted -= 0 if rules.include_tax else order.tax
    counted -= 0 if rules.include_shipping else order.shipping
    rest = counted - sum(share * amount for share, amount in zip(shares, whole, strict=False))
    if rest == whole[-1]:
        return [*shares, 1]
    return [*shares, min(Fraction(1), Fraction(max(0, rest)) / whole[-1]) if whole[-1] else 0]


def _untaxed(line: OrderLine) -> Exact:
    taxed = line.total + line.tax
    return min(Fraction(1), Fraction(max(0, line.total), taxed)) if taxed > 0 else 0
