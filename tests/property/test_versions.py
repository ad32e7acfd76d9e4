from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.versions import Sight, is_newer

START = datetime(2026, 11, 22, tzinfo=UTC)


@st.composite
def histories(draw) -> list[Sight]:
    """What a store shows of one order over time: it looks later each time, and its dates never run backwards."""
    looked = modified = START
    sights = []
    for _ in range(draw(st.integers(1, 7))):
        looked += timedelta(seconds=draw(st.integers(1, 5)))
        modified = max(modified, looked - timedelta(seconds=draw(st.integers(0, 20))))
        sights.append(Sight(None if draw(st.booleans()) else modified, looked))
    return sights


@given(st.data())
def test_any_disorder_and_repetition_of_the_same_sights_ends_with_the_last_one(data):
    history = data.draw(histories())
    repeated = history + data.draw(st.lists(st.sampled_from(history), max_size=4))
    held: Sight | None = None
    for sight in data.draw(st.permutations(repeated)):
        if is_newer(sight, held):
            held = sight

    assert held == history[-1]
