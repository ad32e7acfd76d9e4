from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.ledger import settle_order

states = st.lists(st.tuples(st.none() | st.integers(1, 4), st.integers(0, 10**6)), min_size=1, max_size=12)


@given(states)
def test_the_books_of_an_order_end_at_its_latest_state_whatever_came_before(states):
    booked: Counter[int] = Counter()
    for number, (earner, points) in enumerate(states):
        posting = settle_order("order 1", earner, points, booked, seen_before=number > 0)
        for entry in posting.entries if posting else ():
            if entry.customer_id is not None:
                booked[entry.customer_id] += entry.points

    earner, points = states[-1]
    held = {customer: held for customer, held in booked.items() if held}
    assert held == ({earner: points} if earner is not None and points else {})
    assert settle_order("order 1", earner, points, booked, seen_before=True) is None


@given(states)
def test_every_posting_sums_to_zero_and_moves_something(states):
    booked: Counter[int] = Counter()
    for number, (earner, points) in enumerate(states):
        posting = settle_order("order 1", earner, points, booked, seen_before=number > 0)
        if posting is not None:
            assert sum(entry.points for entry in posting.entries) == 0
            assert all(entry.points for entry in posting.entries)
            booked.update({e.customer_id: e.points for e in posting.entries if e.customer_id is not None})
