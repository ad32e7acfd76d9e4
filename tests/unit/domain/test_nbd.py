from __future__ import annotations

import pytest

from connector.domain.nbd import fit
from tests import cdnow


def test_the_fit_reproduces_the_published_parameters_and_likelihood() -> None:
    history = cdnow.calibration()
    found = fit(history.x, history.t_x / 7, history.T / 7, unit="week")
    assert found.model.parameters == pytest.approx({"r": 0.384766, "alpha": 12.072014}, rel=1e-4)
    assert found.log_likelihood == pytest.approx(-9763.6576, abs=1e-4)
    assert found.model.log_likelihood(history.x, history.t_x / 7, history.T / 7) == pytest.approx(
        found.log_likelihood, abs=1e-8
    )


def test_nobody_ever_leaves() -> None:
    model = fit([0, 1, 2], [0, 3, 6], [10, 10, 10]).model
    assert model.p_alive([0, 5], [0, 1], [900, 900]).tolist() == [1.0, 1.0]
    assert model.expected_orders_new(20) == pytest.approx(2 * model.expected_orders_new(10))
