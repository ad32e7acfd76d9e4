"""What a coupon gives: the terms promised, the value that follows what is at stake, and what it will cost."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal
from typing import Any, Final

from connector.domain.campaigns import Profile
from connector.domain.money import exponent
from connector.domain.programme.offers import Discount, DiscountKind, Trigger, ValueScaling

_HUNDRED: Final = Decimal(100)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a coupon gives, as it was promised: later programmes change nothing about it.

    ``amount`` is percent or currency units, ``minimum_spend`` currency units. ``trigger`` says for which reason.
    """

    trigger: Trigger
    kind: DiscountKind
    amount: Decimal
    minimum_spend: int = 0
    free_shipping: bool = False
    exclude_sale_items: bool = False
    exclude_products: tuple[int, ...] = ()
    exclude_categories: tuple[int, ...] = ()
    single_use: bool = True

    def to_json(self) -> dict[str, Any]:
        """Return the terms as they are stored."""
        return {
            "trigger": self.trigger.value,
            "kind": self.kind.value,
            "amount": str(self.amount),
            "minimum_spend": self.minimum_spend,
            "free_shipping": self.free_shipping,
            "exclude_sale_items": self.exclude_sale_items,
            "exclude_products": list(self.exclude_products),
            "exclude_categories": list(self.exclude_categories),
            "single_use": self.single_use,
        }

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "Terms":
        """Return stored terms; they were written by `to_json` only."""
        return cls(
            trigger=Trigger(stored["trigger"]),
            kind=DiscountKind(stored["kind"]),
            amount=Decimal(stored["amount"]),
            minimum_spend=stored["minimum_spend"],
            free_shipping=stored["free_shipping"],
            exclude_sale_items=stored["exclude_sale_items"],
            exclude_products=tuple(stored["exclude_products"]),
            exclude_categories=tuple(stored["exclude_categories"]),
            single_use=stored["single_use"],
        )

    def in_words(self, currency: str) -> str:
        """Return what is given in a few words: "10 %", "5.00 EUR", "free shipping"."""
        if self.kind is DiscountKind.FREE_SHIPPING:
            return "free shipping"
        if self.kind is DiscountKind.PERCENT:
            off = f"{self.amount.normalize():f} %"
        else:
            off = f"{self.amount:.{exponent(currency)}f} {currency}"
        return f"{off} and free shipping" if self.free_shipping else off


def plain_terms(discount: Discount, trigger: Trigger) -> Terms:
    """Return the terms of a discount as it stands, without scaling."""
    return Terms(
        trigger=trigger,
        kind=discount.kind,
        amount=Decimal(0) if discount.kind is DiscountKind.FREE_SHIPPING else discount.amount,
        minimum_spend=discount.minimum_spend,
        free_shipping=discount.free_shipping or discount.kind is DiscountKind.FREE_SHIPPING,
        exclude_sale_items=discount.exclude_sale_items,
        exclude_products=tuple(sorted(discount.exclude_products)),
        exclude_categories=tuple(sorted(discount.exclude_categories)),
    )


def terms_for(
    discount: Discount, trigger: Trigger, profile: Profile, typical_order: int, margin: float, currency: str
) -> Terms | None:
    """Return what a customer is promised, scaled where the discount says so; None where the margin forbids it.

    ``typical_order`` (minor units) stands in for a customer who has bought nothing; ``margin`` is the share of an
    order's value that is left to the shop.
    """
    terms = plain_terms(discount, trigger)
    if discount.scaling is None or discount.kind is DiscountKind.FREE_SHIPPING:
        return terms
    unit = Decimal(10) ** exponent(currency)
    order = max(Decimal(_expected_order(profile, typical_order)) / unit, Decimal(discount.minimum_spend))
    at_stake = Decimal(profile.clv or 0) / unit * Decimal(str(lapse_probability(profile)))
    amount = scaled_amount(discount, discount.scaling, at_stake, order, Decimal(str(margin)))
    places = 2 if discount.kind is DiscountKind.PERCENT else exponent(currency)
    amount = amount.quantize(Decimal(1).scaleb(-places), rounding=ROUND_FLOOR)
    return replace(terms, amount=amount) if amount > 0 else None


def scaled_amount(
    discount: Discount, scaling: ValueScaling, at_stake: Decimal, order: Decimal, margin: Decimal
) -> Decimal:
    """Return the amount for what is at stake (currency units), in the discount's unit; 0 where nothing may be given.

    It lies between the discount's own amount and the largest, and is rounded down to a figure people understand. The
    margin floor is above both: what is left of the order's value (before the discount) never falls below it.
    """
    share = max(Decimal(0), margin - scaling.margin_floor)
    if discount.kind is DiscountKind.PERCENT:
        wished = scaling.share * at_stake / order * _HUNDRED if order > 0 else Decimal(0)
        affordable = min(share * _HUNDRED, _HUNDRED)
    else:
        wished, affordable = scaling.share * at_stake, share * order
    if discount.amount > affordable:
        return understandable(affordable)
    return max(discount.amount, understandable(min(wished, scaling.largest, affordable)))


def understandable(amount: Decimal) -> Decimal:
    """Round down to a figure that reads as one: 7.6 is 7, 17 is 15, 38 is 35, 137 is 100, 0.83 is 0.8."""
    if amount <= 0:
        return Decimal(0)
    place = Decimal(1).scaleb(amount.adjusted())
    step = place / 2 if amount >= 10 else place
    return (amount / step).to_integral_value(rounding=ROUND_FLOOR) * step


def lapse_probability(profile: Profile) -> float:
    """Return how likely a customer is gone: by the model, else by whether they order within a year; 0 unknown."""
    here = profile.p_alive if profile.p_alive is not None else profile.p_order_365d
    return 0.0 if here is None else min(1.0, max(0.0, 1.0 - here))


def promise(terms: Terms, profile: Profile, typical_order: int, currency: str) -> int:
    """Return what a coupon will cost when it is used, in minor units, as far as that can be told beforehand.

    Fixed: its amount. Percent: of the customer's average order, and of no less than has to be spent. Shipping is not
    counted: WooCommerce books no discount for it.
    """
    unit = Decimal(10) ** exponent(currency)
    if terms.kind is DiscountKind.FREE_SHIPPING:
        return 0
    if terms.kind is DiscountKind.FIXED:
        return int(terms.amount * unit)
    order = max(Decimal(_expected_order(profile, typical_order)), terms.minimum_spend * unit)
    return round(terms.amount / _HUNDRED * order)


def _expected_order(profile: Profile, typical_order: int) -> int:
    own = profile.average_order
    return typical_order if own is None else own
