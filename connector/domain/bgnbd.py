"""The BG/NBD model: Fader, Hardie and Lee (2005), "Counting your customers" the easy way.

A customer may leave after each repeat purchase, so every one-time buyer is alive with probability exactly 1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from connector.domain import beta_geometric_fit
from connector.domain.beta_geometric import BetaGeometric
from connector.domain.purchase_model import ModelFit, PurchaseModel


@dataclass(frozen=True, slots=True)
class BgNbd(BetaGeometric):
    """BG/NBD parameters of a store."""

    name: ClassVar[str] = "bg-nbd"
    first_chance: ClassVar[int] = 0


def fit(
    x: npt.ArrayLike,
    t_x: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    unit: str = "day",
    priors: bool = False,
    near: PurchaseModel | None = None,
) -> ModelFit:
    """BG/NBD fitted to one row per customer, as `beta_geometric_fit.fit` does."""
    return beta_geometric_fit.fit(BgNbd, x, t_x, age, unit=unit, priors=priors, near=near)
