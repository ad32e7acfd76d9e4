from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.domain.coupons import Coupon, EntitlementState, review, state_by_history

TODAY = date(2026, 11, 22)
TOMORROW = TODAY + timedelta(days=1)
CODE = "abcd2345"
GRANTED, USED, WITHDRAWN, EXPIRED = (
    EntitlementState.GRANTED,
    EntitlementState.USED,
    EntitlementState.WITHDRAWN,
    EntitlementState.EXPIRED,
)


def coupon(number=1, state=GRANTED, **changed):
    return Coupon(number, "campaign", str(number), f"{CODE}{number}", state, **({"expires_on": TOMORROW} | changed))


@pytest.mark.parametrize(
    ("changed", "used", "state"),
    [
        ({"expires_on": TODAY}, (), GRANTED),
        ({"expires_on": TODAY - timedelta(days=1)}, (), EXPIRED),
        ({"holds": False}, (), WITHDRAWN),
        ({"holds": False}, {CODE + "1"}, USED),
        ({"expires_on": TODAY - timedelta(days=90)}, {CODE + "1"}, USED),
        ({}, {"another"}, GRANTED),
        ({"single_use": False}, {CODE + "1"}, GRANTED),
    ],
)
@pytest.mark.parametrize("before", EntitlementState)
def test_what_becomes_of_an_entitlement_follows_from_the_latest_history_whatever_it_was(changed, used, state, before):
    assert state_by_history(coupon(state=before, **changed), used, TODAY) is state


def test_a_live_coupon_stays_and_one_that_would_come_back_waits_to_be_allowed():
    found = review([coupon(1, WITHDRAWN), coupon(2), coupon(3, EXPIRED)], (), TODAY, one_live=True)

    assert found.states == {2: GRANTED}
    assert [one.id for one in found.live] == [2]
    assert [one.id for one in found.returning] == [1, 3]


def test_of_two_peoples_coupons_who_turn_out_to_be_one_the_first_stays():
    found = review([coupon(5), coupon(2)], (), TODAY, one_live=True)

    assert (found.states, [one.id for one in found.returning]) == ({2: GRANTED}, [5])


def test_a_store_that_allows_several_keeps_several():
    found = review([coupon(5), coupon(2)], (), TODAY, one_live=False)

    assert found.states == {2: GRANTED, 5: GRANTED}


def test_a_benefit_stands_beside_a_personal_coupon_and_comes_back_by_itself():
    found = review(
        [coupon(1), coupon(2, is_benefit=True), coupon(3, WITHDRAWN, is_benefit=True)], (), TODAY, one_live=True
    )

    assert found.states == {1: GRANTED, 2: GRANTED, 3: GRANTED}
    assert [one.id for one in found.live] == [1]
