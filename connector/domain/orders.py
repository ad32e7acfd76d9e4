"""What the store told us about orders and customers, and what an order is worth."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of an order. ``total`` is what was given back, in minor units, never negative."""

    wc_id: int
    total: int


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product line. ``total`` is after discounts and without tax, in minor units."""

    wc_id: int
    product_id: int
    variation_id: int
    quantity: int
    total: int
    tax: int


@dataclass(frozen=True, slots=True)
class OrderState:
    """The latest state of an order as the store tells it. Money in minor units of ``currency``; times in UTC.

    ``total`` includes ``tax`` and ``shipping``; ``shipping`` is without its tax. ``wc_customer_id``
    is 0 for guests.
    """

    wc_id: int
    status: str
    currency: str
    total: int
    tax: int
    shipping: int
    wc_customer_id: int
    email: str | None
    ordered_at: datetime
    modified_at: datetime
    refunds: tuple[Refund, ...] = ()
    lines: tuple[OrderLine, ...] = ()
    coupon_codes: tuple[str, ...] = ()

    @property
    def refunded(self) -> int:
        """Everything given back so far, in minor units."""
        return sum(refund.total for refund in self.refunds)


@dataclass(frozen=True, slots=True)
class CustomerState:
    """A registered user of the store. ``email`` is the account's own address, normalised."""

    wc_id: int
    email: str | None
    registered_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CountingRules:
    """Which orders are purchases and what counts of them. A store's setting, versioned."""

    statuses: frozenset[str] = field(default_factory=lambda: frozenset({"processing", "completed"}))
    include_tax: bool = True
    include_shipping: bool = True


def is_purchase(status: str, total: int, refunded: int, rules: CountingRules) -> bool:
    """Say whether an order counts as a purchase: a counted status, and not given back in full.

    An order that was free from the start (a full discount) is a purchase worth nothing.
    """
    return status in rules.statuses and (refunded < total or total == refunded == 0)


def net_value(total: int, tax: int, shipping: int, refunded: int, rules: CountingRules) -> int:
    """Return what an order is worth after refunds, in minor units, never below zero.

    Where tax or shipping stay out, refunds reduce what is left in proportion, because a refund of a bare amount
    does not say what it was for. Only the sum of the refunds matters: one refund split in two changes nothing.
    """
    counted = total - (0 if rules.include_tax else tax) - (0 if rules.include_shipping else shipping)
    if total <= 0 or counted <= 0:
        return 0
    return counted * max(0, total - refunded) // total
