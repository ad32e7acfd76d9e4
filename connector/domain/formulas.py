"""The formulas of the trade, exact, for people who check by hand."""

from __future__ import annotations

from decimal import Decimal


def formula_clv(
    aov: Decimal,
    orders_per_year: Decimal,
    years: Decimal,
    *,
    margin: Decimal = Decimal(1),
    acquisition_cost: Decimal = Decimal(0),
) -> Decimal:
    """Average order value × orders a year × years of the relationship × margin − acquisition cost.

    In the money of `aov`, exact and not rounded; negative where the customer cost more than they bring. Raises
    ValueError for a negative factor.
    """
    if min(aov, orders_per_year, years, margin, acquisition_cost) < 0:
        raise ValueError("no factor of the formula may be negative")
    return aov * orders_per_year * years * margin - acquisition_cost
