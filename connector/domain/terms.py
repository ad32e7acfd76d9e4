"""What a value is reckoned in: how far ahead, at what margin, at what discount."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from connector.domain.arrays import Floats

YEAR_DAYS = 365.25
MONTH_DAYS = YEAR_DAYS / 12


@dataclass(frozen=True, slots=True)
class ValueTerms:
    """What a store's value is reckoned in: days ahead, margin on net value, discount a year.

    The horizon is cut into equal pieces of about a month, each discounted from its middle. Raises ValueError for a
    horizon under a day, a margin outside [0, 1] or a negative discount.
    """

    horizon_days: float = YEAR_DAYS
    margin: float = 1.0
    annual_discount_rate: float = 0.10

    def __post_init__(self) -> None:
        known = 1 <= self.horizon_days < np.inf and 0 <= self.annual_discount_rate < np.inf
        if not known or not 0 <= self.margin <= 1:
            raise ValueError("terms need a horizon of at least 1 day, a margin from 0 to 1 and a discount >= 0")

    @property
    def horizon(self) -> str:
        """The horizon in words: whole months where it is some, else days."""
        months = self.horizon_days / MONTH_DAYS
        number, unit = (months, "month") if months.is_integer() else (self.horizon_days, "day")
        return f"{number:g} {unit}{'' if number == 1 else 's'}"

    @property
    def piece_days(self) -> float:
        """Length of each piece of the horizon."""
        return self.horizon_days / max(1, round(self.horizon_days / MONTH_DAYS))

    @property
    def piece_ends(self) -> Floats:
        """Days until the end of each piece of the horizon."""
        pieces = round(self.horizon_days / self.piece_days)
        ends: Floats = self.horizon_days / pieces * np.arange(1.0, pieces + 1)
        return ends

    def discounts(self) -> Floats:
        """What a unit of money in the middle of each piece of the horizon is worth today."""
        years = (self.piece_ends - 0.5 * self.piece_days) / YEAR_DAYS
        worth: Floats = np.exp(-years * np.log1p(self.annual_discount_rate))
        return worth
