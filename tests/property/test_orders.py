from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.orders import CountingRules, OrderState, Refund, is_purchase, net_value

rules = st.builds(CountingRules, include_tax=st.booleans(), include_shipping=st.booleans())
amounts = st.integers(0, 10**9)
MOMENT = datetime(2026, 11, 22, tzinfo=UTC)


@st.composite
def totals(draw) -> tuple[int, int, int]:
    """(total, tax, shipping) of an order: the total is goods, shipping and tax together."""
    goods, tax, shipping = draw(amounts), draw(amounts), draw(amounts)
    return goods + tax + shipping, tax, shipping


def order_with(total: int, refunds: list[int]) -> OrderState:
    return OrderState(
        wc_id=1,
        status="completed",
        currency="USD",
        total=total,
        tax=0,
        shipping=0,
        wc_customer_id=1,
        email=None,
        ordered_at=MOMENT,
        modified_at=MOMENT,
        refunds=tuple(Refund(number, amount) for number, amount in enumerate(refunds)),
    )


@given(totals(), st.lists(amounts, max_size=5), st.data(), rules)
def test_splitting_a_refund_in_two_changes_nothing(order, refunds, data, rules):
    total, tax, shipping = order
    split = []
    for refund in refunds:
        part = data.draw(st.integers(0, refund))
        split += [part, refund - part]
    whole, parts = order_with(total, refunds), order_with(total, split)

    assert net_value(total, tax, shipping, whole.refunded, rules) == net_value(
        total, tax, shipping, parts.refunded, rules
    )


@given(totals(), amounts, rules)
def test_an_order_is_worth_something_between_nothing_and_its_total(order, refunded, rules):
    total, tax, shipping = order

    assert 0 <= net_value(total, tax, shipping, refunded, rules) <= max(0, total - refunded)


@given(totals(), amounts, amounts, rules)
def test_giving_more_back_never_makes_an_order_worth_more(order, refunded, more, rules):
    total, tax, shipping = order

    assert net_value(total, tax, shipping, refunded + more, rules) <= net_value(total, tax, shipping, refunded, rules)


@given(totals(), amounts, rules)
def test_an_order_that_is_no_purchase_for_its_refunds_is_worth_nothing(order, refunded, rules):
    total, tax, shipping = order
    if not is_purchase("completed", total, refunded, rules):
        assert net_value(total, tax, shipping, refunded, rules) == 0
