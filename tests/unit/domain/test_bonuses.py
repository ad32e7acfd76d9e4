from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from connector.domain.bonuses import (
    BonusKind,
    FirstOrder,
    Person,
    Review,
    are_set,
    bonuses_of,
    celebrated,
    kind_of,
    source_of,
    yearly,
)
from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses, EarningRules

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = Programme(
    bonuses=Bonuses(sign_up=10, first_order=20, review=5, birthday=50, anniversary=30, referrer=100, friend=40),
    earning=EarningRules(hold_days=14),
)
ANN, BEN = 1, 2


def given(person: Person, *programmes: Programme) -> dict[str, tuple[int, int]]:
    """Customer and points by source."""
    found = bonuses_of(person, programmes or [ALL])
    assert len({bonus.source for bonus in found}) == len(found)
    return {bonus.source: (bonus.customer_id, bonus.points) for bonus in found}


def test_by_the_default_programme_there_are_no_bonuses():
    assert not are_set([Programme()])
    assert are_set([Programme(), ALL])
    assert are_set([ALL], BonusKind.REVIEW)
    assert not are_set([replace(ALL, bonuses=Bonuses(review=5))], BonusKind.SIGN_UP)
    everything = Person(ANN, NOON, FirstOrder(7, NOON, BEN), (Review(9, NOON),))
    assert given(everything, Programme()) == {}


def test_signing_up_is_rewarded_once():
    assert given(Person(ANN, registered_at=NOON)) == {"bonus:sign_up:1": (ANN, 10)}
    assert given(Person(ANN)) == {}


def test_only_those_who_register_while_the_rule_holds_are_rewarded():
    later = replace(ALL, version=2, effective_from=NOON)

    assert given(Person(ANN, registered_at=NOON - timedelta(seconds=1)), Programme(), later) == {}
    assert given(Person(ANN, registered_at=NOON), Programme(), later) == {"bonus:sign_up:1": (ANN, 10)}


def test_the_first_order_is_rewarded_and_waits_as_long_as_its_points():
    (bonus,) = bonuses_of(Person(ANN, first_order=FirstOrder(7, NOON)), [ALL])

    assert (bonus.source, bonus.points, bonus.earned_at, bonus.hold_days) == ("bonus:first_order:1", 20, NOON, 14)


def test_a_first_order_on_a_friends_word_rewards_both():
    assert given(Person(ANN, first_order=FirstOrder(7, NOON, BEN))) == {
        "bonus:first_order:1": (ANN, 20),
        "bonus:friend:1": (ANN, 40),
        "bonus:referrer:1": (BEN, 100),
    }


def test_nobody_brings_themselves():
    assert given(Person(ANN, first_order=FirstOrder(7, NOON, ANN))) == {"bonus:first_order:1": (ANN, 20)}


def test_a_product_is_rewarded_once_however_often_it_is_reviewed():
    earlier = NOON - timedelta(days=3)
    person = Person(ANN, reviews=(Review(9, NOON), Review(9, earlier), Review(8, NOON)))

    assert given(person) == {"bonus:review:1:8": (ANN, 5), "bonus:review:1:9": (ANN, 5)}
    assert [bonus.earned_at for bonus in bonuses_of(person, [ALL])] == [NOON, earlier]


@pytest.mark.parametrize(("kind", "points"), [(BonusKind.BIRTHDAY, 50), (BonusKind.ANNIVERSARY, 30)])
def test_days_of_the_year_are_rewarded_once_a_year(kind, points):
    bonus = yearly(kind, ANN, date(2026, 11, 22), NOON, [ALL])

    assert bonus is not None
    assert (bonus.source, bonus.points, bonus.earned_at) == (f"bonus:{kind}:1:2026", points, NOON)
    assert yearly(kind, ANN, date(2026, 11, 22), NOON, [Programme()]) is None


@pytest.mark.parametrize(
    ("day", "days"),
    [
        (date(2026, 11, 22), {(11, 22)}),
        (date(2026, 2, 28), {(2, 28), (2, 29)}),
        (date(2028, 2, 28), {(2, 28)}),
        (date(2028, 2, 29), {(2, 29)}),
        (date(2100, 2, 28), {(2, 28), (2, 29)}),
        (date(2026, 12, 31), {(12, 31)}),
    ],
)
def test_who_was_born_on_the_29th_of_february_celebrates_every_year(day, days):
    assert celebrated(day) == days


def test_every_day_there_is_is_celebrated_exactly_once_a_year():
    for year in (2027, 2028):
        first = date(year, 1, 1)
        number = (date(year + 1, 1, 1) - first).days
        met = [one for days in range(number) for one in celebrated(first + timedelta(days=days))]
        assert len(met) == len(set(met)) == 366


def test_a_source_says_what_it_is_for():
    assert kind_of(source_of(BonusKind.REVIEW, 1, 9)) is BonusKind.REVIEW
    assert kind_of("order:12") is None
