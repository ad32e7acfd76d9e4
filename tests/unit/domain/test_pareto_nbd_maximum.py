"""Where the Pareto/NBD likelihood of the CDNOW sample has its maximum, by its closed form at forty digits.

One source publishes .55337, 10.5795, .60591, 11.6581, another .5533, 10.578, .6061, 11.669. Along a ridge on
which s and beta hardly tell, both fall short of the maximum by less than 2e-5 in log-likelihood; ours is at it.
"""

from __future__ import annotations

import mpmath
import numpy as np
import pytest

from connector.domain.pareto_nbd import ParetoNbd
from connector.domain.pareto_nbd_fit import Sample, fit
from tests import cdnow

MAXIMUM = {"r": 0.55327704685, "alpha": 10.5776834633, "s": 0.60623998913, "beta": 11.6687352889}
LIKELIHOOD = -9594.976178939543
PUBLISHED = ParetoNbd(0.55337, 10.5795, 0.60591, 11.6581, "week")
PUBLISHED_ELSEWHERE = ParetoNbd(0.5533, 10.578, 0.6061, 11.669, "week")


def weekly() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    history = cdnow.calibration()
    return history.x, history.t_x / 7, history.T / 7


def closed_form(logs: list[mpmath.mpf]) -> mpmath.mpf:
    """The published log-likelihood (Fader, Hardie and Lee 2005, "RFM and CLV", their A0) at log-parameters."""
    r, alpha, s, beta = (mpmath.e**value for value in logs)
    history = cdnow.calibration()
    rows, seen = np.unique(np.stack([history.x, history.t_x, history.T]), axis=1, return_counts=True)
    smaller, larger = min(alpha, beta), max(alpha, beta)

    def left(time: mpmath.mpf, x: int) -> mpmath.mpf:
        n, second = r + s + x, s + 1 if alpha >= beta else r + x
        return mpmath.hyp2f1(n, second, n + 1, (larger - smaller) / (larger + time)) / (larger + time) ** n

    at_the_end = {(x, days): left(mpmath.mpf(days) / 7, x) for x, _, days in rows.T.tolist()}
    total = len(history) * (r * mpmath.log(alpha) + s * mpmath.log(beta) - mpmath.loggamma(r))
    for (x, last, days), count in zip(rows.T.tolist(), seen.tolist(), strict=True):
        age = mpmath.mpf(days) / 7
        gone = left(mpmath.mpf(last) / 7, x) - at_the_end[x, days]
        density = (alpha + age) ** -(r + x) * (beta + age) ** -s + s / (r + s + x) * gone
        total += count * (mpmath.log(density) + mpmath.loggamma(r + x))
    return total


def test_the_fit_is_at_the_maximum_and_as_likely_as_it() -> None:
    found = fit(*weekly(), unit="week")
    assert found.model.parameters == pytest.approx(MAXIMUM, rel=1e-6)
    assert found.log_likelihood == pytest.approx(LIKELIHOOD, abs=1e-9)
    assert found.log_likelihood == pytest.approx(-9594.9762, abs=1e-4)


def test_at_forty_digits_the_maximum_is_within_a_ten_millionth_of_there() -> None:
    sample = Sample(*(column.astype(np.float64) for column in weekly()), 1.0)
    with mpmath.workdps(40):
        logs = [mpmath.log(mpmath.mpf(value)) for value in MAXIMUM.values()]
        step = mpmath.mpf(10) ** -15
        slopes = []
        for i in range(4):
            up, down = ([value + sign * step * (i == j) for j, value in enumerate(logs)] for sign in (1, -1))
            slopes.append(float((closed_form(up) - closed_form(down)) / (2 * step)))
        likelihood = float(closed_form(logs))
    hessian = sample.per_customer(np.log(list(MAXIMUM.values())))[2] * sample.customers
    assert np.abs(np.linalg.solve(hessian, slopes)).max() < 1e-7
    assert (np.linalg.eigvalsh(hessian) < 0).all()
    assert likelihood == pytest.approx(LIKELIHOOD, abs=1e-9)


@pytest.mark.parametrize(("model", "short"), [(PUBLISHED, 3.5e-6), (PUBLISHED_ELSEWHERE, 1.16e-5)])
def test_published_points_fall_short_of_the_maximum_by_a_hundred_thousandth(model: ParetoNbd, short: float) -> None:
    assert LIKELIHOOD - model.log_likelihood(*weekly()) == pytest.approx(short, rel=0.02)
    errors = fit(*weekly(), unit="week").standard_errors
    away = {name: (value - MAXIMUM[name]) / errors[name] for name, value in model.parameters.items()}
    assert max(map(abs, away.values())) < 0.0025  # of a standard error
