from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from connector.domain.account import Spend
from connector.domain.bonuses import FirstOrder, Person, Review
from connector.domain.earning import OrderFacts
from connector.domain.earnings import PlacedOrder
from connector.domain.lots import Lot
from connector.domain.programme import Programme, Tier
from connector.domain.programme.earning import Bonuses, EarningRules, Multiplier
from connector.domain.programme.ladder import Benefits, Ladder, TierBasis
from connector.domain.programme.points import ExpiryBasis, ExpiryRules, RedeemingRules
from connector.domain.simulation import Comparison, History, Setting, play
from connector.domain.tiers import Override
from connector.domain.worth import Amounts

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
SETTING = Setting("USD", UTC, NOW)
FIRST = Programme()
# Who has spent 100 is regular and earns twice as much from then on.
TWICE = Programme(
    ladder=Ladder(tiers=(Tier("member", 0), Tier("regular", 100, Benefits(multiplier=Decimal(2))))),
)


def order(number: int, total: int, days_ago: int, status: str = "completed", **changed: object) -> PlacedOrder:
    at = NOW - timedelta(days=days_ago)
    facts = OrderFacts(status, "USD", "USD", Amounts(total, 0, 0, 0), at.date())
    return PlacedOrder(number, at, facts, **changed)  # type: ignore[arg-type]


def history(*orders: PlacedOrder, **beside: object) -> History:
    return History(7, orders, **beside)  # type: ignore[arg-type]


def points(of: History, programme: Programme) -> dict[str, int]:
    return {lot.source: lot.points for lot in play(of, programme, SETTING).lots}


def test_an_order_earns_by_the_tier_held_before_it() -> None:
    bought = history(order(1, 10_000, 30), order(2, 10_000, 20), order(3, 1_000, 10))
    assert points(bought, TWICE) == {"order:1": 100, "order:2": 200, "order:3": 20}
    assert play(bought, TWICE, SETTING).tier == "regular"


def test_orders_are_taken_in_the_order_in_which_they_were_placed() -> None:
    told = [order(3, 1_000, 10), order(1, 10_000, 30), order(2, 10_000, 20)]
    assert points(history(*told), TWICE) == points(history(*reversed(told)), TWICE)


def test_only_what_the_programme_counts_earns_or_lifts() -> None:
    bought = history(order(1, 50_000, 30, status="on-hold"), order(2, 1_000, 10))
    assert points(bought, TWICE) == {"order:2": 10}
    lenient = replace(TWICE, counting=replace(TWICE.counting, statuses=frozenset({"completed", "on-hold"})))
    assert points(bought, lenient) == {"order:1": 500, "order:2": 20}


def test_what_was_ordered_while_blocked_earns_nothing_but_was_bought() -> None:
    played = play(history(order(1, 20_000, 30, blocked=True)), TWICE, SETTING)
    assert played.lots == ()
    assert played.tier == "regular"


@pytest.mark.parametrize(("basis", "threshold"), [(TierBasis.ORDERS, 2), (TierBasis.POINTS, 60)])
def test_a_ladder_may_count_orders_or_points(basis: TierBasis, threshold: int) -> None:
    ladder = Ladder(tiers=(Tier("member", 0), Tier("regular", threshold)), basis=basis)
    bought = history(order(1, 3_000, 30), order(2, 3_000, 20))
    assert play(bought, Programme(ladder=ladder), SETTING).tier == "regular"
    assert play(history(order(1, 3_000, 30)), Programme(ladder=ladder), SETTING).tier == "member"


def test_points_beside_orders_and_a_tier_by_hand_stay_as_they_were_given() -> None:
    at = NOW - timedelta(days=5)
    given = (Lot("adjustment:1", 40, at, at, None),)
    override = (Override("regular", (NOW - timedelta(days=9)).date(), None),)
    played = play(history(order(1, 1_000, 3), given=given, overrides=override), TWICE, SETTING)
    assert (played.held, played.tier) == (40 + 20, "regular")


def test_bonuses_count_for_a_ladder_of_points_and_corrections_by_hand_do_not() -> None:
    at = NOW - timedelta(days=5)
    ladder = Ladder(tiers=(Tier("member", 0), Tier("regular", 60)), basis=TierBasis.POINTS)
    for source, tier in (("bonus:sign_up:7", "regular"), ("adjustment:1", "member")):
        played = play(history(given=(Lot(source, 60, at, at, None),)), Programme(ladder=ladder), SETTING)
        assert played.tier == tier


