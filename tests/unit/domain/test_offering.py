from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from connector.domain.campaigns import Profile
from connector.domain.coupons import Review
from connector.domain.governor import Circumstances
from connector.domain.offering import ByHand, Setting, candidates, conclude
from connector.domain.programme import Programme
from connector.domain.programme.offers import Audience, Campaign, Discount, Governor, Trigger, ValueScaling, Variant

TODAY = date(2026, 11, 22)
SECOND = Campaign("second_purchase", Trigger.SECOND_PURCHASE)
VIP = Campaign("vip", Trigger.VIP)
ONCE = Profile(orders=1, purchase_days=1, first_day=TODAY, last_day=TODAY, value_total=8_000, clv=20_000, p_alive=0.4)


def setting(*campaigns, margin=1.0):
    return Setting(Programme(campaigns=campaigns, margin=margin), "EUR", TODAY, bytes(32), 5_000)


def test_what_is_due_comes_in_the_programmes_order_with_its_terms_cost_and_reason():
    found = candidates(setting(VIP, SECOND), 7, ONCE)

    assert [one.offer.campaign for one in found] == ["vip", "second_purchase"]
    assert [one.offer.answers_order for one in found] == [False, True]
    assert found[1].offer.cost == 800
    assert found[1].why == "10 % for a second purchase, after a first one on 2026-11-22"
    assert (found[1].variant, found[1].terms.amount, found[1].valid_days) == ("", Decimal("10.00"), 30)


def test_an_occasion_is_offered_once():
    assert candidates(setting(SECOND), 7, ONCE, had={("second_purchase", "")}) == []
    assert candidates(setting(VIP), 7, ONCE, had={("vip", "1")}, earlier={"vip": [TODAY - timedelta(days=3)]}) == []
    (again,) = candidates(setting(VIP), 7, ONCE, {("vip", "1")}, {"vip": [TODAY - timedelta(days=400)]})
    assert again.offer.occasion == "2"


def test_an_arm_of_a_test_gives_its_own_discount():
    arms = (Variant("a", 1, Discount(amount=Decimal(5))), Variant("b", 1, Discount(amount=Decimal(20), valid_days=9)))
    campaign = replace(SECOND, variants=arms)

    drawn = {found.variant: found for number in range(1, 30) for found in candidates(setting(campaign), number, ONCE)}

    assert {name: (one.terms.amount, one.valid_days) for name, one in drawn.items()} == {"a": (5, 30), "b": (20, 9)}


@pytest.mark.parametrize(
    ("scaling", "margin", "why"),
    [
        (
            ValueScaling(Decimal("0.10"), Decimal(30)),
            1.0,
            "15 % for a second purchase, after a first one on 2026-11-22; raised from 10 for the value at stake",
        ),
        (
            ValueScaling(Decimal("0.10"), Decimal(30), Decimal("0.25")),
            0.30,
            "5 % for a second purchase, after a first one on 2026-11-22; cut from 10 by the margin floor",
        ),
    ],
)
def test_a_scaled_value_says_so(scaling, margin, why):
    (found,) = candidates(setting(replace(SECOND, discount=Discount(scaling=scaling)), margin=margin), 7, ONCE)

    assert found.why == why


def test_where_the_margin_leaves_nothing_the_offer_stays_visible_without_terms():
    scaling = ValueScaling(Decimal("0.10"), Decimal(30), Decimal("0.30"))

    (found,) = candidates(setting(replace(SECOND, discount=Discount(scaling=scaling)), margin=0.30), 7, ONCE)

    assert (found.terms, found.offer.cost) == (None, None)


HAND = Campaign("thanks", Trigger.BY_HAND, audience=Audience(minimum_orders=1))


def test_what_a_person_hands_out_goes_to_the_audience_once_and_is_counted():
    hand = ByHand(HAND, "spring-2027", "by hand: you stood by us")
    asked = hand.asks(setting(), 7, ONCE, set())

    assert (asked.offer.campaign, asked.offer.occasion) == ("thanks", "spring-2027")
    assert asked.why == "10 % by hand: you stood by us"
    assert hand.asks(setting(), 8, Profile(), set()) is None
    assert hand.asks(setting(), 9, ONCE, {("thanks", "spring-2027")}) is None
    for customer in (Circumstances(), Circumstances(held_out=True), Circumstances(live="vip")):
        hand.note(conclude(Review(), [asked], customer, Governor(), None, TODAY))
    assert hand.tally == {"already": 1, "granted": 1, "hold_out": 1, "live_coupon": 1}
    assert hand.promised == 800


def test_what_comes_by_itself_is_not_counted_as_handed_out():
    hand = ByHand(HAND, "spring-2027", "by hand")
    (second,) = candidates(setting(SECOND), 7, ONCE)

    hand.note(conclude(Review(), [second], Circumstances(), Governor(), None, TODAY))

    assert (hand.tally, hand.promised) == ({}, 0)
