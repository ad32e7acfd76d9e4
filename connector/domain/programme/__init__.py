"""A store's programme: everything a merchant may set, as one versioned document."""

from dataclasses import dataclass, field
from datetime import datetime

from connector.domain.orders import CountingRules
from connector.domain.programme.earning import Bonuses, EarningRules
from connector.domain.programme.ladder import Ladder, Tier
from connector.domain.programme.offers import Campaign, Governor, Trigger
from connector.domain.programme.points import ExpiryRules, RedeemingRules, Shortfall
from connector.domain.programme.scoring import Scoring

SECOND_PURCHASE = Campaign("second_purchase", Trigger.SECOND_PURCHASE)
"""What a store starts with: 10 % for who has bought once, meant to bring them back."""


@dataclass(frozen=True, slots=True)
class Programme:
    """The rules of one store at one version. The defaults suit a small shop.

    An order earns by the highest version whose ``effective_from`` is not after the order (None: it covers the past
    too), so that a later change never moves points that were earned under an earlier one. ``saved_at``: when the
    version was stored (None: it was not yet).
    """

    version: int = 1
    effective_from: datetime | None = None
    saved_at: datetime | None = field(default=None, compare=False)
    counting: CountingRules = field(default_factory=CountingRules)
    earning: EarningRules = field(default_factory=EarningRules)
    bonuses: Bonuses = field(default_factory=Bonuses)
    redeeming: RedeemingRules = field(default_factory=RedeemingRules)
    expiry: ExpiryRules = field(default_factory=ExpiryRules)
    shortfall: Shortfall = Shortfall.NEGATIVE
    ladder: Ladder = field(default_factory=Ladder)
    campaigns: tuple[Campaign, ...] = (SECOND_PURCHASE,)
    governor: Governor = field(default_factory=Governor)
    scoring: Scoring = field(default_factory=Scoring)
    margin: float = 1.0
    annual_discount_rate: float = 0.10

    def campaign(self, name: str) -> Campaign | None:
        """Return the campaign of this name, or None."""
        return next((one for one in self.campaigns if one.name == name), None)

    @property
    def tiers(self) -> tuple[Tier, ...]:
        """The steps of the ladder."""
        return self.ladder.tiers

    @property
    def tier_window_months(self) -> int:
        """The length of the rolling window."""
        return self.ladder.months


__all__ = ["SECOND_PURCHASE", "Programme", "Tier"]
