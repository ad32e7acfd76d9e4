from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.domain.campaigns import Moment, Profile, clv_decile, due, holds_tier, in_audience, still_holds
from connector.domain.programme.ladder import Tier
from connector.domain.programme.offers import Audience, Campaign, Timing, Trigger

TODAY = date(2026, 11, 22)
LADDER = (Tier("member", 0), Tier("silver", 1_000), Tier("gold", 5_000))
NOW = Moment(TODAY, LADDER)
REGULAR = Profile(
    orders=5,
    purchase_days=5,
    first_day=TODAY - timedelta(days=458),
    last_day=TODAY - timedelta(days=214),
    value_total=50_000,
    tier="gold",
    segment="at_risk",
    country="DE",
    clv=40_000,
    clv_decile=9,
    p_order_90d=0.08,
)


def days_ago(days):
    return TODAY - timedelta(days=days)


def bought_once(days):
    return Profile(orders=1, purchase_days=1, first_day=days_ago(days), last_day=days_ago(days))


@pytest.mark.parametrize("trigger", [Trigger.WELCOME, Trigger.SECOND_PURCHASE])
@pytest.mark.parametrize(("days", "is_due"), [(0, True), (365, True), (366, False)])
def test_a_first_order_within_reach_is_answered(trigger, days, is_due):
    found = due(Campaign("c", trigger), bought_once(days), NOW)

    assert (found is not None) is is_due
    if found is not None:
        assert found.occasion == ""
        assert str(days_ago(days)) in found.because


@pytest.mark.parametrize("trigger", [Trigger.WELCOME, Trigger.SECOND_PURCHASE])
@pytest.mark.parametrize("profile", [Profile(), REGULAR])
def test_who_never_bought_or_bought_again_is_not_answered(trigger, profile):
    assert due(Campaign("c", trigger), profile, NOW) is None


@pytest.mark.parametrize(
    ("tier", "since", "occasion"),
    [
        ("gold", days_ago(3), f"gold {days_ago(3)}"),
        ("silver", days_ago(365), f"silver {days_ago(365)}"),
        ("silver", days_ago(366), None),
        ("member", days_ago(3), None),
        ("gold", None, None),
    ],
)
def test_reaching_a_tier_above_the_lowest_is_an_occasion_of_its_day(tier, since, occasion):
    found = due(Campaign("c", Trigger.TIER_REACHED), replace(REGULAR, tier=tier, tier_since=since), NOW)

    assert (found and found.occasion) == occasion


@pytest.mark.parametrize(
    ("birthday", "today", "occasion"),
    [
        ("11-22", date(2026, 11, 22), "2026"),
        ("1980-11-22", date(2026, 11, 29), "2026"),
        ("11-22", date(2026, 11, 30), None),
        ("11-23", date(2026, 11, 22), None),
        # Made up for in the next year, it is still the birthday of the last.
        ("12-30", date(2027, 1, 3), "2026"),
        ("02-29", date(2027, 2, 28), "2027"),
        ("02-29", date(2028, 2, 28), None),
        ("02-29", date(2028, 2, 29), "2028"),
        (None, date(2026, 11, 22), None),
        # Whatever was kept before: what is no day is no birthday.
        ("W47-7", date(2026, 11, 22), None),
        ("2026-W47-7", date(2026, 11, 22), None),
        ("13-40", date(2026, 11, 22), None),
        ("", date(2026, 11, 22), None),
    ],
)
def test_a_birthday_comes_once_a_year_and_a_missed_day_is_made_up_for_within_a_week(birthday, today, occasion):
    found = due(Campaign("c", Trigger.BIRTHDAY), Profile(birthday=birthday), Moment(today))

    assert (found and found.occasion) == occasion


def test_the_day_of_birth_is_not_told_to_who_reads_coupons():
    found = due(Campaign("c", Trigger.BIRTHDAY), Profile(birthday="1980-11-22"), NOW)

    assert found.because == "for the birthday in 2026"


@pytest.mark.parametrize(
    ("joined", "first", "because"),
    [
        (date(2023, 11, 20), None, "for 3 years as a customer, since 2023-11-20"),
        (date(2025, 11, 22), None, "for 1 year as a customer, since 2025-11-22"),
        (None, date(2024, 11, 22), "for 2 years as a customer, since 2024-11-22"),
        (date(2026, 11, 22), None, None),
        (date(2026, 11, 20), date(2020, 11, 20), None),
        (None, None, None),
    ],
)
def test_the_day_of_joining_comes_round_after_a_year(joined, first, because):
    found = due(Campaign("c", Trigger.ANNIVERSARY), Profile(joined_on=joined, first_day=first), NOW)

    assert (found and found.because) == because


def test_a_regular_who_has_fallen_silent_is_won_back_with_the_facts():
    found = due(Campaign("c", Trigger.WIN_BACK), REGULAR, NOW)

    assert found.because == (
        "to come back: silent for 214 days, usually every 61; 8 % likely to order within 90 days"
    )
    assert found.occasion == str(days_ago(214))


