from __future__ import annotations

from datetime import date

import pytest

from connector.domain.programme import Tier
from connector.domain.programme.ladder import Downgrade, Ladder, TierBasis, TierWindow
from connector.domain.tiers import Goal, Override, Progress, TierState, TierWalk, goal_sentence, wrong_last_day


@pytest.mark.parametrize(
    ("window_value", "tier"),
    [
        (0, "member"),
        (99_999, "member"),
        (100_000, "silver"),
        (499_999, "silver"),
        (500_000, "gold"),
        (99_999_999, "gold"),
    ],
)
def test_a_tier_is_reached_at_its_threshold_and_not_a_cent_before(window_value, tier):
    assert tiers_on(walk({"2026-11-22": window_value}), "2026-11-22") == [tier]


@pytest.mark.parametrize(("currency", "window_value"), [("JPY", 1_000), ("KWD", 1_000_000)])
def test_a_threshold_counts_whole_units_of_any_currency(currency, window_value):
    assert tiers_on(walk({"2026-11-22": window_value}, currency=currency), "2026-11-22") == ["silver"]
    assert tiers_on(walk({"2026-11-22": window_value - 1}, currency=currency), "2026-11-22") == ["member"]


def walk(bought, *, currency="USD", overrides=(), **ladder) -> TierWalk:
    made = TierWalk(Ladder(**ladder), currency, overrides)
    for day, amount in bought.items():
        made.add(date.fromisoformat(day), amount)
    return made


def tiers_on(made, *days) -> list[str]:
    return [made.on(date.fromisoformat(day)).tier for day in days]


def test_who_has_bought_nothing_has_the_lowest_tier_and_sees_the_way_up():
    made = walk({})

    assert made.on(date(2026, 11, 22)) == TierState("member", None, None, None, 0)
    assert made.progress(date(2026, 11, 22)) == Progress(Goal("silver", 100_000, None), None)


def test_a_tier_is_reached_the_day_its_threshold_is_and_lost_when_the_window_has_moved_on():
    made = walk({"2026-01-10": 60_000, "2026-03-01": 40_000})

    assert tiers_on(made, "2026-02-28", "2026-03-01", "2027-01-09", "2027-01-10") == [
        "member",
        "silver",
        "silver",
        "member",
    ]
    assert made.on(date(2026, 11, 22)) == TierState("silver", date(2026, 3, 1), None, date(2027, 1, 10), 100_000)


def test_who_fell_to_the_lowest_tier_stands_where_everybody_starts():
    made = walk({"2026-01-10": 100_000})

    assert made.on(date(2027, 1, 10)) == TierState("member", None, None, None, 0)


def test_progress_names_amount_and_day_for_reaching_and_for_keeping():
    made = walk({"2026-04-01": 468_000, "2026-06-01": 0}, keep_months=0)
    by = date(2027, 3, 31)

    progress = made.progress(date(2026, 11, 22))

    assert progress == Progress(Goal("gold", 32_000, by), Goal("silver", 100_000, by))
    assert goal_sentence(progress.reach, "reach", TierBasis.NET_SPEND, "USD") == (
        "Spend 320.00 USD more by 31 March 2027 to reach gold."
    )


def test_keeping_takes_only_what_is_missing_when_the_tier_is_judged():
    made = walk({"2026-04-01": 400_000, "2026-09-01": 168_000, "2026-10-01": 300_000})

    assert made.progress(date(2026, 11, 22)) == Progress(None, Goal("gold", 32_000, date(2027, 3, 31)))


@pytest.mark.parametrize(
    ("basis", "amount", "sentence"),
    [
        (TierBasis.ORDERS, 1, "Place one more order to keep gold."),
        (TierBasis.ORDERS, 2, "Place 2 more orders to keep gold."),
        (TierBasis.POINTS, 1, "Earn one more point to keep gold."),
        (TierBasis.POINTS, 30, "Earn 30 more points to keep gold."),
        (TierBasis.NET_SPEND, 30, "Spend 30 JPY more to keep gold."),
    ],
)
def test_a_goal_is_said_in_what_the_ladder_counts(basis, amount, sentence):
    assert goal_sentence(Goal("gold", amount, None), "keep", basis, "JPY") == sentence


def test_a_tier_that_is_kept_for_a_year_is_sure_for_a_year_and_then_judged():
    made = walk({"2026-03-10": 500_000}, keep_months=12)
    renewed = walk({"2026-03-10": 500_000, "2027-01-05": 500_000}, keep_months=12)

    assert made.on(date(2026, 11, 22)).keep_until == date(2027, 3, 10)
    assert tiers_on(made, "2027-03-10", "2027-03-11") == ["gold", "member"]
    assert tiers_on(renewed, "2027-03-11", "2028-03-10", "2028-03-11") == ["gold", "gold", "member"]


