from __future__ import annotations

import pytest

from connector.domain.programme import Programme, Tier
from connector.domain.tiers import tier_for

LADDER = Programme().tiers


@pytest.mark.parametrize(
    ("window_value", "tier"),
    [
        (0, "member"),
        (99_999, "member"),
        (100_000, "silver"),
        (499_999, "silver"),
        (500_000, "gold"),
        (99_999_999, "gold"),
    ],
)
def test_a_tier_is_reached_at_its_threshold_and_not_a_cent_before(window_value, tier):
    assert tier_for(window_value, "USD", LADDER).name == tier


@pytest.mark.parametrize(("currency", "window_value"), [("JPY", 1_000), ("KWD", 1_000_000)])
def test_a_threshold_counts_whole_units_of_any_currency(currency, window_value):
    assert tier_for(window_value, currency, LADDER).name == "silver"
    assert tier_for(window_value - 1, currency, LADDER).name == "member"


def test_the_order_in_which_tiers_are_listed_does_not_matter():
    ladder = [Tier("gold", 5_000), Tier("member", 0), Tier("silver", 1_000)]

    assert tier_for(150_000, "USD", ladder).name == "silver"
