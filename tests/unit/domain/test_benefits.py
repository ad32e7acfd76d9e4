from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.domain.benefits import FREE_SHIPPING, TIER_COUPON, benefit_holds, benefits_due
from connector.domain.campaigns import Profile
from connector.domain.coupons import Coupon, EntitlementState
from connector.domain.offering import Setting
from connector.domain.programme import Programme
from connector.domain.programme.ladder import Benefits, Ladder, Tier
from connector.domain.programme.offers import Discount, DiscountKind

TODAY = date(2026, 11, 22)
SILVER = Tier("silver", 1_000, Benefits(coupon=Discount(amount=Decimal(15), valid_days=20)))
GOLD = Tier("gold", 5_000, Benefits(coupon=Discount(kind=DiscountKind.FIXED, amount=Decimal(20)), free_shipping=True))
LADDER = Ladder((Tier("member", 0), SILVER, GOLD))
SETTING = Setting(Programme(ladder=LADDER), "EUR", TODAY, bytes(32))


def in_tier(tier, days=0):
    return Profile(orders=3, tier=tier, tier_since=None if days is None else TODAY - timedelta(days=days))


def due(profile, held=(), had=()):
    return [(one.offer.campaign, one.offer.occasion) for one in benefits_due(SETTING, 7, profile, held, had)]


def shipping(days_left=100):
    return Coupon(1, FREE_SHIPPING, "1", "code", EntitlementState.GRANTED, TODAY + timedelta(days=days_left))


def test_reaching_a_tier_brings_its_coupon_and_free_shipping():
    found = benefits_due(SETTING, 7, in_tier("gold"), (), ())

    assert [(one.offer.campaign, one.offer.occasion) for one in found] == [
        (TIER_COUPON, "gold 2026-11-22"),
        (FREE_SHIPPING, "1"),
    ]
    assert [one.why for one in found] == [
        "20.00 EUR for reaching gold on 2026-11-22",
        "free shipping as a benefit of gold",
    ]
    assert [one.terms.single_use for one in found] == [True, False]
    assert found[1].terms.free_shipping


@pytest.mark.parametrize(("days", "is_due"), [(0, True), (20, True), (21, False), (None, False)])
def test_the_coupon_is_given_for_as_long_after_the_day_as_it_would_have_been_valid(days, is_due):
    found = due(in_tier("silver", days))

    assert [campaign for campaign, _ in found] == [TIER_COUPON] * is_due


def test_a_coupon_is_given_once_for_each_time_the_tier_is_reached():
    assert due(in_tier("silver", 3), had={(TIER_COUPON, "silver 2026-11-19")}) == []
    assert due(in_tier("silver", 3), had={(TIER_COUPON, "silver 2025-01-01")}) == [(TIER_COUPON, "silver 2026-11-19")]


def test_a_tier_without_benefits_brings_nothing():
    assert due(in_tier("member")) == []
    assert due(in_tier("platinum")) == []


def test_free_shipping_is_renewed_when_it_runs_out():
    tier = in_tier("gold", 400)
    assert due(tier, held=[shipping()], had={(FREE_SHIPPING, "1")}) == []
    assert due(tier, held=[shipping(0)], had={(FREE_SHIPPING, "1")}) == []
    assert due(tier, held=[shipping(-1)], had={(FREE_SHIPPING, "1")}) == [(FREE_SHIPPING, "2")]


@pytest.mark.parametrize(
    ("campaign", "occasion", "tier", "holds"),
    [
        (FREE_SHIPPING, "1", "gold", True),
        (FREE_SHIPPING, "1", "silver", False),
        (FREE_SHIPPING, "1", "platinum", False),
        (TIER_COUPON, "silver 2026-11-01", "silver", True),
        (TIER_COUPON, "silver 2026-11-01", "gold", True),
        (TIER_COUPON, "gold 2026-11-01", "silver", False),
    ],
)
def test_a_benefit_lasts_as_long_as_the_tier(campaign, occasion, tier, holds):
    assert benefit_holds(campaign, occasion, in_tier(tier), LADDER.tiers) is holds


def test_a_programme_that_takes_a_benefit_away_takes_its_coupons():
    plain = [replace(tier, benefits=Benefits()) for tier in LADDER.tiers]

    assert not benefit_holds(FREE_SHIPPING, "1", in_tier("gold"), plain)