def test_grace_is_time_to_earn_the_tier_back():
    lost = walk({"2026-01-10": 100_000}, grace_days=30)
    saved = walk({"2026-01-10": 100_000, "2027-02-08": 100_000}, grace_days=30)

    assert tiers_on(lost, "2027-02-08", "2027-02-09") == ["silver", "member"]
    assert lost.progress(date(2027, 1, 20)).keep == Goal("silver", 100_000, date(2027, 2, 8))
    assert saved.on(date(2027, 2, 9)).tier == "silver"
    assert saved.on(date(2027, 2, 9)).since == date(2026, 1, 10)


def test_one_step_at_a_time_holds_each_step_as_long_as_one_reached():
    made = walk({"2026-01-10": 500_000}, keep_months=3, months=1, downgrade=Downgrade.ONE_STEP)

    assert tiers_on(made, "2026-04-10", "2026-04-11", "2026-07-11", "2026-07-12") == [
        "gold",
        "silver",
        "silver",
        "member",
    ]
    assert [made.on(day).fell for day in (date(2026, 4, 10), date(2026, 4, 11))] == [False, True]


def test_one_step_never_ends_below_what_is_earned():
    made = walk({"2026-01-10": 400_000, "2026-03-01": 100_000}, downgrade=Downgrade.ONE_STEP, grace_days=1)

    assert tiers_on(made, "2027-01-10", "2027-01-11", "2027-03-01", "2027-03-02") == [
        "gold",
        "silver",
        "silver",
        "member",
    ]


def test_a_calendar_year_begins_anew():
    made = walk({"2026-03-10": 480_000, "2026-12-31": 20_000}, window=TierWindow.CALENDAR_YEAR)

    assert tiers_on(made, "2026-12-30", "2026-12-31", "2027-01-01") == ["silver", "gold", "member"]
    assert made.progress(date(2026, 11, 22)) == Progress(Goal("gold", 20_000, date(2026, 12, 31)), None)
    assert made.progress(date(2027, 5, 5)).reach == Goal("silver", 100_000, date(2027, 12, 31))


def test_what_counts_for_a_lifetime_is_never_lost():
    made = walk({"2006-03-10": 480_000}, window=TierWindow.LIFETIME)

    assert made.on(date(2026, 11, 22)) == TierState("silver", date(2006, 3, 10), None, None, 480_000)
    assert made.progress(date(2026, 11, 22)) == Progress(Goal("gold", 20_000, None), None)


def test_a_ladder_may_count_orders():
    made = walk({"2026-03-10": 1, "2026-04-10": 1}, basis=TierBasis.ORDERS, tiers=(Tier("a", 0), Tier("b", 2)))

    assert tiers_on(made, "2026-04-09", "2026-04-10") == ["a", "b"]


def test_the_window_passes_the_end_of_a_short_month():
    made = walk({"2026-01-31": 100_000}, months=1)

    assert tiers_on(made, "2026-02-28", "2026-03-01") == ["silver", "member"]


def test_a_tier_given_by_hand_holds_until_its_day_and_asks_for_nothing_to_keep_it():
    made = walk({"2026-03-10": 100_000}, overrides=[Override("gold", date(2026, 5, 1), date(2026, 12, 31))])

    assert tiers_on(made, "2026-04-30", "2026-05-01", "2026-12-31", "2027-01-01") == [
        "silver",
        "gold",
        "gold",
        "silver",
    ]
    assert made.on(date(2026, 11, 22)) == TierState(
        "gold", date(2026, 5, 1), date(2026, 12, 31), date(2027, 1, 1), 100_000, by_hand=True
    )
    assert made.progress(date(2026, 11, 22)) == Progress(None, None)


def test_a_tier_given_by_hand_that_is_not_on_the_ladder_any_more_is_nothing():
    made = walk({}, overrides=[Override("platinum", date(2026, 1, 1), None)])

    assert made.on(date(2026, 11, 22)).tier == "member"


@pytest.mark.parametrize("until", [None, date(2026, 11, 22), date(2999, 12, 31)])
def test_a_tier_is_given_until_a_day_that_is_to_come_or_until_it_is_ended(until):
    assert wrong_last_day(until, date(2026, 11, 22)) is None
    given = walk({}, overrides=[Override("gold", date(2026, 11, 22), until)])
    assert given.on(date(2026, 11, 22)).keep_until == until


@pytest.mark.parametrize(("until", "falls_on"), [(date.max, None), (date(9999, 12, 30), date.max)])
def test_a_tier_once_given_until_the_end_of_the_calendar_is_still_held(until, falls_on):
    state = walk({}, overrides=[Override("gold", date(2026, 11, 22), until)]).on(date(2026, 11, 22))
    assert (state.tier, state.keep_until, state.falls_on) == ("gold", until, falls_on)


@pytest.mark.parametrize("until", [date(2026, 11, 21), date(3000, 1, 1), date.max])
def test_a_tier_is_not_given_until_a_day_gone_by_or_beyond_belief(until):
    assert "must not be before today, which is 2026-11-22" in wrong_last_day(until, date(2026, 11, 22))
