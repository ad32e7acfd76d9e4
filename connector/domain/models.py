"""The models of repeat purchases that a store may be given, by name."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy.typing as npt

from connector.domain import bgnbd, mbgnbd, pareto_nbd_fit
from connector.domain.bgnbd import BgNbd
from connector.domain.mbgnbd import MbgNbd
from connector.domain.pareto_nbd import ParetoNbd
from connector.domain.purchase_model import ModelFit, PurchaseModel


class Fitter(Protocol):
    """Fits one model to one row per customer."""

    def __call__(
        self,
        x: npt.ArrayLike,
        t_x: npt.ArrayLike,
        age: npt.ArrayLike,
        *,
        unit: str = "day",
        priors: bool = False,
        near: PurchaseModel | None = None,
    ) -> ModelFit: ...


FITTERS: Mapping[str, Fitter] = {
    BgNbd.name: bgnbd.fit,
    MbgNbd.name: mbgnbd.fit,
    ParetoNbd.name: pareto_nbd_fit.fit,
}
_CLASSES: Mapping[str, Callable[..., PurchaseModel]] = {kind.name: kind for kind in (BgNbd, MbgNbd, ParetoNbd)}


def model_from_json(stored: Mapping[str, Any]) -> PurchaseModel:
    """The model that `to_json` stored. Raises ValueError for a name that is none of these."""
    model = _CLASSES.get(stored["model"])
    if model is None:
        raise ValueError(f"unknown model {stored['model']!r}")
    return model(**{name: value for name, value in stored.items() if name != "model"})
