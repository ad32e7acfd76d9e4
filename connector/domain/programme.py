"""A store's programme: what counts, what it earns, and where the tiers lie. One versioned JSON document."""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from connector.domain.orders import CountingRules


@dataclass(frozen=True, slots=True)
class Tier:
    """A step of the ladder: reached at ``threshold`` whole currency units of net value in the window."""

    name: str
    threshold: int


@dataclass(frozen=True, slots=True)
class SecondPurchaseCoupon:
    """A personal coupon for customers who have bought once, meant to bring them back.

    ``reach_days`` bounds how long ago the first order may be, so that connecting an old store does not hand out
    coupons to its whole past.
    """

    percent: Decimal = Decimal("10.00")
    valid_days: int = 30
    reach_days: int = 365


@dataclass(frozen=True, slots=True)
class Programme:
    """The rules of one store at one version. The defaults suit a small shop."""

    version: int = 1
    counting: CountingRules = field(default_factory=CountingRules)
    tiers: tuple[Tier, ...] = (Tier("member", 0), Tier("silver", 1_000), Tier("gold", 5_000))
    tier_window_months: int = 12
    second_purchase: SecondPurchaseCoupon = field(default_factory=SecondPurchaseCoupon)
    margin: float = 1.0
    annual_discount_rate: float = 0.10


def to_document(programme: Programme) -> dict[str, Any]:
    """Return the programme as JSON values, without its version (the row carries that)."""
    return {
        "counting": {
            "statuses": sorted(programme.counting.statuses),
            "include_tax": programme.counting.include_tax,
            "include_shipping": programme.counting.include_shipping,
        },
        "tiers": [{"name": tier.name, "threshold": tier.threshold} for tier in programme.tiers],
        "tier_window_months": programme.tier_window_months,
        "second_purchase": {
            "percent": str(programme.second_purchase.percent),
            "valid_days": programme.second_purchase.valid_days,
            "reach_days": programme.second_purchase.reach_days,
        },
        "margin": programme.margin,
        "annual_discount_rate": programme.annual_discount_rate,
    }


def from_document(document: dict[str, Any], version: int) -> Programme:
    """Return the programme a document describes, whole: documents are written by `to_document` only."""
    counting, coupon = document["counting"], document["second_purchase"]
    return Programme(
        version=version,
        counting=CountingRules(
            statuses=frozenset(counting["statuses"]),
            include_tax=counting["include_tax"],
            include_shipping=counting["include_shipping"],
        ),
        tiers=tuple(Tier(tier["name"], tier["threshold"]) for tier in document["tiers"]),
        tier_window_months=document["tier_window_months"],
        second_purchase=SecondPurchaseCoupon(Decimal(coupon["percent"]), coupon["valid_days"], coupon["reach_days"]),
        margin=document["margin"],
        annual_discount_rate=document["annual_discount_rate"],
    )