@pytest.mark.parametrize(
    ("changed", "timing"),
    [
        ({"p_order_90d": 0.10}, {}),
        ({"p_order_90d": None}, {}),
        ({"last_day": days_ago(100), "first_day": days_ago(344)}, {}),
        ({"orders": 1, "purchase_days": 1}, {}),
        ({}, {"quiet_gaps": Decimal("3.6")}),
        ({}, {"quiet_below": Decimal("0.08")}),
    ],
)
def test_who_may_well_order_or_is_not_silent_for_their_own_measure_is_left_alone(changed, timing):
    campaign = Campaign("c", Trigger.WIN_BACK, timing=Timing(**timing))

    assert due(campaign, replace(REGULAR, **changed), NOW) is None


@pytest.mark.parametrize(
    ("earlier", "occasion"),
    [
        ((), "1"),
        ((days_ago(365),), "2"),
        ((days_ago(364),), None),
        ((days_ago(800), days_ago(400)), "3"),
        ((days_ago(400), days_ago(10)), None),
    ],
)
def test_a_valued_customer_hears_again_after_a_while(earlier, occasion):
    found = due(Campaign("c", Trigger.VIP), REGULAR, Moment(TODAY, LADDER, earlier))

    assert (found and found.occasion) == occasion
    if found:
        assert found.because == "for a valued customer: segment at_risk, predicted value in tenth 9 of 10, 5 orders"


@pytest.mark.parametrize(
    ("first", "last", "is_due"),
    [
        (days_ago(0), days_ago(0), True),
        (days_ago(20), days_ago(-3), True),
        (days_ago(-1), days_ago(-3), False),
        (days_ago(20), days_ago(1), False),
        (None, days_ago(-3), False),
    ],
)
def test_a_season_lasts_from_its_first_to_its_last_day(first, last, is_due):
    found = due(Campaign("c", Trigger.SEASON, timing=Timing(from_day=first, to_day=last)), Profile(), NOW)

    assert (found and found.occasion) == (str(first) if is_due else None)


def test_what_is_issued_by_hand_or_switched_off_is_never_due_by_itself():
    assert due(Campaign("c", Trigger.BY_HAND), REGULAR, NOW) is None
    assert due(Campaign("c", Trigger.VIP, enabled=False), REGULAR, NOW) is None


@pytest.mark.parametrize(
    ("audience", "asked"),
    [
        (Audience(), True),
        (Audience(segments=frozenset({"at_risk", "lost"})), True),
        (Audience(segments=frozenset({"lost"})), False),
        (Audience(tiers=frozenset({"gold"})), True),
        (Audience(tiers=frozenset({"silver"})), False),
        (Audience(countries=frozenset({"AT", "DE"})), True),
        (Audience(countries=frozenset({"AT"})), False),
        (Audience(clv_deciles=(9, 10)), True),
        (Audience(clv_deciles=(1, 8)), False),
        (Audience(minimum_orders=5), True),
        (Audience(minimum_orders=6), False),
        (Audience(segments=frozenset({"at_risk"}), countries=frozenset({"AT"})), False),
    ],
)
def test_a_campaign_asks_only_its_audience(audience, asked):
    assert in_audience(audience, REGULAR) is asked
    assert (due(Campaign("c", Trigger.VIP, audience=audience), REGULAR, NOW) is not None) is asked


def test_who_has_no_predicted_value_is_in_no_tenth():
    assert not in_audience(Audience(clv_deciles=(1, 10)), replace(REGULAR, clv_decile=None))


@pytest.mark.parametrize(("clv", "tenth"), [(0, 1), (10, 1), (11, 2), (85, 9), (90, 9), (91, 10), (None, None)])
def test_tenths_are_counted_from_the_lowest(clv, tenth):
    assert clv_decile(clv, (10, 20, 30, 40, 50, 60, 70, 80, 90)) == tenth


def test_before_the_first_scoring_nobody_is_in_a_tenth():
    assert clv_decile(5, ()) is None


@pytest.mark.parametrize(
    ("trigger", "occasion", "profile", "holds"),
    [
        (Trigger.WELCOME, "", bought_once(3), True),
        (Trigger.WELCOME, "", REGULAR, True),
        (Trigger.WELCOME, "", Profile(), False),
        (Trigger.SECOND_PURCHASE, "", bought_once(900), True),
        (Trigger.SECOND_PURCHASE, "", REGULAR, False),
        (Trigger.SECOND_PURCHASE, "", Profile(), False),
        (Trigger.WIN_BACK, str(days_ago(214)), REGULAR, True),
        (Trigger.WIN_BACK, str(days_ago(300)), REGULAR, False),
        (Trigger.WIN_BACK, str(days_ago(300)), Profile(), False),
        (Trigger.TIER_REACHED, "silver 2026-05-01", REGULAR, True),
        (Trigger.TIER_REACHED, "gold 2026-05-01", replace(REGULAR, tier="silver"), False),
        (Trigger.TIER_REACHED, "platinum 2026-05-01", REGULAR, False),
        (Trigger.BIRTHDAY, "2026", Profile(), True),
        (Trigger.ANNIVERSARY, "2026", Profile(), True),
        (Trigger.VIP, "1", Profile(), True),
        (Trigger.SEASON, "2026-12-01", Profile(), True),
        (Trigger.BY_HAND, "spring", Profile(), True),
    ],
)
def test_a_coupon_lasts_as_long_as_the_reason_it_was_given_for(trigger, occasion, profile, holds):
    assert still_holds(trigger, occasion, profile, LADDER) is holds


def test_a_tier_that_left_the_ladder_is_held_by_nobody():
    assert not holds_tier("platinum", "platinum", LADDER)
    assert not holds_tier("platinum", "silver", LADDER)
