"""How customers are scored and valued: how far ahead, how far back, and what it takes for a score."""

from dataclasses import dataclass
from datetime import date

from connector.domain.calendar import months_before

Bounds = tuple[int, ...]
"""What it takes to score 2, 3, 4 and 5, each harder to reach than the one before."""


@dataclass(frozen=True, slots=True)
class Scoring:
    """``horizon_months``: how far ahead the expected value looks. ``lookback_months``: how far back F and M count.

    0 months back is everything. ``recency`` (at most so many days since the last purchase), ``frequency`` (purchase
    days) and ``monetary`` (whole currency units of net value) are four thresholds each; None: fifths of the store's
    customers.
    """

    horizon_months: int = 12
    lookback_months: int = 0
    recency: Bounds | None = None
    frequency: Bounds | None = None
    monetary: Bounds | None = None


def lookback_days(months: int, today: date) -> int | None:
    """Return how many days the last ``months`` are, today included, as tiers count them; None for 0, everything."""
    return (today - months_before(today, months)).days if months else None
