from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connector.domain.programme.points import RedeemingRules
from connector.domain.redemption import (
    TOLD_WITHIN,
    Limits,
    Outcome,
    Quote,
    Redeemed,
    RedemptionState,
    Refused,
    Use,
    limits,
    quote,
    state_of,
    worth,
)

RULES = RedeemingRules(points_per_unit=100, minimum=500, step=100, largest_share=Decimal("0.50"))
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
REDEEMED = Redeemed(1000, NOW + timedelta(days=30))
RESERVED = Outcome(RedemptionState.RESERVED, 1000)
RELEASED = Outcome(RedemptionState.RELEASED, 0)


def code_of(points, *, available=10_000, rules=RULES, blocked=False):
    refused = quote(points, rules, available, "USD", blocked=blocked)
    assert isinstance(refused, Refused)
    assert refused.sentence.endswith(".")
    return refused.code


def test_points_buy_an_amount_off_a_cart_of_which_it_is_the_largest_share():
    assert quote(1_200, RULES, 1_200, "USD") == Quote(points=1_200, amount=1_200, minimum_cart=2_400)


@pytest.mark.parametrize(
    ("currency", "amount"),
    [("USD", 1_000), ("JPY", 10), ("KWD", 10_000)],
)
def test_an_amount_is_in_minor_units_of_the_currency(currency, amount):
    assert quote(1_000, RULES, 1_000, currency).amount == amount


@pytest.mark.parametrize(
    ("points", "points_per_unit", "currency", "amount"),
    [(250, 100, "USD", 250), (250, 100, "JPY", 2), (2, 300, "KWD", 6), (-250, 100, "JPY", -2), (0, 100, "USD", 0)],
)
def test_points_are_worth_whole_minor_units_to_the_customer_as_in_the_books(
    points, points_per_unit, currency, amount
):
    assert worth(points, points_per_unit, currency) == amount


def test_a_share_that_leaves_a_fraction_asks_for_the_next_minor_unit():
    assert quote(1_000, replace(RULES, largest_share=Decimal("0.30")), 1_000, "USD").minimum_cart == 3_334


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (-1, "points_not_positive"),
        (-500, "points_not_positive"),
        (0, "points_not_positive"),
        (500.0, "points_not_whole"),
        (500.5, "points_not_whole"),
        (Decimal(500), "points_not_whole"),
        ("500", "points_not_whole"),
        (True, "points_not_whole"),
        (None, "points_not_whole"),
        ([500], "points_not_whole"),
        (400, "points_below_minimum"),
        (501, "points_not_in_steps"),
        (10_100, "points_not_enough"),
        (2**70 * 100, "points_not_enough"),
    ],
)
def test_what_is_no_number_of_points_to_redeem_is_refused(points, code):
    assert code_of(points) == code


def test_more_than_there_is_names_what_there_is():
    refused = quote(600, RULES, 599, "USD")
    assert (refused.code, refused.sentence) == ("points_not_enough", "Only 599 points are available.")


def test_who_owes_points_has_none_to_redeem():
    assert quote(500, RULES, -40, "USD").sentence == "Only 0 points are available."


def test_points_worth_less_than_a_coin_buy_nothing():
    assert code_of(50, rules=replace(RULES, minimum=0, step=50, points_per_unit=10_000)) == "points_worth_nothing"


def test_a_blocked_customer_redeems_nothing():
    assert code_of(500, blocked=True) == "customer_blocked"


def test_redeeming_that_is_switched_off_is_off_for_everybody():
    assert code_of(500, rules=replace(RULES, enabled=False)) == "redeeming_off"


@pytest.mark.parametrize(
    ("available", "expected"),
    [
        (-10, None),
        (0, None),
        (499, None),
        (500, Limits(500, 500, 100)),
        (1_234, Limits(500, 1_200, 100)),
    ],
)
def test_the_limits_are_what_can_be_chosen_now(available, expected):
    assert limits(RULES, available, "USD") == expected


def test_a_minimum_between_two_steps_counts_from_the_next():
    assert limits(replace(RULES, minimum=450), 900, "USD") == Limits(500, 900, 100)


def test_an_unused_coupon_holds_its_points_until_no_order_that_used_it_can_be_told_any_more():
    told_by = REDEEMED.expires_at + timedelta(days=3)
    assert state_of(REDEEMED, [], REDEEMED.expires_at) == RESERVED
    assert state_of(REDEEMED, [], told_by - timedelta(seconds=1)) == RESERVED
    assert state_of(REDEEMED, [], told_by) == RELEASED


