"""How much a store must have seen before its customers are valued, and what it is told until then."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

import numpy as np

from connector.domain.history import Histories


@dataclass(frozen=True, slots=True)
class Need:
    """What a store must have seen before a way of estimating is used."""

    customers: int
    repeat_customers: int
    days: int


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What falls short of a need, in words, and about how many weeks until it is met (None: cannot be told)."""

    words: tuple[str, ...]
    weeks: int | None

    def __bool__(self) -> bool:
        return bool(self.words)

    def sentence(self, instead: str) -> str:
        """For the owner; `instead` says what is done until then."""
        more = "week" if self.weeks == 1 else "weeks"
        wait = "" if self.weeks is None else f" About {self.weeks} more {more} of orders are needed."
        return f"Not enough data yet, so {instead}: {', '.join(self.words)}.{wait}"


MODEL_NEEDS = Need(customers=100, repeat_customers=30, days=91)
REPEAT_RATE_NEEDS = Need(customers=10, repeat_customers=1, days=28)


def shortfall(histories: Histories, need: Need) -> Shortfall:
    """What the histories lack; the weeks assume that the store grows on as evenly as it did so far."""
    days = int(histories.T.max(initial=0))
    have = {
        "customers": (len(histories), need.customers),
        "repeat customers": (int(np.count_nonzero(histories.x)), need.repeat_customers),
        "days of orders": (days, need.days),
    }
    short = {name: counts for name, counts in have.items() if counts[0] < counts[1]}
    words = tuple(f"{present} of {needed} {name}" for name, (present, needed) in short.items())
    if any(present == 0 for present, _ in short.values()):
        return Shortfall(words, None)
    # Each count grew from nothing in `days`, so it needs days × (needed / present − 1) more.
    waits = [max(days, 1) * (needed - present) / present / 7 for present, needed in short.values()]
    return Shortfall(words, ceil(max(waits, default=0)))
