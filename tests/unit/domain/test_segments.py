from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from connector.domain.segments import NAMES, RULES, SLUGS, Rule, SegmentTable, segment, segments

ALL_SCORES = list(product(range(1, 6), repeat=3))


def test_every_combination_of_scores_lies_in_exactly_one_rule() -> None:
    def holds(rule: Rule, scores: tuple[int, int, int]) -> bool:
        ranges = (rule.r, rule.f, rule.m)
        return all(low <= score <= high for (low, high), score in zip(ranges, scores, strict=True))

    assert [sum(holds(rule, scores) for rule in RULES) for scores in ALL_SCORES] == [1] * 125


def test_every_segment_is_reached_and_has_a_name() -> None:
    assert {segment(*scores) for scores in ALL_SCORES} == set(SLUGS) == set(NAMES)
    assert len(SLUGS) == 11


def test_the_corners_have_the_names_everyone_expects() -> None:
    assert segment(5, 5, 5) == "champions"
    assert segment(5, 1, 1) == "new"
    assert segment(1, 5, 5) == "cannot_lose"
    assert segment(1, 1, 1) == "lost"


def test_many_customers_get_the_same_segments_as_one_by_one() -> None:
    r, f, m = np.array(ALL_SCORES).T
    assert segments(r, f, m).tolist() == [segment(*scores) for scores in ALL_SCORES]


@pytest.mark.parametrize("scores", [(0, 1, 1), (1, 6, 1), (1, 1, -1)])
def test_a_score_outside_one_to_five_is_refused(scores: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="1 to 5"):
        segment(*scores)


def test_a_table_with_a_gap_is_refused() -> None:
    with pytest.raises(ValueError, match=r"no rule covers r, f, m = \[1, 1, 1\]"):
        SegmentTable([Rule((2, 5), (1, 5), (1, 5), "loyal"), Rule((1, 1), (2, 5), (1, 5), "lost")])


def test_a_table_that_names_a_combination_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="already in another rule"):
        SegmentTable([*RULES, Rule((5, 5), (5, 5), (5, 5), "loyal")])
