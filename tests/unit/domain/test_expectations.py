"""Expectations against the same formulas at 40 digits, where the textbook form in doubles breaks down."""

from __future__ import annotations

from itertools import product

import mpmath
import numpy as np
import pytest

from connector.domain import alive
from connector.domain.beta_geometric import BetaGeometric
from connector.domain.bgnbd import BgNbd
from connector.domain.mbgnbd import MbgNbd
from connector.domain.pareto_nbd import ParetoNbd

PARAMETERS = [
    (0.243, 4.414, 0.793, 2.426),
    (0.5, 10.0, 1.0, 2.0),
    (1.2, 3.0, 1.0000001, 0.7),
    (0.1, 1.0, 0.999, 5.0),
    (3.0, 0.5, 0.3, 0.2),
    (0.05, 30.0, 2.5, 8.0),
    (10.0, 100.0, 0.01, 3.0),
    (1.0, 1.0, 5.1, 0.6),
]
COUNTS = (0, 1, 2, 7, 40, 1000, 5000)
AGES = (0.0, 1.0, 39.0, 1000.0)
HORIZONS = (0.5, 52.0, 1e4, 1e6)


def exactly(model: BetaGeometric, horizon: float, x: int, age: float) -> float:
    """The published closed form at 40 digits; a hair beside its removable singularities."""
    with mpmath.workdps(70):
        r, alpha, a, b = (mpmath.mpf(value) for value in model.parameters.values())
        if a == 1:
            a += mpmath.mpf(10) ** -30
        stays = b + x + model.first_chance
        c = a + stays - 1
        z = horizon / (alpha + age + horizon)
        silent = ((alpha + age) / (alpha + age + horizon)) ** (r + x)
        return float(c / (a - 1) * (1 - silent * mpmath.hyp2f1(r + x, stays, c, z)))


@pytest.mark.parametrize(
    ("kind", "parameters"),
    [*((BgNbd, parameters) for parameters in PARAMETERS), *((MbgNbd, parameters) for parameters in PARAMETERS[:2])],
)
def test_expected_orders_agree_with_forty_digits_to_nine(kind: type[BetaGeometric], parameters: tuple) -> None:
    model = kind(*parameters)
    grid = [point for point in product(HORIZONS, COUNTS, AGES) if point[1] == 0 or point[2] > 0]
    horizon, x, age = np.array(grid).T
    expected = [exactly(model, *point) for point in grid]
    assert model.orders_if_alive(horizon, x, age) == pytest.approx(expected, rel=1e-9)


def test_the_grid_has_at_least_seven_hundred_points() -> None:
    grid = [point for point in product(HORIZONS, COUNTS, AGES) if point[1] == 0 or point[2] > 0]
    assert len(PARAMETERS) * len(grid) >= 700


@pytest.mark.parametrize("parameters", [(0.55, 10.6, 0.61, 11.7), (0.1, 1.0, 3.0, 0.01), (1.0, 500.0, 1.0, 500.0)])
def test_the_odds_of_having_left_agree_with_a_quadrature_of_many_digits(
    parameters: tuple[float, float, float, float],
) -> None:
    model = ParetoNbd(*parameters)
    r, alpha, s, beta = parameters
    for x, t_x, age in ((0, 0.0, 39.0), (2, 30.43, 38.86), (5000, 38.99, 39.0), (127, 10.0, 39.0)):

        def left(u: mpmath.mpf, x: int = x, age: float = age) -> mpmath.mpf:
            buying, living = mpmath.mpf(alpha + age) / (alpha + u), mpmath.mpf(beta + age) / (beta + u)
            return s * buying ** (r + x) * living**s / (beta + u)

        with mpmath.workdps(25):
            span = age - mpmath.mpf(t_x)
            pieces = [t_x, *(t_x + span / 8**k for k in range(4, -1, -1))]
            exact = float(mpmath.log(mpmath.quad(left, pieces)))
        assert model.log_odds_left(x, t_x, age) == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize("parameters", [(0.243, 30.9, 0.793, 2.426), (0.4, 0.02, 1.0, 3.0)])
def test_working_out_each_pair_once_changes_no_digit_that_matters(parameters: tuple) -> None:
    random = np.random.default_rng(3)
    model = BgNbd(*parameters)
    x, age = random.geometric(0.3, 40_000) - 1, random.integers(0, 800, 40_000)
    ages = np.arange(800.0)

    def orders(counts: np.ndarray, ages: np.ndarray) -> list[np.ndarray]:
        return [model.orders_if_alive(365.25, counts, ages)]

    (shared,) = alive.for_each(orders, x, age, ages, model.age_scale)
    assert shared == pytest.approx(orders(x.astype(np.float64), age.astype(np.float64))[0], rel=1e-11)


def test_a_few_customers_with_many_purchases_need_no_large_table() -> None:
    def product_of(counts: np.ndarray, ages: np.ndarray) -> list[np.ndarray]:
        return [counts * 1000 + ages]

    x, age = np.array([5_000_000, 3, 5_000_000]), np.array([700, 20, 700])
    assert alive.for_each(product_of, x, age, np.arange(701.0), 1.0)[0].tolist() == [
        5_000_000_700,
        3020,
        5_000_000_700,
    ]
