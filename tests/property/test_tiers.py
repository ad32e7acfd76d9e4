"""What holds for tiers whatever is bought, whenever, and under whichever ladder."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from connector.domain.climbs import climbs_of
from connector.domain.history import Orders, epoch_day
from connector.domain.programme import Tier
from connector.domain.programme.ladder import Downgrade, Ladder, TierBasis, TierWindow
from connector.domain.tiers import Override, TierState, TierWalk, window_begins

FIRST, LAST = date(2022, 11, 1), date(2026, 11, 22)
DAY = timedelta(days=1)
STEPS = ("member", "silver", "gold", "platinum")

days = st.dates(FIRST, LAST)
purchases = st.lists(st.tuples(days, st.integers(1, 400)), max_size=12)
ladders = st.builds(
    Ladder,
    tiers=st.just(tuple(Tier(name, threshold) for name, threshold in zip(STEPS, (0, 100, 300, 900), strict=True))),
    # Points: amounts are what thresholds are.
    basis=st.just(TierBasis.POINTS),
    window=st.sampled_from(TierWindow),
    months=st.integers(1, 24),
    keep_months=st.integers(0, 14),
    grace_days=st.integers(0, 45),
    downgrade=st.sampled_from(Downgrade),
    # A programme that lets tiers fall a step on every day is refused.
).filter(lambda ladder: ladder.downgrade is Downgrade.TO_EARNED or ladder.keep_months or ladder.grace_days)


overrides = st.builds(Override, st.sampled_from(STEPS), days, st.none() | days)


def walk_of(ladder: Ladder, bought: list[tuple[date, int]], overrides: tuple[Override, ...] = ()) -> TierWalk:
    walk = TierWalk(ladder, "USD", overrides)
    for day, amount in bought:
        walk.add(day, amount)
    return walk


def step_of(state: TierState) -> int:
    return STEPS.index(state.tier)


def earned(metric: int) -> int:
    return sum(metric >= threshold for threshold in (100, 300, 900))


def way(ladder: Ladder, bought: list[tuple[date, int]]) -> list[TierState]:
    """The state at the end of each of many days."""
    walk = walk_of(ladder, bought)
    start = min((day for day, _ in bought), default=LAST)
    return [walk.on(start + DAY * n) for n in range((LAST - start).days + 400)]


@given(ladders, purchases, st.randoms(), days)
def test_the_order_of_telling_makes_no_difference(ladder, bought, random, day):
    shuffled = list(bought)
    random.shuffle(shuffled)

    assert walk_of(ladder, bought).on(day) == walk_of(ladder, shuffled).on(day)


@given(ladders, purchases, days, days, st.integers(1, 400))
def test_what_comes_later_does_not_change_an_earlier_day(ladder, bought, day, later, amount):
    assume(later > day)

    assert walk_of(ladder, [*bought, (later, amount)]).on(day) == walk_of(ladder, bought).on(day)


@given(ladders, purchases, days)
def test_an_order_refunded_in_full_leaves_no_trace(ladder, bought, day):
    assert walk_of(ladder, [*bought, (day, 0)]).on(LAST) == walk_of(ladder, bought).on(LAST)


@given(ladders, purchases)
@settings(max_examples=25)
def test_nobody_is_ever_below_what_they_earn_that_day_and_rises_at_once(ladder, bought):
    states = way(ladder, bought)

    assert all(step_of(state) >= earned(state.metric) for state in states)
    assert all(
        step_of(now) == earned(now.metric) for before, now in pairwise(states) if step_of(now) > step_of(before)
    )


@given(ladders, purchases)
@settings(max_examples=25)
def test_nobody_falls_before_the_day_they_were_told_nor_before_they_have_been_in_grace(ladder, bought):
    walk = walk_of(ladder, bought)
    start = min((day for day, _ in bought), default=LAST)
    states = {start + DAY * n: walk.on(start + DAY * n) for n in range((LAST - start).days + 400)}
    unearned = 0
    for day, now in states.items():
        before = states.get(day - DAY)
        if before is None or step_of(now) >= step_of(before):
            over = now.keep_until is None or day > now.keep_until
            unearned = unearned + 1 if earned(now.metric) < step_of(now) and over else 0
            continue
        assert before.keep_until is None or day > before.keep_until
        assert unearned >= ladder.grace_days
        assert before.falls_on == day
        assert now.since == (day if step_of(now) else None)
        if ladder.downgrade is Downgrade.ONE_STEP:
            assert step_of(now) == max(step_of(before) - 1, earned(now.metric))
        else:
            assert step_of(now) == earned(now.metric)
        unearned = 0


@given(ladders, purchases, days)
def test_the_day_of_the_fall_comes_true_where_nothing_more_is_bought(ladder, bought, day):
    bought = [(one, amount) for one, amount in bought if one <= day]
    walk = walk_of(ladder, bought)
    state = walk.on(day)

    if state.falls_on is None:
        assert walk.on(day + timedelta(days=3_000)).tier == state.tier
    else:
        assert state.falls_on > day
        assert walk.on(state.falls_on - DAY).tier == state.tier
        assert step_of(walk.on(state.falls_on)) < step_of(state)


@given(ladders, purchases, days, st.data())
def test_what_is_asked_for_a_higher_tier_is_enough_and_less_is_not(ladder, bought, day, data):
    bought = [(one, amount) for one, amount in bought if one <= day]
    goal = walk_of(ladder, bought).progress(day).reach
    assume(goal is not None)
    last = goal.by or day + timedelta(days=2_000)
    when = data.draw(st.dates(day, last))
    part = data.draw(st.integers(0, goal.amount))
    parts = [(day, part), (when, goal.amount - part)] if goal.by else [(when, goal.amount)]

    assert walk_of(ladder, [*bought, *parts]).on(when).tier == goal.tier
    assert step_of(walk_of(ladder, [*bought, (when, goal.amount - 1)]).on(when)) < STEPS.index(goal.tier)


@st.composite
def kept_tiers(draw: st.DrawFn) -> tuple[Ladder, list[tuple[date, int]], date]:
    """Somebody above the lowest tier whom a purchase of today could keep there."""
    ladder = draw(ladders)
    recently = st.tuples(st.dates(LAST - DAY * 150, LAST), st.integers(50, 400))
    bought = draw(st.lists(recently, min_size=1, max_size=6)) + draw(purchases)
    assume(walk_of(ladder, bought).progress(LAST).keep is not None)
    return ladder, bought, LAST


@given(kept_tiers(), st.data())
@settings(suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow])
def test_what_is_asked_to_keep_a_tier_is_enough_and_less_on_the_last_day_is_not(kept, data):
    ladder, bought, day = kept
    walk = walk_of(ladder, bought)
    goal, falls_on = walk.progress(day).keep, walk.on(day).falls_on
    when = data.draw(st.dates(day, goal.by))

    saved = walk_of(ladder, [*bought, (when, goal.amount)]).on(falls_on)
    lost = walk_of(ladder, [*bought, (goal.by, goal.amount - 1)]).on(falls_on)

    assert goal.by == falls_on - DAY
    assert step_of(saved) >= STEPS.index(goal.tier)
    assert step_of(lost) < STEPS.index(goal.tier)


@given(ladders, purchases, days, days, st.none() | days, st.sampled_from(STEPS))
def test_nobody_falls_below_a_tier_given_by_hand_while_it_lasts(ladder, bought, day, first, last, tier):
    without = walk_of(ladder, bought).on(day)
    given_by_hand = Override(tier, first, last)
    state = walk_of(ladder, bought, (given_by_hand,)).on(day)

    if first <= day and (last is None or day <= last):
        assert step_of(state) == max(step_of(without), STEPS.index(tier))
    else:
        assert state == without


@given(
    ladders,
    st.dictionaries(st.integers(1, 5), purchases, max_size=4),
    st.dictionaries(
        st.integers(1, 6), st.builds(Override, st.sampled_from(STEPS), days, st.none() | days), max_size=2
    ),
    days,
    st.randoms(),
)
def test_many_at_once_stand_where_each_one_walks(ladder, bought, by_hand, day, random):
    rows = [(customer, epoch_day(one), amount) for customer, all_ in bought.items() for one, amount in all_]
    random.shuffle(rows)
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    given_by_hand = {customer: [one] for customer, one in by_hand.items()}

    together = climbs_of(Orders(*columns), day, ladder, "USD").of(range(1, 7), given_by_hand)

    for customer in range(1, 7):
        alone = walk_of(ladder, bought.get(customer, []), tuple(given_by_hand.get(customer, ()))).climb(day)
        assert together[customer] == alone


@given(ladders, days, days)
def test_a_purchase_counts_from_its_day_as_long_as_it_is_in_the_window(ladder, bought, day):
    counted = bought <= day and bought >= window_begins(ladder, day)

    assert walk_of(ladder, [(bought, 1)]).on(day).metric == int(counted)