def test_a_coupon_the_store_refused_gives_its_points_back():
    assert state_of(replace(REDEEMED, refusal="coupon_invalid_amount"), [], NOW) == RELEASED


def test_an_order_that_stands_captures_it_also_when_told_late():
    order = Use(7, "processing", 5_000)
    assert state_of(REDEEMED, [order], NOW) == Outcome(RedemptionState.CAPTURED, 1000, 7)
    assert state_of(REDEEMED, [order], NOW + timedelta(days=99)) == Outcome(RedemptionState.CAPTURED, 1000, 7)
    assert state_of(replace(REDEEMED, refusal="no"), [order], NOW) == Outcome(RedemptionState.CAPTURED, 1000, 7)


@pytest.mark.parametrize("status", ["cancelled", "refunded", "trash"])
def test_an_order_that_is_undone_releases_it_and_undone_again_captures_it(status):
    undone = Use(7, status, 5_000)
    assert state_of(REDEEMED, [undone], NOW) == RELEASED
    assert state_of(REDEEMED, [replace(undone, status="completed")], NOW).state is RedemptionState.CAPTURED


def test_an_order_deleted_for_good_releases_it():
    assert state_of(REDEEMED, [Use(7, "processing", 5_000, gone=True)], NOW) == RELEASED


def test_an_order_given_back_in_full_releases_it_whatever_its_status():
    assert state_of(REDEEMED, [Use(7, "completed", 5_000, refunded=5_000)], NOW) == RELEASED


@pytest.mark.parametrize(("refunded", "spent"), [(0, 1_000), (1, 1_000), (50, 990), (2_500, 500), (4_999, 1)])
def test_a_partial_refund_returns_the_same_share_of_the_points_rounded_down(refunded, spent):
    assert state_of(REDEEMED, [Use(7, "completed", 5_000, refunded)], NOW).spent == spent


def test_an_order_paid_with_points_alone_captures_them_until_its_status_says_otherwise():
    free = Use(7, "completed", 0)
    assert state_of(REDEEMED, [free], NOW) == Outcome(RedemptionState.CAPTURED, 1000, 7)
    assert state_of(REDEEMED, [replace(free, status="refunded")], NOW) == RELEASED


@pytest.mark.parametrize("status", ["checkout-draft", "failed"])
def test_a_cart_that_became_no_order_and_one_that_is_not_paid_use_nothing_until_the_coupon_ends(status):
    waiting = Use(7, status, 5_000)
    assert state_of(REDEEMED, [waiting], NOW) == RESERVED
    assert state_of(REDEEMED, [waiting, Use(9, "processing", 5_000)], NOW).order_id == 9
    assert state_of(REDEEMED, [waiting], REDEEMED.expires_at + TOLD_WITHIN) == RELEASED


def test_an_order_that_can_still_be_paid_keeps_the_points_reserved_though_another_was_cancelled():
    failed, cancelled = Use(7, "failed", 5_000), Use(9, "cancelled", 5_000)
    assert state_of(REDEEMED, [failed, cancelled], NOW) == RESERVED
    assert state_of(REDEEMED, [replace(failed, gone=True), cancelled], NOW) == RELEASED


@pytest.mark.parametrize(
    "refunded",
    [
        Use(9, "refunded", 5_000),
        Use(9, "completed", 5_000, 5_000),
        Use(9, "refunded", 0),
        Use(9, "cancelled", 5_000, 1),
    ],
)
def test_an_order_that_can_still_be_paid_holds_nothing_once_another_was_refunded(refunded):
    assert state_of(REDEEMED, [Use(7, "failed", 5_000), refunded], NOW) == RELEASED


@pytest.mark.parametrize(("refunded", "spent"), [(0, 1_000), (4_000, 200), (5_000, 0)])
def test_refunds_beside_a_payment_that_failed_give_back_as_much_as_without(refunded, spent):
    uses = [Use(7, "failed", 5_000), Use(9, "completed", 5_000, refunded)]
    assert state_of(REDEEMED, uses, NOW).spent == spent


def test_a_second_order_after_a_cancelled_one_captures_it():
    uses = [Use(7, "cancelled", 5_000), Use(9, "processing", 5_000)]
    assert state_of(REDEEMED, uses, NOW) == Outcome(RedemptionState.CAPTURED, 1000, 9)
