"""Lines, refunds and coupons of an order, as they are read from what a store sends."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.money import format_amount
from connector.domain.orders import OrderLine
from connector.shop.payloads import parse_order
from tests.unit.shop.payloads import ORDER, order


def given_back(line: int | str, total: str, tax: str = "0.00") -> dict[str, Any]:
    """A line of a refund, as wc/v3 writes it: negative, and naming its origin in its meta data."""
    origin = {"id": 1, "key": "_refunded_item_id", "value": str(line), "display_key": "x"}
    return {"id": 900, "total": total, "total_tax": tax, "meta_data": [{"key": "_note", "value": [1]}, origin]}


def test_refunds_name_the_lines_they_gave_back_on() -> None:
    refunds = [
        {"id": 726, "total": "-3.00", "line_items": [given_back(315, "-2.00", "-0.15"), given_back(999, "-0.50")]},
        {"id": 724, "total": "-1.00", "line_items": [given_back(315, "-1.00")]},
    ]
    state = parse_order(order(refunds=refunds))
    assert (state.lines[0].refunded, state.refunded) == (315, 400)


def test_a_refund_that_names_no_line_takes_nothing_from_one() -> None:
    assert parse_order(ORDER).lines[0].refunded == 0
    odd = [{"id": 1, "total": "-1.00", "line_items": [{"total": "-1.00", "meta_data": meta}]} for meta in ODD_META]
    assert parse_order(order(refunds=odd)).lines[0].refunded == 0


ODD_META = [None, [], {}, "text", ["text"], [{}], [{"key": 7}], [{"key": "_refunded_item_id", "value": None}]]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 300), st.integers(0, 45)), max_size=3), st.data())
def test_one_refund_split_in_two_leaves_every_line_what_it_was(
    parts: list[tuple[int, int]], data: st.DataObject
) -> None:
    halves = []
    for total, tax in parts:
        first = (data.draw(st.integers(0, total)), data.draw(st.integers(0, tax)))
        halves += [first, (total - first[0], tax - first[1])]
    whole, split = (
        [
            {
                "id": number,
                "total": f"-{format_amount(total + tax, 'USD')}",
                "line_items": [given_back(315, f"-{format_amount(total, 'USD')}", f"-{format_amount(tax, 'USD')}")],
            }
            for number, (total, tax) in enumerate(refunds)
        ]
        for refunds in (parts, halves)
    )
    one, two = parse_order(order(refunds=whole)), parse_order(order(refunds=split))
    assert (one.lines, one.refunded) == (two.lines, two.refunded)


def test_a_refund_is_known_by_its_date_where_the_store_tells_it() -> None:
    dated = {"id": 1, "total": "-1.00", "date_created_gmt": "2026-03-23T08:00:00"}
    assert parse_order(order(refunds=[dated])).refunds[0].refunded_at == datetime(2026, 3, 23, 8, tzinfo=UTC)
    assert parse_order(ORDER).refunds[0].refunded_at is None


def line_with(*meta: tuple[str, object]) -> OrderLine:
    entries = [{"id": 1, "key": key, "value": value} for key, value in meta]
    return parse_order(order(line_items=[ORDER["line_items"][0] | {"meta_data": entries}])).lines[0]


def test_a_line_knows_what_was_written_down_at_checkout() -> None:
    assert line_with(("_regulars_on_sale", "yes"), ("_regulars_categories", "17,3")) == OrderLine(
        315, 93, 0, 2, 600, 45, on_sale=True, categories=(3, 17)
    )
    assert line_with(("_regulars_categories", "")).categories == ()


@pytest.mark.parametrize("value", ["no", "", None, True, ["yes"]])
def test_only_a_plain_yes_means_on_sale(value: object) -> None:
    assert not line_with(("_regulars_on_sale", value)).on_sale


def test_a_line_of_an_old_order_knows_nothing_of_sales_and_categories() -> None:
    line = parse_order(ORDER).lines[0]
    assert (line.on_sale, line.categories) == (False, None)
    assert parse_order(ORDER).uncategorised == {93}
    assert line_with(("_regulars_categories", "x,-4,1.5,")).categories == ()


def test_products_come_with_the_categories_they_are_in_now() -> None:
    told = ORDER["line_items"][0] | {"regulars_categories": [17, 3, "5", None, -1]}
    assert parse_order(order(line_items=[told])).categories == {93: frozenset({3, 5, 17})}
    for odd in (None, "3,5", {"3": 5}):
        untold = ORDER["line_items"][0] | {"regulars_categories": odd}
        assert parse_order(order(line_items=[untold])).categories == {}


def test_coupons_are_known_with_what_they_took_off() -> None:
    coupons = [{"code": "A", "discount": "1.00"}, {"code": "b", "discount": "0.5"}, {"code": "a", "discount": "2"}]
    assert parse_order(order(coupon_lines=coupons)).coupon_discounts == {"a": 300, "b": 50}
    assert parse_order(order(coupon_lines=[{"code": "a"}])).coupon_discounts == {"a": 0}
