from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.versions import Sight, is_newer

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("sight", "held", "newer"),
    [
        (Sight(at(0), at(1)), None, True),
        (Sight(at(2), at(3)), Sight(at(1), at(4)), True),
        (Sight(at(1), at(4)), Sight(at(2), at(3)), False),
        (Sight(at(1), at(3)), Sight(at(1), at(2)), True),
        (Sight(at(1), at(2)), Sight(at(1), at(3)), False),
        (Sight(at(1), at(2)), Sight(at(1), at(2)), True),
    ],
    ids=["first", "modified later", "modified earlier", "seen later", "seen earlier", "the same"],
)
def test_of_two_living_states_the_one_modified_later_counts_then_the_one_seen_later(sight, held, newer):
    assert is_newer(sight, held) is newer


@pytest.mark.parametrize(
    ("sight", "held", "newer"),
    [
        (Sight(None, at(3)), Sight(at(9), at(2)), True),
        (Sight(None, at(1)), Sight(at(0), at(2)), False),
        (Sight(at(0), at(3)), Sight(None, at(2)), True),
        (Sight(at(9), at(1)), Sight(None, at(2)), False),
    ],
    ids=["deleted since", "deleted before", "restored since", "a late sight of what is deleted"],
)
def test_between_life_and_deletion_only_the_time_of_looking_decides(sight, held, newer):
    assert is_newer(sight, held) is newer
