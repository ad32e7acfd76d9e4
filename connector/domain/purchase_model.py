"""What every model of repeat purchases can say of customers, whichever way it thinks they leave."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Floats, Numbers
from connector.domain.newton import Terms


@dataclass(frozen=True, slots=True)
class PurchaseModel(ABC):
    """The fitted parameters of a store; they and every duration passed to a method are in `unit`.

    x, t_x and age are the repeat purchases, the time from the first to the last and the time since the first, as in
    `history.Histories`; they and horizons broadcast against each other. Results are finite and never negative.
    """

    name: ClassVar[str]
    parameter_names: ClassVar[tuple[str, ...]]

    def __post_init__(self) -> None:
        if not all(np.isfinite(value) and value > 0 for value in self.parameters.values()):
            raise ValueError(f"{', '.join(self.parameter_names)} must be finite and positive")

    @property
    def parameters(self) -> dict[str, float]:
        return {name: getattr(self, name) for name in self.parameter_names}

    @property
    @abstractmethod
    def age_scale(self) -> float:
        """The smallest scale that the model adds to an age: what is expected is smooth in log(age_scale + age)."""

    @abstractmethod
    def p_alive(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Probability, in [0, 1], that each customer has not left for good."""

    @abstractmethod
    def orders_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Expected orders in the `horizon` after `age` of a customer who has not left; t_x no longer matters."""

    @abstractmethod
    def order_if_alive(self, horizon: npt.ArrayLike, x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Probability of an order in the `horizon` after `age` of a customer who has not left."""

    @abstractmethod
    def log_density(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> Floats:
        """Log-likelihood of each customer's purchase days. Densities of different models compare."""

    def expected_orders(
        self, horizon: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Expected orders in the `horizon` after `age`, given the history."""
        return self.p_alive(x, t_x, age) * self.orders_if_alive(horizon, x, age)

    def expected_orders_new(self, horizon: npt.ArrayLike) -> Floats:
        """Expected repeat orders of a customer in the `horizon` after their first purchase."""
        return self.expected_orders(horizon, 0.0, 0.0, 0.0)

    def p_order_within(
        self, horizon: npt.ArrayLike, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike
    ) -> Floats:
        """Probability, in [0, 1], of at least one order in the `horizon` after `age`."""
        return self.p_alive(x, t_x, age) * self.order_if_alive(horizon, x, age)

    def log_likelihood(self, x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> float:
        """Log-likelihood of all the customers' histories together."""
        return float(np.sum(self.log_density(x, t_x, age)))

    def to_json(self) -> dict[str, Any]:
        return {"model": self.name, **asdict(self)}


@dataclass(frozen=True, slots=True)
class ModelFit:
    """A model fitted by maximum likelihood, or with weak priors to the mode.

    standard_errors: of each parameter, from the curvature there; NaN is never given, an unbounded one is left out.
    at_boundary: parameters that the data could not bound from inside. log_likelihood: without the prior.
    """

    model: PurchaseModel
    log_likelihood: float
    customers: int
    standard_errors: Mapping[str, float]
    at_boundary: tuple[str, ...]
    converged: bool

    @classmethod
    def of(
        cls,
        model: PurchaseModel,
        *,
        log_likelihood: float,
        customers: int,
        log_errors: Floats,
        edges: npt.NDArray[np.bool_],
        converged: bool,
    ) -> ModelFit:
        """A fit from what the search in log-parameters found."""
        named = list(zip(model.parameters.items(), log_errors.tolist(), edges.tolist(), strict=True))
        return cls(
            model=model,
            log_likelihood=float(log_likelihood),
            customers=customers,
            standard_errors={name: value * error for (name, value), error, _ in named if np.isfinite(error)},
            at_boundary=tuple(name for (name, _), _, edge in named if edge),
            converged=converged,
        )


def in_logarithms(parameters: Floats, value: float, gradient: Floats, hessian: Floats, customers: float) -> Terms:
    """Sums over customers with derivatives in the parameters, as means with derivatives in their logarithms."""
    slope = parameters * gradient
    curvature = np.outer(parameters, parameters) * hessian + np.diag(slope)
    return value / customers, slope / customers, curvature / customers


def logarithms(model: PurchaseModel, units: Floats) -> Floats:
    """The parameters, each in its unit, as a search in logarithms sees them."""
    return np.asarray(np.log(np.array(list(model.parameters.values())) / units))


def columns(x: npt.ArrayLike, t_x: npt.ArrayLike, age: npt.ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """The three as columns of one length, whole numbers left whole. ValueError where empty or impossible."""
    count, last, end = (_numbers(column) for column in (x, t_x, age))
    if not count.shape == last.shape == end.shape or count.ndim != 1 or not count.size:
        raise ValueError("x, t_x and age must be columns of one length, with at least one customer")
    if not (count.min() >= 0 and last.min() >= 0 and np.all(last <= end) and np.isfinite(end.max())):
        raise ValueError("every customer needs x >= 0 and 0 <= t_x <= age, all finite")
    if not np.array_equal(count == 0, last == 0):
        raise ValueError("t_x must be 0 for one-time buyers and positive for the others")
    return count, last, end


def _numbers(column: npt.ArrayLike) -> Numbers:
    values = np.asarray(column)
    if values.dtype.kind in "iu":
        return values.astype(np.int64, copy=False)
    return values.astype(np.float64, copy=False)
