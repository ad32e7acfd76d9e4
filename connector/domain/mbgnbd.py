"""The MBG/NBD model: Batislam, Denizel and Filiztekin (2007); Hoppe and Wagner (2007) call it CBG/NBD.

A customer may leave after each purchase, the first included, so one-time buyers too fall silent for good.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy.typing as npt

from connector.domain import beta_geometric_fit
from connector.domain.beta_geometric import BetaGeometric
from connector.domain.purchase_model import ModelFit, PurchaseModel


@dataclass(frozen=True, slots=True)
class MbgNbd(BetaGeometric):
    """MBG/NBD parameters of a store."""

    name: ClassVar[str] = "mbg-nbd"
    first_chance: ClassVar[int] = 1


def fit(
    x: npt.ArrayLike,
    t_x: npt.ArrayLike,
    age: npt.ArrayLike,
    *,
    unit: str = "day",
    priors: bool = False,
    near: PurchaseModel | None = None,
) -> ModelFit:
    """MBG/NBD fitted to one row per customer, as `beta_geometric_fit.fit` does."""
    return beta_geometric_fit.fit(MbgNbd, x, t_x, age, unit=unit, priors=priors, near=near)
