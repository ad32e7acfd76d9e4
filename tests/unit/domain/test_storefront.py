from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from connector.domain.programme.earning import Bonuses
from connector.domain.programme.ladder import TierBasis
from connector.domain.programme.points import RedeemingRules
from connector.domain.redemption import Limits
from connector.domain.storefront import (
    Standing,
    customer_meta,
    expiring,
    invitation,
    redeemable,
    still_to_do,
    worth_writing,
)
from connector.domain.tiers import Climb, Goal, Progress, TierState

STANDING = Standing(
    tier="silver",
    points=1_234,
    segment="champions",
    rfm="543",
    clv=98_765,
    coupon_codes=("abcd2345",),
    scored_at=datetime(2026, 11, 22, 9, 30, tzinfo=UTC),
    progress={"basis": "orders", "reach": {"tier": "黃金", "amount": "2"}, "keep": None},
)


def test_a_standing_is_written_as_the_strings_wordpress_keeps():
    assert customer_meta(STANDING, "USD") == {
        "regulars_tier": "silver",
        "regulars_points": "1234",
        "regulars_pending": "0",
        "regulars_expiring": "",
        "regulars_redeem": "",
        "regulars_segment": "champions",
        "regulars_rfm": "543",
        "regulars_clv": "987.65",
        "regulars_progress": '{"basis": "orders", "reach": {"tier": "黃金", "amount": "2"}, "keep": null}',
        "regulars_invite": "",
        "regulars_coupons": '["abcd2345"]',
        "regulars_scored_at": "2026-11-22T09:30:00Z",
    }


def test_what_is_pending_expiring_and_redeemable_is_written_for_the_form():
    rules = RedeemingRules(points_per_unit=100, minimum=500, step=100, largest_share=Decimal("0.50"))
    ends = datetime(2026, 12, 31, 23, tzinfo=UTC)
    meta = customer_meta(
        replace(
            STANDING,
            pending=40,
            expiring=expiring(120, ends, ZoneInfo("Europe/Berlin")),
            redeemable=redeemable(Limits(500, 1_200, 100), rules, "JPY"),
        ),
        "JPY",
    )

    assert meta["regulars_pending"] == "40"
    assert json.loads(meta["regulars_expiring"]) == {"points": 120, "last_day": "2026-12-31"}
    assert json.loads(meta["regulars_redeem"]) == {
        "from": 500,
        "to": 1_200,
        "step": 100,
        "per_unit": 100,
        "share": "0.5",
        "currency": "JPY",
        "decimals": 0,
    }


@pytest.mark.parametrize(("points", "at"), [(0, STANDING.scored_at), (-5, STANDING.scored_at), (10, None)])
def test_nothing_expires_where_there_is_nothing_or_no_end(points, at):
    assert expiring(points, at, UTC) is None


def test_a_value_nobody_can_tell_yet_is_left_empty():
    assert customer_meta(replace(STANDING, clv=None), "USD")["regulars_clv"] == ""


def test_the_time_of_scoring_is_written_in_utc():
    local = STANDING.scored_at.astimezone(timezone(timedelta(hours=8)))

    assert customer_meta(replace(STANDING, scored_at=local), "USD")["regulars_scored_at"] == "2026-11-22T09:30:00Z"


@pytest.mark.parametrize(
    ("changed", "worth_it"),
    [
        ({}, False),
        ({"scored_at": STANDING.scored_at + timedelta(days=1)}, False),
        ({"points": 1_235}, True),
        ({"tier": "gold"}, True),
        ({"segment": "loyal"}, True),
        ({"rfm": "544"}, True),
        ({"coupon_codes": ()}, True),
        ({"progress": {"basis": "orders", "reach": None, "keep": None}}, True),
        ({"clv": 99_752}, False),
        ({"clv": 99_753}, True),
        ({"clv": 97_777}, True),
        ({"clv": None}, True),
    ],
)
def test_the_store_is_written_to_when_a_person_would_notice(changed, worth_it):
    held = customer_meta(STANDING, "USD")

    assert worth_writing(held, customer_meta(replace(STANDING, **changed), "USD")) is worth_it


def test_a_customer_who_was_never_written_is_written():
    assert worth_writing(None, customer_meta(STANDING, "USD"))


def test_a_first_number_is_written():
    unknown = customer_meta(replace(STANDING, clv=None), "USD")

    assert worth_writing(unknown, customer_meta(STANDING, "USD"))
    assert not worth_writing(unknown, unknown)


def climb(reach: Goal | None, keep: Goal | None) -> Climb:
    return Climb(TierState("silver", date(2026, 4, 1), None, None, 468_000), Progress(reach, keep))


def test_what_is_still_to_do_is_told_as_data_for_the_plugin_to_put_into_words():
    told = still_to_do(
        climb(Goal("gold", 32_000, date(2027, 3, 31)), Goal("silver", 5, None)), TierBasis.NET_SPEND, "USD"
    )

    assert told == {
        "basis": "net_spend",
        "reach": {"tier": "gold", "amount": "320.00", "by": "2027-03-31"},
        "keep": {"tier": "silver", "amount": "0.05", "by": None},
    }


def test_orders_and_points_still_to_do_are_whole_numbers():
    told = still_to_do(climb(Goal("gold", 2, None), None), TierBasis.ORDERS, "USD")

    assert told == {"basis": "orders", "reach": {"tier": "gold", "amount": "2", "by": None}, "keep": None}


def test_who_may_bring_friends_is_told_what_for():
    assert invitation(Bonuses()) is None
    assert invitation(Bonuses(referrer=100)) == {"you": 100, "friend": 0}
    meta = customer_meta(replace(STANDING, invitation={"you": 100, "friend": 40}), "USD")
    assert json.loads(meta["regulars_invite"]) == {"you": 100, "friend": 40}
