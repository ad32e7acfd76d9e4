from __future__ import annotations

import json

import numpy as np

from connector.domain.distribution import concentration, days_between_orders
from connector.domain.history import Orders
from tests import cdnow


def test_the_best_tenth_brings_its_share() -> None:
    values = [100] + [10] * 9 + [-50] * 10
    assert concentration(values) == {1: 100 / 190, 5: 100 / 190, 10: 110 / 190, 20: 130 / 190}


def test_where_all_spend_alike_the_share_is_the_head_count() -> None:
    assert concentration(np.full(100, 7)) == {1: 0.01, 5: 0.05, 10: 0.10, 20: 0.20}


def test_where_nobody_spent_there_is_no_share() -> None:
    assert concentration([0, 0]) is None
    assert concentration([]) is None


def test_gaps_run_from_one_purchase_day_to_the_next_of_the_same_customer() -> None:
    orders = Orders(*np.array([(1, 10, 5), (2, 12, 5), (1, 17, 5), (1, 17, 5), (1, 31, 5), (2, 99, 5)]).T)
    gaps = days_between_orders(orders, as_of_day=50)
    assert gaps is not None
    assert (gaps.count, gaps.mean, gaps.quantiles[50]) == (2, 10.5, 10.5)
    assert gaps.by_week == (1, 1)


def test_where_nobody_came_back_there_is_no_gap() -> None:
    assert days_between_orders(Orders(*np.array([(1, 10, 5), (2, 12, 5)]).T), 50) is None


def test_a_real_store_has_as_many_gaps_as_repeat_purchases() -> None:
    gaps = days_between_orders(Orders(*cdnow.orders()), cdnow.CALIBRATION_END)
    assert gaps is not None
    assert gaps.count == int(cdnow.calibration().x.sum()) == sum(gaps.by_week)
    assert json.loads(json.dumps(gaps.to_json()))["count"] == gaps.count
