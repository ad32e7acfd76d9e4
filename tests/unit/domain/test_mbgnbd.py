from __future__ import annotations

import numpy as np
import pytest

from connector.domain.mbgnbd import MbgNbd, fit
from tests import cdnow


def weekly() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    history = cdnow.calibration()
    return history.x, history.t_x / 7, history.T / 7


def test_the_fit_reproduces_the_published_parameters_and_likelihood() -> None:
    found = fit(*weekly(), unit="week")
    published = {"r": 0.52484, "alpha": 6.18309, "a": 0.89138, "b": 1.61405}
    assert found.model.parameters == pytest.approx(published, rel=1e-4)
    assert found.log_likelihood == pytest.approx(-9582.1357, abs=1e-4)
    assert found.converged
    assert found.at_boundary == ()


def test_the_likelihood_at_the_fitted_parameters_is_the_one_the_fit_reports() -> None:
    found = fit(*weekly(), unit="week")
    assert found.model.log_likelihood(*weekly()) == pytest.approx(found.log_likelihood, abs=1e-8)


def test_weak_priors_move_the_parameters_of_a_real_store_by_less_than_one_percent() -> None:
    likely, moved = fit(*weekly()).model, fit(*weekly(), priors=True).model
    assert moved.parameters == pytest.approx(likely.parameters, rel=0.01)


def test_a_one_time_buyer_falls_silent_for_good_as_time_passes() -> None:
    model = MbgNbd(0.52484, 6.18309, 0.89138, 1.61405, "week")
    alive = model.p_alive(0, 0, [0, 10, 100])
    assert alive[0] == pytest.approx(1.61405 / (1.61405 + 0.89138))
    assert (np.diff(alive) < 0).all()


def test_a_newcomer_is_expected_to_order_what_a_simulation_of_the_story_counts() -> None:
    model = MbgNbd(0.9, 12.0, 0.8, 2.0, "week")
    random = np.random.default_rng(7)
    count = 200_000
    rate, leaving = random.gamma(model.r, 1 / model.alpha, count), random.beta(model.a, model.b, count)
    lifetime = random.geometric(leaving) - 1  # purchases after the first before they leave
    bought = np.minimum(random.poisson(rate * 30), lifetime)
    assert model.expected_orders_new(30) == pytest.approx(bought.mean(), rel=0.01)
