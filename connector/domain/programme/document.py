"""The programme as the JSON document that is stored and sent."""

from decimal import Decimal
from typing import Any

from connector.domain.orders import CountingRules
from connector.domain.programme import Programme, SecondPurchaseCoupon
from connector.domain.programme.ladder import Ladder, Tier


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
        ladder=Ladder(
            tiers=tuple(Tier(tier["name"], tier["threshold"]) for tier in document["tiers"]),
            months=document["tier_window_months"],
        ),
        second_purchase=SecondPurchaseCoupon(Decimal(coupon["percent"]), coupon["valid_days"], coupon["reach_days"]),
        margin=document["margin"],
        annual_discount_rate=document["annual_discount_rate"],
    )
