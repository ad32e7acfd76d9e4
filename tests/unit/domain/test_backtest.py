from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from connector.domain import backtest
from connector.domain.backtest import FORMULA, REPEAT_RATE, Trial, best, periods, revenue_spread, run
from connector.domain.bgnbd import fit
from connector.domain.history import Orders, purchase_histories
from tests import cdnow
from tests.unit.domain.test_season import seasonal_store

END = cdnow.CALIBRATION_END


@pytest.fixture(scope="module")
def trials() -> list[Trial]:
    return run(periods(Orders(*cdnow.orders()), END))


def test_periods_go_back_from_today_as_far_as_there_is_enough_before_them() -> None:
    tested = periods(Orders(*cdnow.orders()), END)
    assert [(END - period.before.as_of_day, period.horizon_days) for period in tested] == [(90, 90), (180, 90)]
    older = periods(Orders(*cdnow.orders()), END + 273)
    assert [period.horizon_days for period in older] == [91] * 4


def test_a_period_knows_nothing_of_what_came_after_its_cut_off() -> None:
    customer, day, value = cdnow.orders()
    period = periods(Orders(customer, day, value), END)[0]
    origin = period.before.as_of_day
    known = day <= origin
    alone = purchase_histories(customer[known], day[known], value[known], origin)
    for name in ("customer", "x", "t_x", "T", "value_total"):
        assert getattr(period.before, name).tolist() == getattr(alone, name).tolist()


def test_what_happened_in_a_period_is_what_the_histories_gained() -> None:
    customer, day, value = cdnow.orders()
    period = periods(Orders(customer, day, value), END)[0]
    whole = purchase_histories(customer, day, value, END)
    same = whole.take(np.isin(whole.customer, period.before.customer))
    for name in ("x", "t_x", "T", "last_day", "value_total", "recency_days"):
        assert getattr(period.after, name).tolist() == getattr(same, name).tolist()


def test_a_refund_made_later_is_not_known_at_the_cut_off_but_counts_in_what_happened() -> None:
    customer, day, value = cdnow.orders()
    never = np.full_like(day, 2**40)
    refunded = int(np.flatnonzero(day == END - 89)[0])
    earlier = int(np.flatnonzero(day == END - 100)[0])
    until = never.copy()
    until[[refunded, earlier]] = END - 10
    orders = Orders(customer, day, value, known_from=day, known_until=until)
    plain, corrected = periods(Orders(customer, day, value), END)[0], periods(orders, END)[0]
    assert corrected.before.value_total.sum() == plain.before.value_total.sum()
    assert corrected.revenue.sum() == plain.revenue.sum() - value[refunded]


def test_orders_dated_before_1970_by_mistake_are_tested_like_others() -> None:
    customer, day, value = cdnow.orders()
    earlier = 20_000
    moved, plain = (periods(Orders(customer, day - ago, value), END - ago)[0] for ago in (earlier, 0))
    assert moved.after.t_x.tolist() == plain.after.t_x.tolist()
    assert (moved.visits[1] + earlier).tolist() == plain.visits[1].tolist()
    assert (moved.later_visits + earlier).tolist() == plain.later_visits.tolist()


def test_every_way_of_predicting_is_tried_at_every_origin(trials: list[Trial]) -> None:
    names = {"bg-nbd", "mbg-nbd", "pareto-nbd", REPEAT_RATE, FORMULA}
    assert {(trial.candidate, END - trial.origin_day) for trial in trials} == {
        (name, before) for name in names for before in (90, 180)
    }
    assert {trial.strength for trial in trials} == {0.0}
    assert all((trial.log_score is None) == (trial.candidate in (REPEAT_RATE, FORMULA)) for trial in trials)


def test_models_are_less_biased_than_the_naive_formula(trials: list[Trial]) -> None:
    worst = {
        name: max(abs(t.accuracy.bias or 0) for t in trials if t.candidate == name) for name in ("bg-nbd", FORMULA)
    }
    assert worst["bg-nbd"] < 0.2 < 1 < worst[FORMULA]


def test_the_log_score_is_the_likelihood_gained_over_the_period(trials: list[Trial]) -> None:
    customer, day, value = cdnow.orders()
    before = purchase_histories(customer, day, value, END - 90)
    model = fit(before.x, before.t_x, before.T, priors=True).model
    after = cdnow.calibration()
    after = after.take(np.isin(after.customer, before.customer))
    gained = model.log_likelihood(after.x, after.t_x, after.T) - model.log_likelihood(before.x, before.t_x, before.T)
    score = next(t.log_score for t in trials if t.candidate == "bg-nbd" and t.origin_day == END - 90)
    assert score == pytest.approx(gained, rel=1e-9)


