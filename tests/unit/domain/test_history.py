from __future__ import annotations

import numpy as np
import pytest

from connector.domain.history import Histories, purchase_histories, summarised
from tests import cdnow


def history_of(*orders: tuple[int, int, int], as_of: int = 100, lookback_days: int | None = None) -> Histories:
    customer, day, value = np.array(orders, dtype=np.int64).reshape(-1, 3).T
    return purchase_histories(customer, day, value, as_of, lookback_days=lookback_days)


def test_a_history_counts_repeat_purchases_and_their_days() -> None:
    history = history_of((7, 30, 900), (7, 10, 500), (7, 70, 1300))
    assert (history.customer[0], history.x[0], history.t_x[0], history.T[0]) == (7, 2, 60, 90)
    assert (history.first_day[0], history.last_day[0], history.recency_days[0]) == (10, 70, 30)
    assert (history.value_total[0], history.value_first[0], history.value_mean[0]) == (2700, 500, 900.0)


def test_two_orders_on_one_day_are_one_purchase_with_the_value_of_both() -> None:
    history = history_of((1, 10, 500), (1, 10, 300), (1, 20, 200))
    assert (history.x[0], history.orders[0], history.frequency[0]) == (1, 3, 2)
    assert (history.value_first[0], history.value_mean[0]) == (800, 500.0)


def test_an_order_after_the_as_of_day_is_not_used() -> None:
    history = history_of((1, 10, 500), (1, 101, 900), (2, 102, 900))
    assert history.customer.tolist() == [1]
    assert (history.x[0], history.value_total[0]) == (0, 500)


def test_an_order_on_the_as_of_day_is_used_and_its_customer_has_age_zero() -> None:
    history = history_of((1, 100, 500))
    assert (history.T[0], history.recency_days[0], history.x[0]) == (0, 0, 0)


def test_rows_are_sorted_by_customer_whatever_the_order_they_came_in() -> None:
    history = history_of((5, 10, 1), (2, 20, 2), (9, 30, 3), (2, 10, 4))
    assert history.customer.tolist() == [2, 5, 9]
    assert history.value_total.tolist() == [6, 1, 3]


def test_ids_far_apart_give_the_same_histories_as_ids_close_together() -> None:
    near, far = history_of((1, 10, 5), (2, 20, 6)), history_of((1, 10, 5), (2**60, 20, 6))
    assert far.customer.tolist() == [1, 2**60]
    assert far.T.tolist() == near.T.tolist()


def test_sums_beyond_the_exact_integers_of_a_float_stay_exact() -> None:
    history = history_of((1, 10, 2**53), (1, 20, 1), (1, 30, 1))
    assert history.value_total[0] == 2**53 + 2


def test_the_look_back_window_limits_frequency_and_monetary_only() -> None:
    history = history_of((1, 10, 500), (1, 90, 300), (2, 10, 700), lookback_days=30)
    assert history.frequency.tolist() == [1, 0]
    assert history.monetary.tolist() == [300, 0]
    assert history.x.tolist() == [1, 0]
    assert history.value_total.tolist() == [800, 700]


def test_the_look_back_window_ends_with_the_as_of_day_and_has_the_length_asked() -> None:
    assert history_of((1, 71, 5), lookback_days=30).frequency[0] == 1
    assert history_of((1, 70, 5), lookback_days=30).frequency[0] == 0


def test_no_orders_make_no_histories() -> None:
    assert len(history_of()) == 0
    assert len(history_of((1, 101, 5))) == 0


def test_columns_of_different_length_are_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        purchase_histories([1, 2], [3], [4], 10)


def test_money_that_is_not_an_integer_is_refused() -> None:
    with pytest.raises(ValueError, match="integers"):
        purchase_histories([1], [3], [4.5], 10)


def test_taking_rows_keeps_every_column_and_the_as_of_day() -> None:
    history = history_of((1, 10, 5), (2, 20, 6), (3, 30, 7)).take(np.array([2, 0]))
    assert history.customer.tolist() == [3, 1]
    assert history.value_mean.tolist() == [7.0, 5.0]
    assert history.as_of_day == 100


def test_the_cdnow_sample_has_its_published_size() -> None:
    history = cdnow.calibration()
    assert (len(history), int(np.sum(history.x > 0)), int(history.x.sum())) == (2357, 946, 2457)
    later = purchase_histories(*cdnow.orders(), cdnow.CALIBRATION_END + 7 * cdnow.WEEKS_AFTER)
    assert int(later.x.sum()) == 4339


def test_a_summary_gives_the_histories_it_was_made_from() -> None:
    history = cdnow.calibration()
    again = summarised(history.customer, history.x, history.t_x, history.T, history.value_mean, history.as_of_day)
    for name in ("customer", "x", "t_x", "T", "value_total", "recency_days", "first_day", "last_day", "frequency"):
        assert getattr(again, name).tolist() == getattr(history, name).tolist()


def test_an_impossible_summary_is_refused() -> None:
    with pytest.raises(ValueError, match="once"):
        summarised([1, 1], [0, 0], [0, 0], [5, 5], [1.0, 1.0], 100)
    for x, t_x, age in ((1, 0, 5), (0, 1, 5), (1, 6, 5)):
        with pytest.raises(ValueError, match="t_x"):
            summarised([1], [x], [t_x], [age], [1.0], 100)
