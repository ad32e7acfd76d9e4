from __future__ import annotations

import numpy as np
import pytest

from connector.domain.models import FITTERS
from tests import cdnow


@pytest.mark.parametrize("name", FITTERS)
def test_a_search_that_starts_near_the_answer_ends_at_the_same_one(name: str) -> None:
    history = cdnow.calibration()
    half = history.take(slice(None, None, 2))
    near = FITTERS[name](half.x, half.t_x, half.T, priors=True).model
    plain = FITTERS[name](history.x, history.t_x, history.T, priors=True)
    found = FITTERS[name](history.x, history.t_x, history.T, priors=True, near=near)
    assert found.model.parameters == pytest.approx(plain.model.parameters, rel=1e-6)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-8)


@pytest.mark.parametrize("name", FITTERS)
def test_customers_seen_more_than_once_count_as_often(name: str) -> None:
    history = cdnow.calibration()
    once = FITTERS[name](history.x, history.t_x, history.T)
    twice = FITTERS[name](*(np.tile(column, 2) for column in (history.x, history.t_x, history.T)))
    assert twice.model.parameters == pytest.approx(once.model.parameters, rel=1e-6)
    assert twice.log_likelihood == pytest.approx(2 * once.log_likelihood, rel=1e-10)


@pytest.mark.parametrize("name", FITTERS)
def test_days_that_are_no_whole_numbers_are_fitted_as_well(name: str) -> None:
    history = cdnow.calibration()
    whole = FITTERS[name](history.x, history.t_x, history.T).model
    floats = FITTERS[name](*(column.astype(np.float64) for column in (history.x, history.t_x, history.T))).model
    assert floats.parameters == pytest.approx(whole.parameters, rel=1e-6)
