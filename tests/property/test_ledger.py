from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.ledger import AVAILABLE, OWED, PENDING, difference

accounts = st.tuples(st.integers(1, 4), st.sampled_from([PENDING, AVAILABLE, OWED]))
sources = st.sampled_from(["order:1", "expiry:order:1", "redemption:1", "writeoff:1", "adjustment:1", "merge:1:1"])
states = st.lists(st.dictionaries(accounts, st.integers(-(10**6), 10**6), max_size=4), min_size=1, max_size=12)


def post(source, states) -> tuple[Counter[tuple[int, str]], list]:
    """Post what brings the books to each state in turn."""
    booked: Counter[tuple[int, str]] = Counter()
    made = []
    for number, wanted in enumerate(states):
        posting = difference(source, "it", wanted, booked, seen_before=number > 0)
        if posting is not None:
            made.append(posting)
            for entry in posting.entries:
                if entry.customer_id is not None:
                    booked[entry.customer_id, entry.account] += entry.points
    return booked, made


@given(sources, states)
def test_the_books_of_a_source_end_at_its_latest_state_whatever_came_before(source, states):
    booked, _ = post(source, states)

    assert {key: held for key, held in booked.items() if held} == {
        key: held for key, held in states[-1].items() if held
    }
    assert difference(source, "it", states[-1], booked, seen_before=True) is None


@given(sources, states)
def test_every_posting_sums_to_zero_and_moves_something(source, states):
    _, made = post(source, states)

    for posting in made:
        assert posting.entries
        assert sum(entry.points for entry in posting.entries) == 0
        assert all(entry.points for entry in posting.entries)
        assert (posting.source, bool(posting.kind and posting.reason)) == (source, True)
