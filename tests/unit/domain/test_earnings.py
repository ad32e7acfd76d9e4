from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from connector.domain.earning import OrderFacts
from connector.domain.earnings import BesideOrders, PlacedOrder, counted, depends_on_tiers, earn_in_turn
from connector.domain.orders import CountingRules
from connector.domain.programme import Programme, Tier
from connector.domain.programme.earning import EarningRules, Multiplier
from connector.domain.programme.ladder import Benefits, Ladder, TierBasis
from connector.domain.tiers import Override
from connector.domain.worth import Amounts

JANUARY = datetime(2026, 1, 10, 12, tzinfo=UTC)
DOUBLE = Benefits(multiplier=Decimal(2))


def order(number: int, units: int, *, days: int = 0, refunded: int = 0, **facts: object) -> PlacedOrder:
    ordered_at = JANUARY + timedelta(days=days)
    made = OrderFacts(
        status="completed",
        currency="EUR",
        store_currency="EUR",
        amounts=Amounts(units * 100, 0, 0, refunded * 100),
        day=ordered_at.date(),
    )
    return PlacedOrder(number, ordered_at, replace(made, **facts))  # type: ignore[arg-type]


def beside(points: int, **later: int) -> BesideOrders:
    earned_at = JANUARY + timedelta(**later)
    return BesideOrders(earned_at, earned_at.date(), points)


def gold_from(threshold: int, basis: TierBasis = TierBasis.NET_SPEND) -> Programme:
    return Programme(ladder=Ladder(tiers=(Tier("member", 0), Tier("gold", threshold, DOUBLE)), basis=basis))


def points(orders: list[PlacedOrder], *programmes: Programme, **more) -> dict[int, int]:
    return {number: earned.points for number, earned in earn_in_turn(orders, programmes, **more).items()}


def test_by_the_default_programme_no_order_depends_on_another():
    assert not depends_on_tiers([Programme()])
    assert depends_on_tiers([Programme(), gold_from(100)])
    for_gold = Multiplier("double gold", Decimal(2), tiers=frozenset({"gold"}))
    assert depends_on_tiers([Programme(earning=EarningRules(multipliers=(for_gold,)))])


def test_an_order_earns_in_the_tier_that_was_held_before_it():
    reaching, then = order(1, 100), order(2, 50, days=1)

    assert points([reaching, then], gold_from(100)) == {1: 100, 2: 100}


def test_an_earlier_order_that_is_given_back_takes_the_later_ones_factor():
    refunded, then = order(1, 100, refunded=1), order(2, 50, days=1)

    assert points([refunded, then], gold_from(100)) == {1: 99, 2: 50}


def test_an_order_counts_on_each_versions_ladder_by_that_versions_rules():
    """As the tier that is shown does; what was earned under the first version stays."""
    completed_only = CountingRules(statuses=frozenset({"completed"}))
    begins = JANUARY + timedelta(days=2)
    then = replace(gold_from(100), version=2, effective_from=begins, counting=completed_only)
    bought = [order(1, 100, status="processing"), order(2, 50, days=1), order(3, 50, days=3)]
    later = order(4, 10, days=4)

    assert points([*bought, later], gold_from(100), then) == {1: 100, 2: 100, 3: 50, 4: 20}
    for basis in (TierBasis.NET_SPEND, TierBasis.ORDERS):
        ladder = gold_from(100, basis).ladder
        assert not counted(bought[0].facts, replace(then, ladder=ladder), 100)
        assert counted(bought[0].facts, gold_from(100, basis), 100)


def test_the_order_of_telling_changes_nothing():
    orders = [order(1, 60), order(2, 40, days=1), order(3, 50, days=2)]

    assert points(orders, gold_from(100)) == points(orders[::-1], gold_from(100)) == {1: 60, 2: 40, 3: 100}


def test_orders_of_one_second_go_by_the_stores_number_and_not_by_ours():
    told_first, placed_first = replace(order(1, 50), wc_id=12), replace(order(2, 100), wc_id=11)

    assert points([told_first, placed_first], gold_from(100)) == {1: 100, 2: 100}


def test_a_tier_by_orders_counts_those_before():
    assert points([order(1, 10), order(2, 10), order(3, 10)], gold_from(2, TierBasis.ORDERS)) == {1: 10, 2: 10, 3: 20}


def test_a_tier_by_points_counts_what_was_earned_with_its_factor_and_beside_orders():
    by_points = gold_from(100, TierBasis.POINTS)
    orders = [order(1, 60), order(2, 60, days=1)]

    assert points(orders, by_points) == {1: 60, 2: 60}
    assert points(orders, by_points, bonuses=[beside(40)]) == {1: 60, 2: 120}
    assert points(orders, by_points, bonuses=[beside(40, days=2)]) == {1: 60, 2: 60}


@pytest.mark.parametrize(("seconds", "earned"), [(-1, 20), (0, 10), (1, 10)])
def test_a_bonus_counts_from_the_first_order_after_it_on_and_not_for_the_order_it_is_given_for(seconds, earned):
    given = beside(100, seconds=seconds)
    orders = [order(1, 10), order(2, 10, days=1)]

    assert points(orders, gold_from(100, TierBasis.POINTS), bonuses=[given]) == {1: earned, 2: 20}


def test_a_tier_given_by_hand_earns_like_any_other():
    given = Override("gold", date(2026, 1, 11), date(2026, 1, 11))
    orders = [order(1, 10), order(2, 10, days=1), order(3, 10, days=2)]

    assert points(orders, gold_from(1_000), overrides=[given]) == {1: 10, 2: 20, 3: 10}


@pytest.mark.parametrize("facts", [{"status": "cancelled"}, {"deleted": True}, {"currency": "USD"}])
def test_what_is_no_purchase_in_the_stores_currency_leads_to_no_tier(facts):
    assert points([order(1, 100, **facts), order(2, 50, days=1)], gold_from(100)) == {1: 0, 2: 50}


def test_a_blocked_order_earns_nothing_and_counts_for_the_tier_all_the_same():
    blocked = replace(order(1, 100), blocked=True)

    assert points([blocked, order(2, 50, days=1)], gold_from(100)) == {1: 0, 2: 100}


def test_each_order_earns_by_the_version_it_was_placed_under():
    from_the_third_day = replace(gold_from(100), version=2, effective_from=JANUARY + timedelta(days=2))
    orders = [order(1, 100), order(2, 50, days=1), order(3, 50, days=2)]

    assert points(orders, Programme(version=1), from_the_third_day) == {1: 100, 2: 50, 3: 100}
