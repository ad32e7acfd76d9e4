"""Tiers: which step of the ladder a customer's net value in the window reaches."""

from collections.abc import Sequence

from connector.domain.money import exponent
from connector.domain.programme import Tier


def tier_for(window_value: int, currency: str, ladder: Sequence[Tier]) -> Tier:
    """Return the highest tier whose threshold (whole currency units) the net value (minor units) reaches.

    The ladder has a lowest step at 0, so everybody has a tier.
    """
    unit = 10 ** exponent(currency)
    reached = [tier for tier in ladder if window_value >= tier.threshold * unit]
    return max(reached, key=lambda tier: tier.threshold)
