from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses
from connector.domain.programme.versions import in_force, in_force_when

START = datetime(2026, 11, 22, tzinfo=UTC)
DAYS = st.integers(0, 9).map(lambda day: START + timedelta(days=day))
VERSIONS = st.lists(st.tuples(st.none() | DAYS, st.sampled_from([0, 50])), min_size=1, max_size=5)


@given(VERSIONS, DAYS | DAYS.map(lambda day: day - timedelta(hours=1)))
def test_a_moment_lies_in_the_periods_of_what_is_in_force_then(made, moment):
    versions = [
        replace(Programme(), version=number, effective_from=begin, bonuses=Bonuses(sign_up=points))
        for number, (begin, points) in enumerate(made, 1)
    ]
    periods = in_force_when(versions, lambda one: one.bonuses.sign_up > 0)
    within = [(begin is None or begin <= moment) and (end is None or moment < end) for begin, end in periods]
    assert any(within) == (in_force(versions, moment).bonuses.sign_up > 0)


def test_a_rule_that_was_taken_back_for_the_past_too_is_never_in_force():
    rule = replace(Programme(), bonuses=Bonuses(sign_up=50))
    assert (
        in_force_when([rule, replace(rule, version=2, bonuses=Bonuses())], lambda one: one.bonuses.sign_up > 0) == []
    )
