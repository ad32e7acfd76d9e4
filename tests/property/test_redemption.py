from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from hypothesis import assume, given
from hypothesis import strategies as st

from connector.domain.programme.points import RedeemingRules
from connector.domain.redemption import Quote, Redeemed, RedemptionState, Refused, Use, limits, quote, state_of

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
currencies = st.sampled_from(["USD", "JPY", "KWD"])
rules = st.builds(
    RedeemingRules,
    points_per_unit=st.integers(1, 20_000),
    minimum=st.integers(0, 2_000),
    step=st.integers(1, 500),
    largest_share=st.integers(1, 100).map(lambda percent: Decimal(percent) / 100),
)
uses = st.lists(
    st.builds(
        Use,
        order_id=st.integers(1, 6),
        status=st.sampled_from(
            ["pending", "on-hold", "processing", "completed", "cancelled", "failed", "refunded", "checkout-draft"]
        ),
        total=st.integers(0, 20_000),
        refunded=st.integers(0, 25_000),
        gone=st.booleans(),
    ),
    max_size=4,
    unique_by=lambda use: use.order_id,
)
redeemed = st.builds(
    Redeemed,
    points=st.integers(1, 10**6),
    expires_at=st.integers(-6, 3).map(lambda days: NOW + timedelta(days=days)),
    refusal=st.none() | st.just("no"),
)
junk = st.none() | st.booleans() | st.floats() | st.text() | st.lists(st.integers()) | st.decimals()


@given(st.integers(0, 10**4), rules, st.integers(-100, 10**6), currencies)
def test_nobody_redeems_more_than_they_have_nor_gets_more_than_it_is_worth(steps, rule, available, currency):
    found = quote(rule.minimum * rule.step + steps * rule.step, rule, available, currency)
    if isinstance(found, Refused):
        return
    units = Decimal(found.amount).scaleb({"USD": -2, "JPY": 0, "KWD": -3}[currency])
    assert 0 < found.points <= available
    assert found.amount > 0
    assert units * rule.points_per_unit <= found.points
    assert found.amount <= found.minimum_cart * rule.largest_share
    assert found.amount > (found.minimum_cart - 1) * rule.largest_share


@given(junk, rules, st.integers(0, 10**6), currencies)
def test_what_is_not_a_whole_number_is_never_redeemed(points, rule, available, currency):
    assert isinstance(quote(points, rule, available, currency), Refused)


@given(rules, st.integers(-100, 5_000), currencies)
def test_the_limits_name_exactly_what_a_quote_takes(rule, available, currency):
    allowed = {p for p in range(-5, max(available, 0) + 2) if isinstance(quote(p, rule, available, currency), Quote)}
    found = limits(rule, available, currency)
    assert allowed == (set(range(found.smallest, found.largest + 1, found.step)) if found else set())


@given(redeemed, uses)
def test_spent_points_are_never_negative_and_never_more_than_were_redeemed(redemption, orders):
    outcome = state_of(redemption, orders, NOW)
    assert 0 <= outcome.spent <= redemption.points
    assert (outcome.spent == 0) == (outcome.state is RedemptionState.RELEASED)
    assert (outcome.order_id is not None) == (outcome.state is RedemptionState.CAPTURED)


@given(redeemed, uses, st.data())
def test_the_order_in_which_uses_are_looked_at_makes_no_difference(redemption, orders, data):
    shuffled = data.draw(st.permutations(orders))
    assert state_of(redemption, shuffled, NOW) == state_of(redemption, orders, NOW)


@given(redeemed, uses)
def test_a_coupon_that_was_once_used_never_becomes_usable_again(redemption, orders):
    assume(any(use.placed for use in orders) and not any(use.can_be_paid for use in orders))
    assert state_of(redemption, orders, NOW).state is not RedemptionState.RESERVED


@given(redeemed, uses, st.integers(0, 25_000), st.booleans(), st.data())
def test_more_refunded_of_any_order_never_leaves_more_spent(redemption, orders, more, wholly, data):
    assume(orders)
    order = data.draw(st.sampled_from(orders))
    refunded = replace(order, refunded=order.refunded + more, status="refunded" if wholly else order.status)
    after = [refunded if use is order else use for use in orders]
    assert state_of(redemption, after, NOW).spent <= state_of(redemption, orders, NOW).spent
