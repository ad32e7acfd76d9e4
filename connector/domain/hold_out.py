"""Keyed draws: who is kept without offers, and which arm of an A/B test a customer is in.

A draw depends on the store's key, the purpose and the customer alone: no order of events changes it, nobody can
choose theirs, and the same draw can be shown again. What was drawn is kept, so that a later share does not draw anew.
"""

import hashlib
import hmac
from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction

from connector.domain.programme.offers import Variant

_BITS = 64


def draw(key: bytes, purpose: str, customer_id: int) -> Fraction:
    """Return a customer's number for a purpose: 0 <= number < 1, evenly spread over customers."""
    digest = hmac.new(key, f"{purpose}:{customer_id}".encode(), hashlib.sha256).digest()
    return Fraction(int.from_bytes(digest[: _BITS // 8]), 2**_BITS)


def is_held_out(key: bytes, customer_id: int, percent: Decimal) -> bool:
    """Say whether a customer who has not been drawn yet is kept without offers."""
    return draw(key, "hold-out", customer_id) * 100 < Fraction(percent)


def arm(key: bytes, campaign: str, customer_id: int, variants: Sequence[Variant]) -> Variant | None:
    """Return the arm of a campaign's A/B test that a customer is in, by the shares; None where there is no test."""
    total = sum(variant.share for variant in variants)
    if total <= 0:
        return None
    at = draw(key, f"arm:{campaign}", customer_id) * total
    below = 0
    for variant in variants:
        below += variant.share
        if at < below:
            return variant
    return variants[-1]
