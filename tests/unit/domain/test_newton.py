from __future__ import annotations

import numpy as np
import pytest

from connector.domain.newton import Prior, Terms, Vector, maximise, standard_errors

WIDE = np.full(2, 50.0)


def hill(point: Vector) -> Terms:
    """A bent ridge whose top is at (1, 1): Rosenbrock's valley upside down."""
    x, y = point
    value = -((1 - x) ** 2) - 10 * (y - x**2) ** 2
    gradient = np.array([2 * (1 - x) + 40 * x * (y - x**2), -20 * (y - x**2)])
    hessian = np.array([[-2 + 40 * y - 120 * x**2, 40 * x], [40 * x, -20.0]])
    return float(value), gradient, hessian


@pytest.mark.parametrize("start", [(-1.2, 1.0), (5.0, -5.0), (0.0, 40.0)])
def test_the_top_is_found_from_where_the_curvature_is_wrong(start: tuple[float, float]) -> None:
    found = maximise(hill, np.array(start), -WIDE, WIDE)
    assert found.converged
    assert found.point == pytest.approx([1.0, 1.0], abs=1e-7)
    assert found.value == pytest.approx(0.0, abs=1e-12)
    assert not found.edges.any()


def test_a_top_outside_the_box_ends_on_its_edge_and_says_so() -> None:
    found = maximise(hill, np.array([-1.0, 0.0]), np.array([-3.0, -3.0]), np.array([0.5, 3.0]))
    assert found.converged
    assert found.edges.tolist() == [True, False]
    assert found.point == pytest.approx([0.5, 0.25], abs=1e-6)


def test_a_step_into_nowhere_is_taken_back() -> None:
    def fenced(point: Vector) -> Terms:
        value, gradient, hessian = hill(point)
        return (float("nan") if point[0] > 1.5 else value), gradient, hessian

    assert maximise(fenced, np.array([1.4, -30.0]), -WIDE, WIDE).point == pytest.approx([1.0, 1.0], abs=1e-7)


def test_where_no_step_improves_nothing_is_gained_and_nothing_has_converged() -> None:
    def peak(point: Vector) -> Terms:
        return -float(np.abs(point).sum()), np.ones(2), np.zeros((2, 2))

    def island(point: Vector) -> Terms:
        return (0.0 if not point.any() else float("nan")), np.ones(2), -np.eye(2)

    for objective in (peak, island):
        found = maximise(objective, np.zeros(2), -WIDE, WIDE)
        assert not found.converged
        assert (found.point.tolist(), found.value) == ([0.0, 0.0], 0.0)


def test_a_slope_too_slight_to_show_in_the_value_ends_the_search() -> None:
    def endless(point: Vector) -> Terms:
        fall = np.exp(-point)
        return round(-float(fall.sum()), 6), fall, -np.diag(fall)

    found = maximise(endless, np.zeros(2), -WIDE, WIDE)
    assert found.converged
    assert 0 < found.gradient.max() < 1e-4


def test_running_out_of_steps_is_not_convergence() -> None:
    assert not maximise(hill, np.array([-1.2, 1.0]), -WIDE, WIDE, most_steps=2).converged


def test_a_prior_draws_the_top_towards_its_mean_as_its_weight_says() -> None:
    def parabola(point: Vector) -> Terms:
        return -0.5 * float(point @ point), -point, -np.eye(2)

    prior = Prior(mean=np.array([4.0, 4.0]), deviation=np.array([1.0, 0.5]))
    found = maximise(prior.added_to(parabola, 10.0), np.zeros(2), -WIDE, WIDE)
    assert found.point == pytest.approx([4 * 1 / 11, 4 * 4 / 14])


def test_standard_errors_are_those_of_the_curvature_and_missing_on_an_edge() -> None:
    found = maximise(hill, np.array([0.0, 0.0]), -WIDE, WIDE)
    exact = np.sqrt(np.diag(np.linalg.inv(-hill(np.ones(2))[2] * 100)))
    assert standard_errors(found, 100) == pytest.approx(exact, rel=1e-3)
    edge = maximise(hill, np.array([-1.0, 0.0]), np.array([-3.0, -3.0]), np.array([0.5, 3.0]))
    assert np.isnan(standard_errors(edge, 100)).tolist() == [True, False]
