from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from connector.domain.orders import CountingRules, OrderState, Refund, is_purchase

RULES = CountingRules()


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
