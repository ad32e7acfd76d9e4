"""What the store told us about orders and customers, and which orders are purchases."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Refund:
    """One refund of an order. ``total`` is what was given back, in minor units, never negative.

    ``refunded_at`` is None where the store does not say when.
    """

    wc_id: int
    total: int
    refunded_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OrderLine:
    """One product line. ``total`` is after discounts and without tax, in minor units.

    ``refunded`` is what all refunds together gave back on this very line, tax included. ``on_sale`` is whether the
    product was on sale when it was bought, and ``categories`` (sorted, ancestors included) the categories it was in
    then, as far as the store has written that down: without it False and None.
    """

    wc_id: int
    product_id: int
    variation_id: int
    quantity: int
    total: int
    tax: int
    refunded: int = 0
    on_sale: bool = False
    categories: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True)
class OrderState:
    """The latest state of an order as the store tells it. Money in minor units of ``currency``; times in UTC.

    ``total`` includes ``tax`` and ``shipping``; ``shipping`` is without its tax. ``wc_customer_id``
    is 0 for guests. ``country`` is that of the billing address, two letters or empty. ``coupon_discounts`` is what
    each code took off, without tax. ``categories`` holds the categories in which products of the lines are now,
    ancestors included, where the store told them; it is a fact of the products, not of the order.
    ``referrer_wc_id`` is the user who sent the customer, 0 for nobody.
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
    coupon_discounts: Mapping[str, int] = field(default_factory=dict)
    country: str = ""
    categories: Mapping[int, frozenset[int]] = field(default_factory=dict)
    referrer_wc_id: int = 0

    @property
    def refunded(self) -> int:
        """Everything given back so far, in minor units."""
        return sum(refund.total for refund in self.refunds)

    @property
    def uncategorised(self) -> frozenset[int]:
        """The products of those lines that do not know the categories they were bought from."""
        return frozenset(line.product_id for line in self.lines if line.categories is None) - {0}


@dataclass(frozen=True, slots=True)
class CustomerState:
    """A registered user of the store. ``email`` is the account's own address, normalised.

    ``birthday`` is "MM-DD" or "YYYY-MM-DD"; ``consent`` whether they want offers. None: the store does not say.
    """

    wc_id: int
    email: str | None
    registered_at: datetime | None = None
    birthday: str | None = None
    consent: bool | None = None


@dataclass(frozen=True, slots=True)
class ReviewState:
    """A registered user's review of a product that the store shows."""

    wc_id: int
    wc_customer_id: int
    product_id: int
    reviewed_at: datetime


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
