from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.domain.orders import CountingRules, OrderState, Refund, is_purchase, net_value

RULES = CountingRules()
NET_OF_TAX = CountingRules(include_tax=False)
GOODS_ONLY = CountingRules(include_tax=False, include_shipping=False)


@pytest.mark.parametrize("status", ["processing", "completed"])
def test_a_paid_order_is_a_purchase(status):
    assert is_purchase(status, 1_000, 0, RULES)


@pytest.mark.parametrize(
    "status", ["pending", "on-hold", "cancelled", "refunded", "failed", "checkout-draft", "trash"]
)
def test_an_order_in_any_other_status_is_no_purchase(status):
    assert not is_purchase(status, 1_000, 0, RULES)


def test_a_store_chooses_which_statuses_are_purchases():
    rules = CountingRules(statuses=frozenset({"shipped"}))

    assert is_purchase("shipped", 1_000, 0, rules)
    assert not is_purchase("completed", 1_000, 0, rules)


@pytest.mark.parametrize(
    ("total", "refunded", "counts"),
    [(1_000, 999, True), (1_000, 1_000, False), (1_000, 1_001, False), (0, 0, True), (0, 5, False)],
)
def test_an_order_is_a_purchase_until_all_of_it_was_given_back(total, refunded, counts):
    assert is_purchase("completed", total, refunded, RULES) is counts


@pytest.mark.parametrize(
    ("rules", "value"),
    [(RULES, 12_400), (NET_OF_TAX, 10_500), (CountingRules(include_shipping=False), 11_900), (GOODS_ONLY, 10_000)],
)
def test_tax_and_shipping_count_where_the_store_says_so(rules, value):
    assert net_value(total=12_400, tax=1_900, shipping=500, refunded=0, rules=rules) == value


@pytest.mark.parametrize(
    ("refunded", "value"), [(0, 12_400), (1, 12_399), (2_400, 10_000), (12_400, 0), (12_401, 0), (99_999, 0)]
)
def test_refunds_are_taken_off_where_everything_counts(refunded, value):
    assert net_value(total=12_400, tax=1_900, shipping=500, refunded=refunded, rules=RULES) == value


@pytest.mark.parametrize(("refunded", "value"), [(3_100, 7_500), (6_200, 5_000), (12_399, 0), (12_400, 0)])
def test_refunds_are_taken_off_in_proportion_where_only_a_part_counts(refunded, value):
    assert net_value(total=12_400, tax=1_900, shipping=500, refunded=refunded, rules=GOODS_ONLY) == value


@pytest.mark.parametrize(("total", "tax", "shipping"), [(0, 0, 0), (-500, 0, 0), (500, 0, 500), (500, 600, 0)])
def test_an_order_with_nothing_that_counts_is_worth_nothing(total, tax, shipping):
    assert net_value(total, tax, shipping, 0, GOODS_ONLY) == 0


def test_the_refunded_amount_is_the_sum_of_the_refunds():
    moment = datetime(2026, 11, 22, tzinfo=UTC)
    order = OrderState(
        wc_id=12,
        status="completed",
        currency="USD",
        total=1_000,
        tax=0,
        shipping=0,
        wc_customer_id=0,
        email=None,
        ordered_at=moment,
        modified_at=moment,
    )

    assert order.refunded == 0
    assert replace(order, refunds=(Refund(1, 250), Refund(2, 100))).refunded == 350
