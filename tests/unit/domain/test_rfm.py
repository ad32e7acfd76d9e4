from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.rfm import Cutpoints, RfmCutpoints, cutpoints, rfm_cutpoints, score, score_rfm, thresholds
from tests import cdnow


def test_a_population_without_ties_is_cut_into_equal_fifths() -> None:
    values = np.arange(100)[::-1]
    counts = np.bincount(score(values, cutpoints(values)))
    assert counts.tolist() == [0, 20, 20, 20, 20, 20]


def test_equal_values_share_the_score_of_their_average_rank() -> None:
    values = [1] * 6 + [2, 3, 4, 5]  # ranks 1 to 6 average 3.5: the second fifth of ten
    assert score(values, cutpoints(values)).tolist() == [2] * 6 + [4, 4, 5, 5]


def test_a_population_of_equals_scores_three() -> None:
    assert score([8, 8, 8], cutpoints([8, 8, 8])).tolist() == [3, 3, 3]


def test_fewer_days_since_the_last_purchase_score_higher() -> None:
    days = np.array([1, 2, 3, 4, 5])
    assert score(days, cutpoints(days, higher_is_better=False)).tolist() == [5, 4, 3, 2, 1]


def test_a_single_new_value_is_scored_against_stored_cut_points() -> None:
    cuts = cutpoints(np.arange(1, 101))
    assert [int(score(value, cuts)) for value in (0, 20, 20.5, 21, 55, 81, 1000)] == [1, 1, 1, 2, 3, 5, 5]


def test_a_value_better_than_all_that_made_the_cut_points_scores_five() -> None:
    cuts = cutpoints([1, 1, 1, 1, 2])
    assert int(score(2, cuts)) == 5
    assert int(score(3, cutpoints([1, 1, 2, 2, 2]))) == 5


def test_cut_points_survive_json() -> None:
    cuts = rfm_cutpoints(cdnow.calibration())
    assert RfmCutpoints.from_json(json.loads(json.dumps(cuts.to_json()))) == cuts


def test_merchant_thresholds_take_the_same_shape() -> None:
    spent = thresholds([50, 100, 200, 500])
    assert score([49, 50, 199, 200, 500], spent).tolist() == [1, 2, 3, 4, 5]
    days = thresholds([180, 90, 60, 30], higher_is_better=False)
    assert score([200, 180, 61, 60, 30, 0], days).tolist() == [1, 2, 3, 4, 5, 5]


def test_thresholds_out_of_order_are_refused() -> None:
    with pytest.raises(ValueError, match="four bounds"):
        thresholds([50, 100, 90, 500])
    with pytest.raises(ValueError, match="four bounds"):
        Cutpoints((1.0, 2.0, 3.0, 4.0), higher_is_better=False)


def test_cut_points_of_nobody_are_refused() -> None:
    with pytest.raises(ValueError, match="at least one value"):
        cutpoints([])
    with pytest.raises(ValueError, match="no NaN"):
        cutpoints([1.0, np.nan])


def test_the_code_reads_recency_frequency_monetary() -> None:
    history = cdnow.calibration()
    scores = score_rfm(history, rfm_cutpoints(history))
    first = f"{scores.r[0]}{scores.f[0]}{scores.m[0]}"
    assert scores.text()[0] == first
    assert scores.code[0] == int(first)
