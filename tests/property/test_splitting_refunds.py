"""One refund or two that give back as much: an order is worth the same, in a file and in a store."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.orders import CountingRules, OrderLine, OrderState, Refund, is_purchase
from connector.domain.worth import Amounts, net_value
from connector.orderfile import repeats
from connector.orderfile.repeats import Rows, resolve

Row = tuple[int, int, int]  # order, day, value

AT = datetime(2026, 3, 1, tzinfo=UTC)
rules = st.builds(CountingRules, include_tax=st.booleans(), include_shipping=st.booleans())


def worth(rows: list[Row]) -> dict[int, tuple[int, int]]:
    """Order -> day and net value of each purchase in a file; each order is of a customer of its own."""
    order, day, value = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    line = np.arange(len(rows))
    moment = np.where(value < 0, day + 1, 0)
    fate, net, _ = resolve(Rows(line, order, order, order, day, moment, value))
    kept = fate == repeats.KEPT
    return dict(zip(order[kept].tolist(), zip(day[kept].tolist(), net[kept].tolist(), strict=True), strict=True))


@st.composite
def splits(draw: st.DrawFn) -> tuple[int, int, int]:
    """What an order was, what was given back of it, and the first part of two: a half quite often."""
    total = draw(st.integers(2, 50_000))
    back = draw(st.just(total) | st.integers(2, total))
    return total, back, draw(st.just(back // 2) | st.integers(1, back - 1))


@given(
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50_000)), max_size=20),
    splits(),
    st.integers(0, 30),
    st.integers(0, 30),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
def test_splitting_a_refund_in_two_changes_nothing_in_a_file(
    others: list[tuple[int, int]], split: tuple[int, int, int], day: int, later: int, times: int, random: Random
) -> None:
    total, back, part = split
    orders = [(number, *order) for number, order in enumerate(others, 1)]
    order, refunded = (0, day, total), day + later
    at_once = [*orders, order, (0, refunded, -back)]
    in_two = [*orders, order, (0, refunded, -part), (0, refunded, part - back)] * times  # whole files repeated
    random.shuffle(in_two)
    net = {number: (on, value) for number, on, value in orders}
    if back < total:
        net[0] = (day, total - back)
    assert worth(in_two) == worth(at_once) == net


@given(splits(), st.integers(0, 500), st.integers(0, 500), rules)
def test_splitting_a_refund_in_two_changes_nothing_in_a_store(
    split: tuple[int, int, int], tax: int, shipping: int, counted: CountingRules
) -> None:
    total, back, part = split
    tax, shipping = min(tax, total // 4), min(shipping, total // 4)
    line = OrderLine(1, 1, 0, 1, total - tax - shipping, tax)

    def value(*given_back: int) -> tuple[bool, int]:
        refunds = tuple(Refund(number, amount, AT) for number, amount in enumerate(given_back, 1))
        order = OrderState(
            1, "completed", "EUR", total, tax, shipping, 7, None, AT, AT, refunds=refunds, lines=(line,)
        )
        amounts = Amounts(order.total, order.tax, order.shipping, order.refunded, order.lines)
        return is_purchase(order.status, order.total, order.refunded, counted), net_value(amounts, counted)

    assert value(part, back - part) == value(back)