def test_the_best_model_has_the_highest_sum_of_log_scores(trials: list[Trial]) -> None:
    sums = {
        name: sum(t.log_score or 0 for t in trials if t.candidate == name)
        for name in ("bg-nbd", "mbg-nbd", "pareto-nbd")
    }
    assert best(trials) == (max(sums, key=lambda name: sums[name]), 0.0)


def test_where_nothing_was_tested_nothing_is_best() -> None:
    assert best([]) is None
    assert periods(Orders(*cdnow.orders()), int(cdnow.orders()[1].min()) + 40) == []
    assert periods(Orders(*np.zeros((3, 0), np.int64)), 100) == []


def test_a_season_is_used_where_it_helped_in_two_periods_and_not_elsewhere(trials: list[Trial]) -> None:
    steady = [t for t in trials if t.candidate == "bg-nbd"]
    helped = [replace(t, strength=0.5, log_score=(t.log_score or 0) + 5) for t in steady]
    assert best([*steady, *helped]) == ("bg-nbd", 0.5)
    assert best([*steady, helped[0]]) == ("bg-nbd", 0.0)
    hurt = [replace(t, strength=1.0, log_score=(t.log_score or 0) - 5) for t in steady]
    assert best([*steady, *hurt]) == ("bg-nbd", 0.0)


def test_a_store_with_a_season_is_predicted_better_in_its_own_time() -> None:
    customer, day = seasonal_store()
    orders = Orders(customer.astype(np.int64), day.astype(np.int64), np.full(len(day), 1000))
    tested = backtest.periods(orders, 727)
    results = run(tested, models=("bg-nbd",))
    chosen = best(results)
    assert chosen is not None
    assert chosen[1] > 0
    worst = {
        strength: max(
            abs(t.accuracy.bias or 0) for t in results if t.strength == strength and t.origin_day >= 363 + 91
        )
        for strength in (0.0, chosen[1])
    }
    assert worst[chosen[1]] < 0.6 * worst[0.0]


def test_the_spread_would_have_covered_every_period(trials: list[Trial]) -> None:
    mine = [t for t in trials if t.candidate == "pareto-nbd"]
    low, high = revenue_spread(mine, 2.0)
    for trial in mine:
        assert low <= 1 / (1 + (trial.accuracy.revenue_bias or 0)) <= high
    assert revenue_spread([], 2.0) == (1.0, 1.0)


def test_a_period_without_revenue_takes_the_low_side_to_nothing(trials: list[Trial]) -> None:
    mine = [t for t in trials if t.candidate == "pareto-nbd"]
    known = mine[0].accuracy
    silent = replace(mine[0], accuracy=replace(known, orders=0, bias=None, revenue_bias=None))
    assert revenue_spread([*mine, silent], 2.0) == (0.0, revenue_spread(mine, 2.0)[1])
    free = replace(mine[0], accuracy=replace(known, revenue_bias=None, revenue_mae=0.0))
    assert revenue_spread([*mine, free], 2.0) == revenue_spread(mine, 2.0)
    unforeseen = replace(mine[0], accuracy=replace(known, revenue_bias=-1.0))
    assert revenue_spread([*mine, unforeseen], 2.0)[1] == 2.0
    exceeded = replace(mine[0], accuracy=replace(known, revenue_bias=-0.9))
    assert revenue_spread([*mine, unforeseen, exceeded], 2.0)[1] == pytest.approx(10.0)


def test_what_a_store_lacked_to_be_tested_is_that_of_its_latest_cut_off() -> None:
    customer, day, value = cdnow.orders()
    few = customer <= 150
    orders = Orders(customer[few], day[few], value[few])
    end = int(day.min()) + 100
    horizon, lacking = backtest.lacking(orders, end)
    assert (periods(orders, end), horizon) == ([], 33)
    assert lacking.words == ("67 of 91 days of orders",)


def test_a_large_store_is_tested_on_a_part_of_its_customers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backtest, "_MOST_CUSTOMERS", 500)
    assert len(periods(Orders(*cdnow.orders()), END)[0].before) <= 500
