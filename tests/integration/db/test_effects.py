"""Who counts as treated and who as held out, and what of their orders counts."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine

from connector.db import effects
from connector.db.session import reading
from connector.db.stores import Store
from tests.integration.trial import HORIZON, Trial


@pytest.fixture
def trial(engine: Engine, store: Store, now: datetime) -> Trial:
    return Trial(engine, store, now)


def test_given_counts_as_treated_and_kept_by_the_hold_out_as_control(trial: Trial) -> None:
    effect = trial.effect()
    assert (effect.treated_customers, effect.control_customers) == (2, 2)


def test_only_what_is_bought_within_the_horizon_counts(trial: Trial) -> None:
    buyer = trial.customer(held_out=False)
    trial.granted(buyer)
    for days, value in ((1, 900), (HORIZON, 600), (HORIZON + 1, 80_000)):
        trial.bought(buyer, value, days)
    assert trial.effect().margin == pytest.approx(500)  # 1,500 of one of three


def test_what_was_bought_on_the_day_itself_may_be_why_they_are_eligible_and_does_not_count(trial: Trial) -> None:
    buyer = trial.customer(held_out=False)
    trial.granted(buyer)
    trial.bought(buyer, 900, 0)
    assert trial.effect().treated_buyers == 0


def test_whose_horizon_has_not_passed_is_waited_for(trial: Trial) -> None:
    late = trial.customer(held_out=False)
    trial.granted(late, at=trial.now - timedelta(days=HORIZON))
    assert trial.effect().treated_customers == 2


def test_the_first_time_of_being_eligible_counts_and_only_once(trial: Trial) -> None:
    buyer = trial.customer(held_out=False)
    trial.granted(buyer, at=trial.eligible_at + timedelta(days=3))
    trial.granted(buyer)
    trial.bought(buyer, 900, 2)
    effect = trial.effect()
    assert (effect.treated_customers, effect.margin) == (3, pytest.approx(300))


def test_whom_an_earlier_coupon_kept_from_this_one_is_treated_all_the_same(trial: Trial) -> None:
    for rule in ("live_coupon", "minimum_gap"):
        trial.kept(trial.customer(held_out=False), rule)
    assert trial.effect().treated_customers == 4


@pytest.mark.parametrize("rule", ["budget", "full_price", "no_consent", "another_offer"])
def test_what_stops_either_arm_alike_makes_nobody_treated(trial: Trial, rule: str) -> None:
    trial.kept(trial.customer(held_out=False), rule)
    trial.kept(trial.customer(held_out=True), rule)
    effect = trial.effect()
    assert (effect.treated_customers, effect.control_customers) == (2, 2)


def test_personal_coupons_cost_all_they_take_off_and_goods_their_share_of_the_full_price(
    trial: Trial, engine: Engine
) -> None:
    buyer = trial.customer(held_out=False)
    trial.granted(buyer, code="mine")
    trial.redeemed(buyer, "redeemed")
    trial.bought(buyer, 7_000, 5, discounts={"mine": 2_000, "redeemed": 1_000, "summer": 500})
    effect = trial.effect()
    # The default programme's margin is the whole price; the store's own summer sale is in the price already.
    assert effect.margin == pytest.approx((7_000 + 2_000 + 1_000) / 3)
    assert effect.coupons == pytest.approx(2_000 / 3)


def test_points_cost_what_they_buy_when_they_are_earned(trial: Trial) -> None:
    buyer = trial.customer(held_out=False)
    trial.granted(buyer)
    trial.bought(buyer, 30_000, 5, points=300)
    assert trial.effect().points == pytest.approx(100)  # 300 points buy 3.00, for one of three


def test_the_programme_as_a_whole_counts_everybody_drawn_since_they_were(trial: Trial) -> None:
    trial.customer(held_out=False)
    effect = trial.effect(campaign=None)
    assert (effect.treated_customers, effect.control_customers) == (3, 2)


def test_a_guest_who_registered_counts_as_the_user_alone(trial: Trial) -> None:
    user, guest = trial.customer(held_out=True), trial.customer(held_out=True)
    trial.kept(user, "hold_out")
    trial.kept(guest, "hold_out")
    trial.merged(guest, user)
    assert trial.effect(campaign=None).control_customers == 3
    assert trial.effect().control_customers == 3


def test_variants_are_compared_with_each_other(trial: Trial) -> None:
    for variant in ("five", "ten"):
        for _ in range(2):
            trial.granted(trial.customer(held_out=False), variant=variant)
    findings = trial.measured()
    assert [(one.effect.treated, one.effect.control) for one in findings[1:]] == [("five", "ten")]


def test_another_store_s_customers_are_nobody_here(
    trial: Trial, engine: Engine, other_store: Store, now: datetime
) -> None:
    with reading(engine) as connection:
        assert effects.measure(connection, other_store, "welcome", HORIZON, now) == []
        assert effects.measure(connection, other_store, None, HORIZON, now) == []
        assert effects.campaigns_of(connection, other_store.id) == []
    assert trial.effect().treated_customers == 2
