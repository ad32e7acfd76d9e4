"""Terms of value for a horizon of any number of days."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connector.domain.clv import MONTH_DAYS, ValueTerms
from connector.domain.history import Floats


@dataclass(frozen=True, slots=True)
class DayTerms(ValueTerms):
    """As ValueTerms, with the horizon in days: it is cut into equal pieces of about a month, discounted mid-piece."""

    horizon_days: int = 365

    @property
    def month_ends(self) -> Floats:
        """Days until the end of each piece of the horizon."""
        ends: Floats = self.horizon_days / self.horizon_months * np.arange(1.0, self.horizon_months + 1)
        return ends

    def discounts(self) -> Floats:
        """What a unit of money in the middle of each piece of the horizon is worth today."""
        middles = self.month_ends - 0.5 * self.horizon_days / self.horizon_months
        worth: Floats = np.exp(-middles / (12.0 * MONTH_DAYS) * np.log1p(self.annual_discount_rate))
        return worth


def value_terms(horizon_days: int | None, margin: float, discount_rate: float) -> ValueTerms:
    """Terms for so many days, or for twelve months."""
    if horizon_days is None:
        return ValueTerms(12, margin, discount_rate)
    return DayTerms(max(1, round(horizon_days / MONTH_DAYS)), margin, discount_rate, horizon_days)
