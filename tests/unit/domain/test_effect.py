from __future__ import annotations

import json

import numpy as np
import pytest
from scipy import stats

from connector.domain.effect import LEAST_BUYERS, Arm, Effect, Verdict, between, compare, weeks_needed
from tests.unit.domain.effects import MEAN_MARGIN, drawn

SEEDS = range(100)


def measured(treated: Arm, control: Arm) -> Effect:
    effect = compare(treated, control)
    assert effect is not None
    return effect


def arm(name: str, margin: list[float], before: list[float] | None = None, **costs: list[float]) -> Arm:
    nothing = [0.0] * len(margin)
    columns = (before or nothing, margin, costs.get("coupons", nothing), costs.get("points", nothing))
    return Arm(name, *(np.array(column, dtype=np.float64) for column in columns))


@pytest.mark.parametrize("customers", [4_000, 10_000])
def test_a_known_lift_of_ten_per_cent_is_inside_the_interval_in_90_of_100_stores(customers: int) -> None:
    covered = 0
    for seed in SEEDS:
        treated, control, truth = drawn(seed, customers, lift=0.10)
        effect = measured(treated, control)
        assert effect.low is not None
        assert effect.high is not None
        covered += effect.low <= truth <= effect.high
    assert covered >= 90


@pytest.mark.parametrize("customers", [4_000, 10_000])
def test_without_any_lift_a_win_is_claimed_in_no_more_than_10_of_100_stores(customers: int) -> None:
    wins = sum(
        measured(*drawn(seed, customers, lift=0.0)[:2]).verdict(MEAN_MARGIN / 10) == Verdict.PAYS for seed in SEEDS
    )
    assert wins <= 10


def test_a_lift_that_is_large_enough_is_seen_in_a_store_that_is_large_enough() -> None:
    effect = measured(*drawn(1, 200_000, lift=0.5)[:2])
    assert effect.verdict(MEAN_MARGIN / 10) == Verdict.PAYS
    assert effect.net == pytest.approx(0.5 * MEAN_MARGIN, rel=0.3)


def test_what_came_before_is_taken_out_of_the_difference() -> None:
    random = np.random.default_rng(3)
    before = random.gamma(1.0, 100.0, 400)
    margin = 0.5 * before + random.normal(0.0, 1.0, 400)
    margin[:200] += 5.0
    arms = [Arm(name, before[rows], margin[rows], *np.zeros((2, 200))) for name, rows in _halves()]
    effect = measured(*arms)
    raw = float(np.std(margin)) * (2 / 200) ** 0.5
    assert effect.net == pytest.approx(5.0, abs=0.5)
    assert effect.standard_error < raw / 10


def _halves() -> list[tuple[str, slice]]:
    return [("offers", slice(0, 200)), ("hold-out", slice(200, 400))]


def test_without_a_past_and_with_equal_spread_it_is_students_t() -> None:
    first, second = [float(n) for n in range(1, 31)], [float(n) + 2 for n in range(1, 31)]
    effect = measured(arm("a", second), arm("b", first))
    interval = stats.ttest_ind(second, first, equal_var=False).confidence_interval(0.95)
    assert (effect.low, effect.high) == (pytest.approx(interval.low), pytest.approx(interval.high))


def test_costs_are_taken_off_and_the_adjusted_parts_sum_to_the_net() -> None:
    random = np.random.default_rng(5)
    columns = random.gamma(0.5, 100.0, (4, 500))
    treated = Arm("offers", *columns)
    control = Arm("hold-out", *random.gamma(0.5, 90.0, (4, 500)))
    effect = measured(treated, control)
    assert effect.net == pytest.approx(effect.margin - effect.coupons - effect.points)


def test_a_coupon_that_costs_what_it_brings_is_no_win() -> None:
    margin = [10.0, 0.0] * 100
    effect = measured(arm("offers", [m + 4.0 for m in margin], coupons=[4.0] * 200), arm("hold-out", margin))
    assert effect.net == pytest.approx(0.0, abs=1e-9)
    assert (effect.margin, effect.coupons) == (pytest.approx(4.0), pytest.approx(4.0))


def test_with_too_few_buyers_there_is_no_interval() -> None:
    few = [100.0] * (LEAST_BUYERS - 1) + [0.0] * 500
    effect = measured(arm("offers", [100.0] * 500), arm("hold-out", few))
    assert (effect.low, effect.high) == (None, None)
    assert effect.verdict(1.0) == Verdict.NOT_ENOUGH_DATA


def test_nobody_to_compare_with_is_no_effect() -> None:
    assert compare(arm("offers", [1.0, 2.0]), arm("hold-out", [1.0])) is None


def test_an_interval_tighter_than_what_is_worth_knowing_says_no_difference() -> None:
    margin = [10.0, 12.0] * 500
    effect = measured(arm("offers", margin), arm("hold-out", margin))
    assert effect.verdict(worth_knowing=1.0) == Verdict.NO_DIFFERENCE
    assert effect.verdict(worth_knowing=0.01) == Verdict.NOT_ENOUGH_DATA


def test_an_offer_that_loses_money_is_told_so() -> None:
    margin = [10.0, 12.0] * 500
    effect = measured(arm("offers", margin, coupons=[3.0] * 1000), arm("hold-out", margin))
    assert effect.verdict(worth_knowing=1.0) == Verdict.COSTS


def test_variants_are_compared_pair_by_pair_and_each_interval_is_wider_for_it() -> None:
    arms = [drawn(seed, 2_000, lift=0.0)[0] for seed in (1, 2, 3)]
    found = between(arms)
    alone = measured(arms[0], arms[1])
    assert len(found) == 3
    assert found[0].net == alone.net
    assert _width(found[0]) > 1.15 * _width(alone)


def _width(effect: Effect) -> float:
    assert effect.low is not None
    assert effect.high is not None
    return effect.high - effect.low


def test_the_weeks_still_needed_are_those_after_which_the_effect_is_seen_four_times_in_five() -> None:
    effect = measured(*drawn(7, 20_000, lift=0.0)[:2])
    worth = MEAN_MARGIN / 2
    weeks = weeks_needed(effect, worth, eligible=20_000, eligible_per_week=500.0, horizon_days=28)
    assert weeks is not None
    later = 20_000 + 500 * (weeks - 4)
    seen = sum(measured(*drawn(seed, later, lift=0.5)[:2]).verdict(worth) == Verdict.PAYS for seed in range(100, 140))
    assert 26 <= seen <= 40


def test_no_newcomers_mean_no_promise_of_weeks() -> None:
    effect = measured(*drawn(7, 2_000, lift=0.0)[:2])
    assert weeks_needed(effect, 10.0, 2_000, 0.0, 90) is None


def test_too_few_buyers_alone_take_weeks_too() -> None:
    effect = measured(arm("offers", [100.0, 90.0] * 500), arm("hold-out", [100.0, 90.0] + [0.0] * 98))
    weeks = weeks_needed(effect, 1_000.0, eligible=1_100, eligible_per_week=100.0, horizon_days=7)
    assert weeks == 45  # 1,100 × 10 ÷ 2 customers are needed, 4,400 more; and a week for the last one's horizon


def test_the_effect_is_plain_json() -> None:
    stored = json.loads(json.dumps(measured(*drawn(7, 2_000, lift=0.0)[:2]).to_json()))
    assert stored["treated"] == "offers"
    assert stored["net"] == round(stored["net"], 2)
