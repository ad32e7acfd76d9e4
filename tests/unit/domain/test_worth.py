from __future__ import annotations

from fractions import Fraction

import pytest

from connector.domain.orders import CountingRules, OrderLine
from connector.domain.worth import Amounts, PartKind, net_value, parts

RULES = CountingRules()
NET_OF_TAX = CountingRules(include_tax=False)
GOODS_ONLY = CountingRules(include_tax=False, include_shipping=False)


def line(wc_id: int, total: int, tax: int = 0, refunded: int = 0) -> OrderLine:
    return OrderLine(wc_id, 90 + wc_id, 0, 1, total, tax, refunded)


def nets(order: Amounts, rules: CountingRules = RULES) -> list[Fraction]:
    return [part.net for part in parts(order, rules)]


@pytest.mark.parametrize(
    ("rules", "value"),
    [(RULES, 12_400), (NET_OF_TAX, 10_500), (CountingRules(include_shipping=False), 11_900), (GOODS_ONLY, 10_000)],
)
def test_tax_and_shipping_count_where_the_store_says_so(rules, value):
    assert net_value(Amounts(12_400, 1_900, 500, 0), rules) == value


@pytest.mark.parametrize(
    ("refunded", "value"), [(0, 12_400), (1, 12_399), (2_400, 10_000), (12_400, 0), (12_401, 0), (99_999, 0)]
)
def test_refunds_are_taken_off_where_everything_counts(refunded, value):
    assert net_value(Amounts(12_400, 1_900, 500, refunded), RULES) == value


@pytest.mark.parametrize(("refunded", "value"), [(3_100, 7_500), (6_200, 5_000), (12_399, 0), (12_400, 0)])
def test_refunds_are_taken_off_in_proportion_where_only_a_part_counts(refunded, value):
    assert net_value(Amounts(12_400, 1_900, 500, refunded), GOODS_ONLY) == value


@pytest.mark.parametrize(("total", "tax", "shipping"), [(0, 0, 0), (-500, 0, 0), (500, 0, 500), (500, 600, 0)])
def test_an_order_with_nothing_that_counts_is_worth_nothing(total, tax, shipping):
    assert net_value(Amounts(total, tax, shipping, 0), GOODS_ONLY) == 0


def test_an_order_is_its_lines_its_shipping_and_the_rest():
    order = Amounts(12_400, 1_900, 500, 0, (line(1, 6_000, 1_200), line(2, 3_000, 600)))

    found = parts(order, RULES)

    assert [part.kind for part in found] == [PartKind.LINE, PartKind.LINE, PartKind.SHIPPING, PartKind.REST]
    assert [part.line for part in found] == [*order.lines, None, None]
    # What is neither a line nor shipping here: a fee of 1,000 and the tax on shipping.
    assert [part.net for part in found] == [7_200, 3_600, 500, 1_100]


def test_a_refund_of_a_line_leaves_the_other_lines_whole():
    order = Amounts(10_000, 0, 1_000, 6_000, (line(1, 6_000, refunded=6_000), line(2, 3_000)))

    assert nets(order) == [0, 3_000, 1_000, 0]


def test_a_refund_of_a_bare_amount_reduces_everything_in_proportion():
    order = Amounts(10_000, 0, 1_000, 2_500, (line(1, 6_000), line(2, 3_000)))

    assert nets(order) == [4_500, 2_250, 750, 0]


def test_a_bare_amount_after_a_line_reduces_only_what_is_left():
    order = Amounts(10_000, 0, 1_000, 8_000, (line(1, 6_000, refunded=6_000), line(2, 3_000)))

    assert nets(order) == [0, 1_500, 500, 0]


def test_what_is_given_back_on_a_line_beyond_its_worth_reduces_the_rest_of_the_order():
    order = Amounts(10_000, 0, 0, 7_000, (line(1, 6_000, refunded=7_000), line(2, 4_000)))

    assert nets(order) == [0, 3_000, 0, 0]


def test_lines_never_lose_more_than_was_given_back_in_all():
    order = Amounts(10_000, 0, 0, 5_000, (line(1, 6_000, refunded=6_000), line(2, 4_000, refunded=4_000)))

    assert nets(order) == [3_000, 2_000, 0, 0]


def test_without_tax_a_refunded_line_takes_its_own_tax_along_and_no_other():
    order = Amounts(22_000, 2_000, 0, 12_000, (line(1, 10_000, 2_000, refunded=12_000), line(2, 10_000)))

    assert nets(order, NET_OF_TAX) == [0, 10_000, 0, 0]
    assert net_value(order, NET_OF_TAX) == 10_000


def test_a_fee_below_zero_is_a_discount_on_everything():
    order = Amounts(9_000, 0, 1_000, 0, (line(1, 6_000), line(2, 3_000)))

    assert nets(order) == [5_400, 2_700, 900, 0]


def test_shipping_can_stay_out():
    order = Amounts(12_400, 1_900, 500, 0, (line(1, 6_000, 1_200), line(2, 3_000, 600)))

    assert nets(order, GOODS_ONLY) == [6_000, 3_000, 0, 1_000]
    assert net_value(order, GOODS_ONLY) == 10_000