def test_bonuses_follow_the_programme_that_is_tried() -> None:
    joined, first = NOW - timedelta(days=40), NOW - timedelta(days=30)
    person = Person(7, joined, FirstOrder(1, first), (Review(93, first), Review(93, NOW)))
    bonus = Programme(bonuses=Bonuses(sign_up=50, first_order=20, review=5), earning=EarningRules(hold_days=60))
    bought = history(order(1, 10_000, 30), people=(person,))
    assert points(bought, FIRST) == {"order:1": 100}
    assert points(bought, bonus) == {
        "order:1": 100,
        "bonus:sign_up:7": 50,
        "bonus:first_order:7": 20,
        "bonus:review:7:93": 5,
    }
    lots = {lot.source: lot for lot in play(bought, bonus, SETTING).lots}
    assert lots["bonus:first_order:7"].available_at == first + timedelta(days=60)


def test_who_brought_a_friend_is_paid_for_it_and_the_friend_for_themselves() -> None:
    friend = Person(8, None, FirstOrder(1, NOW - timedelta(days=9), referrer_id=7))
    rules = Programme(bonuses=Bonuses(referrer=100, friend=30))
    assert points(History(7, people=(Person(7), friend)), rules) == {"bonus:referrer:8": 100}
    assert points(History(8, people=(friend,)), rules) == {"bonus:friend:8": 30}


def test_who_is_blocked_earns_no_bonus() -> None:
    person = Person(7, NOW - timedelta(days=40))
    rules = Programme(bonuses=Bonuses(sign_up=50))
    for blocked, earned in (((NOW - timedelta(days=41), None), {}), ((NOW, None), {"bonus:sign_up:7": 50})):
        assert points(history(people=(person,), blocked=(blocked,)), rules) == earned


def test_an_order_in_another_currency_counts_for_points_alone() -> None:
    at = NOW - timedelta(days=5)
    foreign = PlacedOrder(1, at, OrderFacts("completed", "EUR", "USD", Amounts(20_000, 0, 0, 0), at.date()))
    rules = replace(TWICE, earning=EarningRules(currency_rates={"EUR": Decimal("1.5")}))
    played = play(history(foreign), rules, SETTING)
    assert (played.held, played.tier) == (300, "member")


def test_redemptions_are_taken_as_far_as_the_points_would_have_reached() -> None:
    bought = history(order(1, 10_000, 30), spends=(Spend("redemption:1", 80, NOW - timedelta(days=3)),))
    half = Programme(earning=EarningRules(rate=Decimal("0.5")))
    assert _points(bought, FIRST) == (80, 20, 0)
    assert _points(bought, half) == (50, 0, 30)


def _points(of: History, programme: Programme) -> tuple[int, int, int]:
    played = play(of, programme, SETTING)
    return played.redeemed, played.held, played.short


def test_points_expire_as_the_programme_says() -> None:
    bought = history(order(1, 10_000, 300), order(2, 5_000, 30))
    strict = Programme(expiry=ExpiryRules(ExpiryBasis.EARNED, months=6))
    played = play(bought, strict, SETTING)
    assert (played.expired, played.held) == (100, 50)


def compared(proposed: Programme, *customers: History) -> dict:
    comparison = Comparison.of(FIRST, proposed, SETTING)
    for customer in customers:
        comparison.add(customer)
    result = comparison.to_json()
    assert json.loads(json.dumps(result)) == result
    return result


def test_the_same_programme_moves_nobody_and_nothing() -> None:
    result = compared(FIRST, history(order(1, 200_000, 30)), history(order(2, 500, 400)))
    assert result["current"] == result["proposed"]
    assert (result["moves"], result["moved_up"], result["moved_down"]) == ([], 0, 0)


def test_who_moves_up_and_who_down_is_counted_by_the_places_on_the_ladders() -> None:
    proposed = Programme(ladder=Ladder(tiers=(Tier("silver", 0), Tier("member", 500))))
    rich, poor = history(order(1, 60_000, 30)), history(order(2, 500, 30))
    result = compared(proposed, rich, poor, history(order(3, 150_000, 3)))
    assert result["proposed"]["tiers"] == {"silver": 1, "member": 2}
    assert result["moved_up"] == 1  # from the lowest step, called member, to the second, called so too
    assert result["moved_down"] == 0
    assert {"from": "member", "to": "silver", "customers": 1} in result["moves"]


def test_points_are_counted_by_month_and_in_money() -> None:
    cheap = Programme(redeeming=RedeemingRules(points_per_unit=50, minimum=500, step=50))
    result = compared(cheap, history(order(1, 10_000, 30), order(2, 4_000, 0)))
    assert result["proposed"]["points_issued_by_month"] == {"2026-10": 100, "2026-11": 40}
    assert (result["current"]["liability"], result["proposed"]["liability"]) == (140, 280)


def test_a_promotion_of_the_past_would_have_issued_more() -> None:
    day = (NOW - timedelta(days=30)).date()
    promotion = Multiplier("autumn", Decimal(3), from_day=day, to_day=day)
    result = compared(
        Programme(earning=EarningRules(multipliers=(promotion,))), history(order(1, 1_000, 30), order(2, 1_000, 20))
    )
    assert (result["current"]["points_issued"], result["proposed"]["points_issued"]) == (20, 40)
