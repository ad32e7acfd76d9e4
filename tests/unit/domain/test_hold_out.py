from __future__ import annotations

from collections import Counter
from decimal import Decimal

import pytest

from connector.domain.hold_out import arm, draw, is_held_out
from connector.domain.programme.offers import Discount, Variant

KEY = bytes(range(32))
PEOPLE = range(1, 40_001)


@pytest.mark.parametrize("percent", ["0", "0.5", "5", "50", "100"])
def test_the_share_held_out_is_the_one_asked_for(percent):
    held = sum(is_held_out(KEY, customer, Decimal(percent)) for customer in PEOPLE)

    expected = len(PEOPLE) * float(percent) / 100
    # Four standard deviations: with this key it is what it is, with any other it would be one in 16,000 to fail.
    spread = (expected * (1 - float(percent) / 100)) ** 0.5
    assert abs(held - expected) <= 4 * spread


def test_draws_are_spread_evenly():
    tenths = Counter(int(draw(KEY, "hold-out", customer) * 10) for customer in PEOPLE)

    expected = len(PEOPLE) / 10
    # Chi-squared with nine degrees of freedom exceeds 27.9 once in a thousand keys.
    assert sum((tenths[tenth] - expected) ** 2 / expected for tenth in range(10)) < 27.9


def test_a_larger_share_holds_out_everybody_the_smaller_did():
    small = {customer for customer in PEOPLE if is_held_out(KEY, customer, Decimal(5))}
    large = {customer for customer in PEOPLE if is_held_out(KEY, customer, Decimal(10))}

    assert small < large


def test_the_draw_is_the_stores_own_and_the_same_every_time():
    again = [draw(KEY, "hold-out", customer) for customer in range(1, 50)]

    assert again == [draw(KEY, "hold-out", customer) for customer in range(1, 50)]
    assert again != [draw(bytes(32), "hold-out", customer) for customer in range(1, 50)]


VARIANTS = (
    Variant("small", 1, Discount(amount=Decimal(5))),
    Variant("middle", 2, Discount()),
    Variant("large", 1, Discount(amount=Decimal(20))),
)


def test_arms_have_their_shares_and_do_not_follow_the_hold_out():
    arms = {customer: arm(KEY, "back", customer, VARIANTS).name for customer in PEOPLE}
    held = {customer for customer in PEOPLE if is_held_out(KEY, customer, Decimal(50))}

    for group in (set(PEOPLE), held):
        counts = Counter(arms[customer] for customer in group)
        for name, share in (("small", 0.25), ("middle", 0.5), ("large", 0.25)):
            assert counts[name] == pytest.approx(share * len(group), rel=0.05)
    assert any(arms[customer] != arm(KEY, "other", customer, VARIANTS).name for customer in range(1, 20))


def test_a_campaign_without_variants_has_no_arms():
    assert arm(KEY, "back", 7, ()) is None
    assert arm(KEY, "back", 7, (Variant("none", 0, Discount()),)) is None
