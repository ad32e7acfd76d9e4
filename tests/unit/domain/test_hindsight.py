from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.assessment import assess
from connector.domain.backtest import periods
from connector.domain.hindsight import UNKNOWN_DAY, Refunds, with_the_past
from connector.domain.history import Histories, Orders
from tests import cdnow

END = cdnow.CALIBRATION_END


def orders(*rows: tuple[int, int, int]) -> Orders:
    """Customer, day and net value in the latest state."""
    return Orders(*np.array(rows, dtype=np.int64).reshape(-1, 3).T)


def refunds(*rows: tuple[int, int, int, int, int, int]) -> Refunds:
    """Order, customer, day, taken by all refunds, amount of this one, its day."""
    return Refunds(*np.array(rows, dtype=np.int64).reshape(-1, 6).T)


def net(past: Orders, day: int) -> list[int]:
    return past.histories(day).value_total.tolist()


def test_an_order_is_worth_what_it_was_until_the_day_of_each_refund() -> None:
    past = with_the_past(orders((1, 100, 40)), refunds((7, 1, 100, 60, 20, 110), (7, 1, 100, 60, 40, 120)))
    assert [net(past, day) for day in (99, 100, 109, 110, 119, 120, 500)] == [
        [],
        [100],
        [100],
        [80],
        [80],
        [40],
        [40],
    ]


def test_an_order_given_back_in_full_was_a_purchase_until_then() -> None:
    past = with_the_past(orders((1, 90, 10)), refunds((7, 1, 100, 60, 60, 110), (8, 2, 95, 5, 5, 111)))
    then, later = past.histories(109), past.histories(111)
    assert (then.customer.tolist(), then.x.tolist(), then.value_total.tolist()) == ([1, 2], [1, 0], [70, 5])
    assert (later.customer.tolist(), later.x.tolist(), later.value_total.tolist()) == ([1], [0], [10])


def test_a_refund_of_unknown_day_or_of_the_same_day_is_known_at_once() -> None:
    latest = orders((1, 100, 40))
    for day in (UNKNOWN_DAY, 100, 99):
        assert net(with_the_past(latest, refunds((7, 1, 100, 60, 60, day))), 100) == [40]


def test_where_tax_does_not_count_each_refund_takes_its_share_of_what_all_took() -> None:
    past = with_the_past(orders((1, 100, 0)), refunds((7, 1, 100, 100, 40, 110), (7, 1, 100, 100, 79, 120)))
    assert [net(past, day) for day in (100, 110, 120)] == [[100], [66], [0]]


def test_without_a_refund_that_came_later_the_orders_are_the_same_object() -> None:
    latest = orders((1, 100, 40))
    assert with_the_past(latest, refunds()) is latest
    assert with_the_past(latest, refunds((7, 1, 100, 60, 60, UNKNOWN_DAY))) is latest


@given(
    st.lists(
        st.tuples(
            st.integers(0, 3),
            st.integers(0, 50),
            st.integers(0, 1000),
            st.lists(st.tuples(st.integers(1, 500), st.integers(0, 60)), max_size=4),
        ),
        max_size=8,
    ),
    st.integers(0, 70),
)
def test_the_past_is_what_someone_would_have_written_down_then(
    told: list[tuple[int, int, int, list[tuple[int, int]]]], as_of: int
) -> None:
    """Each order: customer, day, net value left, and its refunds: amount and how many days later."""
    latest = orders(*((customer, day, left) for customer, day, left, _ in told))
    given_back = refunds(
        *(
            (number, customer, day, sum(a for a, _ in back), amount, day + after)
            for number, (customer, day, _, back) in enumerate(told)
            for amount, after in back
        )
    )
    then: Histories = with_the_past(latest, given_back).histories(as_of)
    known = [row for row in told if row[1] <= as_of]
    expected = {
        c: sum(left + sum(a for a, after in back if d + after > as_of) for who, d, left, back in known if who == c)
        for c in {row[0] for row in known}
    }
    assert dict(zip(then.customer.tolist(), then.value_total.tolist(), strict=True)) == expected


def test_a_back_test_sees_orders_as_they_were_at_its_cut_off_and_what_became_of_them() -> None:
    customer, day, value = cdnow.orders()
    taken = np.where((day > END - 100) & (day < END - 80), value // 2, 0)
    rows = np.flatnonzero(taken)
    given_back = Refunds(rows, customer[rows], day[rows], taken[rows], taken[rows], np.full(len(rows), END - 10))
    latest = Orders(customer, day, value - taken)
    past = with_the_past(latest, given_back)
    seen, untouched = periods(past, END)[0], periods(Orders(customer, day, value), END)[0]
    assert seen.before.value_total.tolist() == untouched.before.value_total.tolist()
    assert seen.before.x.tolist() == untouched.before.x.tolist()
    later = (day > END - 90) & (day <= END) & np.isin(customer, seen.before.customer)
    assert seen.revenue.sum() == (value - taken)[later].sum()
    assert periods(latest, END)[0].before.value_total.sum() < seen.before.value_total.sum()


def test_once_all_refunds_are_made_only_the_back_test_differs() -> None:
    customer, day, value = cdnow.orders()
    gone = (np.arange(len(day)) % 25 == 0) & (day + 20 <= END)
    rows = np.flatnonzero(gone)
    given_back = Refunds(rows, customer[rows], day[rows], value[rows], value[rows], day[rows] + 20)
    latest = Orders(customer[~gone], day[~gone], value[~gone])
    plain, past = assess(latest, END, model="bg-nbd"), assess(with_the_past(latest, given_back), END, model="bg-nbd")
    for part in ("parameters", "log_likelihood", "gamma_gamma", "data"):
        assert past.report[part] == plain.report[part]
    assert past.report["backtest"] != plain.report["backtest"]
