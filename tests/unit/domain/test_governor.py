from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from connector.domain.governor import Circumstances, Offer, Rule, rule_on
from connector.domain.programme.offers import Consent, Governor

TODAY = date(2026, 11, 22)
GOVERNOR = Governor()
FREE = Circumstances()
SECOND = Offer("second_purchase", "", 500, answers_order=True)
BIRTHDAY = Offer("birthday", "2026", 800)
RETURNING = Offer("win_back", "2026-01-01", 900, returning=True)


def days_ago(days):
    return TODAY - timedelta(days=days)


def stopped(offer=BIRTHDAY, customer=FREE, governor=GOVERNOR, budget=None):
    ruling = rule_on([offer], customer, governor, budget, TODAY)
    if ruling.granted:
        assert (ruling.granted, ruling.suppressed) == (offer, ())
        return None
    (suppression,) = ruling.suppressed
    assert suppression.offer == offer
    assert suppression.why
    return suppression.rule


@pytest.mark.parametrize(
    ("circumstances", "rule"),
    [
        ({}, None),
        ({"blocked": True}, Rule.BLOCKED),
        ({"reachable": False}, Rule.NO_ADDRESS),
        ({"consent": False}, Rule.NO_CONSENT),
        ({"consent": True}, None),
        ({"live": "vip"}, Rule.LIVE_COUPON),
        ({"last_granted_on": days_ago(13)}, Rule.MINIMUM_GAP),
        ({"last_granted_on": days_ago(14)}, None),
        ({"last_full_price_on": days_ago(6)}, Rule.FULL_PRICE),
        ({"last_full_price_on": days_ago(7)}, None),
        ({"held_out": True}, Rule.HOLD_OUT),
    ],
)
def test_each_rule_stops_an_offer_by_itself(circumstances, rule):
    assert stopped(customer=Circumstances(**circumstances)) == rule


def test_a_store_that_asks_first_offers_nothing_to_who_never_agreed():
    asking = Governor(consent=Consent.REQUIRED)

    assert stopped(governor=asking) == Rule.NO_CONSENT
    assert stopped(governor=asking, customer=Circumstances(consent=True)) is None


@pytest.mark.parametrize(("left", "rule"), [(None, None), (800, None), (799, Rule.BUDGET), (-5, Rule.BUDGET)])
def test_an_offer_has_to_fit_into_what_is_left_of_the_budget(left, rule):
    assert stopped(budget=left) == rule


def test_free_shipping_costs_no_budget():
    assert stopped(replace(BIRTHDAY, cost=0), budget=-5) is None


def test_where_the_margin_leaves_nothing_nothing_is_given():
    assert stopped(replace(BIRTHDAY, cost=None)) == Rule.MARGIN_FLOOR


def test_the_order_that_is_answered_is_no_order_at_full_price():
    assert stopped(SECOND, Circumstances(last_full_price_on=TODAY)) is None


def test_the_rules_can_be_switched_off():
    lax = Governor(one_live_coupon=False, minimum_gap_days=0, full_price_days=0)
    busy = Circumstances(live="vip", last_granted_on=TODAY, last_full_price_on=TODAY)

    assert stopped(customer=busy, governor=lax) is None


def test_the_programmes_order_is_the_precedence_and_the_rest_is_written_down():
    ruling = rule_on([SECOND, BIRTHDAY], FREE, GOVERNOR, None, TODAY)

    assert ruling.granted == SECOND
    assert [(one.offer, one.rule) for one in ruling.suppressed] == [(BIRTHDAY, Rule.ANOTHER_OFFER)]


def test_what_is_stopped_by_a_rule_of_its_own_leaves_the_place_to_the_next():
    ruling = rule_on([replace(SECOND, cost=5_000), BIRTHDAY], FREE, GOVERNOR, 800, TODAY)

    assert ruling.granted == BIRTHDAY
    assert [one.rule for one in ruling.suppressed] == [Rule.BUDGET]


def test_who_is_held_out_is_written_down_where_others_get_the_coupon_and_nowhere_else():
    held = Circumstances(held_out=True)

    ruling = rule_on(
        [replace(SECOND, cost=5_000), BIRTHDAY, replace(SECOND, campaign="x")], held, GOVERNOR, 900, TODAY
    )

    assert ruling.granted is None
    assert [one.rule for one in ruling.suppressed] == [Rule.BUDGET, Rule.HOLD_OUT, Rule.ANOTHER_OFFER]


def test_a_coupon_that_comes_back_goes_first_and_is_not_asked_again_what_it_has_passed():
    busy = Circumstances(last_granted_on=TODAY, last_full_price_on=TODAY, consent=False, held_out=True)

    ruling = rule_on([BIRTHDAY, RETURNING], busy, GOVERNOR, 900, TODAY)

    assert ruling.granted == RETURNING
    assert [one.rule for one in ruling.suppressed] == [Rule.NO_CONSENT]


@pytest.mark.parametrize(
    ("circumstances", "left", "rule"),
    [({"live": "vip"}, None, Rule.LIVE_COUPON), ({"blocked": True}, None, Rule.BLOCKED), ({}, 899, Rule.BUDGET)],
)
def test_a_coupon_does_not_come_back_beside_another_or_beyond_the_budget(circumstances, left, rule):
    assert stopped(RETURNING, Circumstances(**circumstances), budget=left) == rule
