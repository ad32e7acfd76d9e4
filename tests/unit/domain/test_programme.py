from __future__ import annotations

import json
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.orders import CountingRules
from connector.domain.programme import Programme, SecondPurchaseCoupon, Tier
from connector.domain.programme.document import from_document, to_document
from connector.domain.programme.ladder import Ladder

counting_rules = st.builds(
    CountingRules,
    statuses=st.frozensets(st.sampled_from(["processing", "completed", "shipped", "on-hold"])),
    include_tax=st.booleans(),
    include_shipping=st.booleans(),
)
coupons = st.builds(
    SecondPurchaseCoupon,
    percent=st.decimals(Decimal("0.01"), Decimal(100), places=2),
    valid_days=st.integers(1, 400),
    reach_days=st.integers(0, 4_000),
)
programmes = st.builds(
    Programme,
    version=st.integers(1, 10**6),
    counting=counting_rules,
    ladder=st.builds(
        Ladder,
        tiers=st.lists(st.builds(Tier, st.text(), st.integers(0, 10**9)), max_size=5).map(tuple),
        months=st.integers(1, 60),
    ),
    second_purchase=coupons,
    margin=st.floats(0, 1),
    annual_discount_rate=st.floats(0, 1),
)


@given(programmes)
def test_a_programme_is_the_same_after_it_was_stored(programme):
    stored = json.loads(json.dumps(to_document(programme)))

    assert from_document(stored, programme.version) == programme


def test_a_document_leaves_the_version_to_its_row():
    assert to_document(Programme(version=1)) == to_document(Programme(version=7))


def test_the_default_programme_suits_a_small_shop():
    programme = Programme()

    assert [(tier.name, tier.threshold) for tier in programme.tiers] == [
        ("member", 0),
        ("silver", 1_000),
        ("gold", 5_000),
    ]
    assert programme.tier_window_months == 12
    assert programme.counting.statuses == {"processing", "completed"}
    assert programme.second_purchase.percent == Decimal("10.00")


@pytest.mark.parametrize("missing", ["counting", "tiers", "tier_window_months", "second_purchase", "margin"])
def test_a_document_that_lacks_a_rule_is_not_filled_in(missing):
    document = to_document(Programme())
    del document[missing]

    with pytest.raises(KeyError, match=missing):
        from_document(document, 1)
