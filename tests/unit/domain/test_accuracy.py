from __future__ import annotations

import json

import numpy as np
import pytest

from connector.domain.accuracy import measure


def test_errors_of_orders_and_revenue_follow_their_definitions() -> None:
    result = measure([1.0, 2.0, 0.5, 0.5], [10, 40, 5, 5], [0, 4, 0, 1], [0, 60, 0, 20])
    assert (result.customers, result.orders, result.predicted_orders) == (4, 5, 4.0)
    assert result.bias == pytest.approx(-0.2)
    assert result.mae == pytest.approx((1 + 2 + 0.5 + 0.5) / 4)
    assert result.rmse == pytest.approx(np.sqrt((1 + 4 + 0.25 + 0.25) / 4))
    assert result.revenue_bias == pytest.approx(-0.25)
    assert result.revenue_mae == pytest.approx((10 + 20 + 5 + 15) / 4)
    assert result.top_recall == 1.0
    assert result.auc == pytest.approx((0 + 0.5 + 1 + 1) / 4)  # pairs won, a tie half


def test_predicting_zero_is_seen_through_in_spite_of_its_good_mae() -> None:
    result = measure(np.zeros(100), np.zeros(100), [3] * 10 + [0] * 90, [30] * 10 + [0] * 90)
    assert result.mae == 0.3
    assert (result.bias, result.auc) == (-1.0, 0.5)


def test_calibration_compares_tenths_by_prediction() -> None:
    predicted = np.arange(100.0)
    tenths = measure(predicted, predicted, predicted * 2, predicted).calibration
    assert len(tenths) == 10
    assert tenths[0] == (4.5, 9.0)


def test_where_nobody_ordered_there_is_no_bias_recall_or_auc() -> None:
    result = measure([0.2, 0.3], [1, 2], [0, 0], [0, 0])
    assert (result.bias, result.revenue_bias, result.top_recall, result.auc) == (None, None, None, None)
    assert json.loads(json.dumps(result.to_json()))["auc"] is None


def test_columns_that_do_not_fit_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        measure([1.0], [1.0, 2.0], [1], [1])
    with pytest.raises(ValueError, match="at least one"):
        measure([], [], [], [])
