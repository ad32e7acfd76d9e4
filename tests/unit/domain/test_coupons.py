from __future__ import annotations

from datetime import date, timedelta

import pytest

from connector.domain.coupons import Buyer, EntitlementState, entitled_to_second_purchase, second_purchase_state
from connector.domain.programme import SecondPurchaseCoupon

TODAY = date(2026, 11, 22)
RULE = SecondPurchaseCoupon(reach_days=365)
CODE = "abcd2345"
TOMORROW = TODAY + timedelta(days=1)


@pytest.mark.parametrize(("days_ago", "entitled"), [(0, True), (364, True), (365, True), (366, False)])
def test_who_bought_once_within_reach_is_entitled(days_ago, entitled):
    buyer = Buyer(1, TODAY - timedelta(days=days_ago))

    assert entitled_to_second_purchase(buyer, RULE, TODAY) is entitled


@pytest.mark.parametrize("buyer", [Buyer(0, None), Buyer(2, TODAY), Buyer(9, TODAY)])
def test_who_never_bought_or_bought_again_is_not_entitled(buyer):
    assert not entitled_to_second_purchase(buyer, RULE, TODAY)


@pytest.mark.parametrize(
    ("buyer", "expires_on", "state"),
    [
        (Buyer(1, TODAY), TODAY, EntitlementState.GRANTED),
        (Buyer(1, TODAY), TODAY - timedelta(days=1), EntitlementState.EXPIRED),
        (Buyer(2, TODAY), TOMORROW, EntitlementState.WITHDRAWN),
        (Buyer(0, None), TOMORROW, EntitlementState.WITHDRAWN),
        (Buyer(2, TODAY, frozenset({CODE})), TOMORROW, EntitlementState.USED),
        (Buyer(2, TODAY, frozenset({CODE})), TODAY - timedelta(days=90), EntitlementState.USED),
        (Buyer(1, TODAY, frozenset({"another"})), TOMORROW, EntitlementState.GRANTED),
    ],
)
def test_what_becomes_of_an_entitlement_follows_from_the_latest_history(buyer, expires_on, state):
    assert second_purchase_state(buyer, CODE, expires_on, TODAY) is state
