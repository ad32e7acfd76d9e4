"""Which coupons a programme's campaigns would bring today, what stands in the way of others, and what they cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from connector.domain.coupons import Review
from connector.domain.governor import Circumstances
from connector.domain.offering import Candidate, conclude
from connector.domain.programme.offers import Governor

# What is assumed of a store whose own coupons have not ended often enough to say.
ASSUMED_USE: Final = 0.10
LEAST_ENDED: Final = 30


@dataclass(frozen=True, slots=True)
class Use:
    """How often personal coupons of the store were used, of those that have ended: used or expired."""

    used: int
    ended: int

    @property
    def share(self) -> float:
        return self.used / self.ended if self.ended >= LEAST_ENDED else ASSUMED_USE

    @property
    def basis(self) -> str:
        if self.ended >= LEAST_ENDED:
            return f"{self.used:,} of the store's {self.ended:,} personal coupons that ended were used"
        return f"too few coupons have ended yet; {ASSUMED_USE:.0%} are assumed to be used"


@dataclass(slots=True)
class OffersDue:
    """Today's offers, summed over customers. ``budget_left`` in minor units, None without a budget.

    What tiers bring is given beside all offers, whatever the governor says.
    """

    governor: Governor
    budget_left: int | None
    granted: Counter[str] = field(default_factory=Counter)
    promised: Counter[str] = field(default_factory=Counter)
    stopped: Counter[tuple[str, str]] = field(default_factory=Counter)
    benefits: int = 0

    def add(self, found: Sequence[Candidate], review: Review, customer: Circumstances, today: date) -> None:
        """Let the governor rule on one customer, and count what it says about coupons that are new."""
        decision = conclude(review, found, customer, self.governor, self.budget_left, today)
        if self.budget_left is not None:
            self.budget_left -= decision.cost
        if decision.grant is not None:
            self.granted[decision.grant.offer.campaign] += 1
            self.promised[decision.grant.offer.campaign] += decision.grant.offer.cost or 0
        for one in decision.suppressed:
            if not one.offer.returning:
                self.stopped[one.offer.campaign, one.rule] += 1

    def add_benefits(self, found: Sequence[Candidate]) -> None:
        """Count what a customer's tier brings today."""
        for one in found:
            if one.terms is not None:
                self.benefits += 1
                self.promised[one.offer.campaign] += one.offer.cost or 0

    def to_json(self, use: Use) -> dict[str, Any]:
        """Coupons by campaign, and what they and tiers promise in minor units; the cost is that times the use."""
        campaigns = sorted({*self.granted, *(campaign for campaign, _ in self.stopped)})
        promised = sum(self.promised.values())
        return {
            "coupons": sum(self.granted.values()),
            "tier_benefits": self.benefits,
            "promised": promised,
            "expected_cost": round(promised * use.share),
            "campaigns": [
                {
                    "campaign": campaign,
                    "coupons": self.granted[campaign],
                    "promised": self.promised[campaign],
                    "stopped": {rule: count for (of, rule), count in sorted(self.stopped.items()) if of == campaign},
                }
                for campaign in campaigns
            ],
        }
