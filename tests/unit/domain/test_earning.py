from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest

from connector.domain.earning import MOST_POINTS, OrderFacts, detail_of, earn, exchange_rate, rounded
from connector.domain.orders import CountingRules, OrderLine
from connector.domain.programme import Programme
from connector.domain.programme.earning import EarningRules, Exclusions, Multiplier, Rounding, RoundingPer
from connector.domain.worth import Amounts, PartKind

BOOK, LAMP = 11, 12
HOUSEHOLD = 7
BOOK_LINE = OrderLine(1, BOOK, 0, 1, 4_000, 400)
LAMP_LINE = OrderLine(2, LAMP, 120, 1, 5_000, 500)
ORDER = OrderFacts(
    status="completed",
    currency="EUR",
    store_currency="EUR",
    # A book of 40, a lamp of 50, shipping of 6, tax of 9.60, of which 0.60 is on shipping.
    amounts=Amounts(10_560, 960, 600, 0, (BOOK_LINE, LAMP_LINE)),
    day=date(2026, 11, 22),
    categories={LAMP: frozenset({3, HOUSEHOLD})},
)


def programme(**earning: object) -> Programme:
    return Programme(earning=EarningRules(**earning))  # type: ignore[arg-type]


def excluding(**exclude: object) -> Programme:
    return programme(exclude=Exclusions(**exclude))  # type: ignore[arg-type]


def double(**where: object) -> Multiplier:
    return Multiplier("double", Decimal(2), **where)  # type: ignore[arg-type]


def test_an_order_earns_a_point_for_each_whole_unit_of_its_net_value():
    assert earn(ORDER, Programme()).points == 105


def test_the_rate_is_points_per_currency_unit():
    assert earn(ORDER, programme(rate=Decimal("0.5"))).points == 52
    assert earn(ORDER, programme(rate=Decimal(10))).points == 1_056


def test_no_order_earns_more_than_a_ledger_can_add_up():
    most = Decimal(1_000_000)
    rules = programme(
        rate=most,
        currency_rates={"EUR": Decimal(1_000_000_000)},
        multipliers=(Multiplier("most", Decimal(100)),),
    )
    largest = replace(ORDER, amounts=Amounts(10**17, 0, 0, 0, ()), store_currency="USD")

    assert earn(largest, rules, Decimal(100)).points == MOST_POINTS == 10**15
    # A thousand such orders of one customer still fit.
    assert MOST_POINTS * 1_000 < 2**62
    assert earn(replace(ORDER, amounts=Amounts(10**17, 0, 0, 0, ())), Programme()).points == 10**15


def test_a_currency_without_decimals_earns_by_its_own_unit():
    yen = replace(ORDER, currency="JPY", store_currency="JPY")

    assert earn(yen, programme(rate=Decimal("0.01"))).points == 105


def test_another_currency_earns_by_its_rate_and_nothing_without_one():
    dollars = replace(ORDER, currency="USD")

    assert earn(dollars, programme(currency_rates={"USD": Decimal("0.9")})).points == 95
    assert earn(dollars, programme()).points == 0


def test_the_stores_own_currency_is_worth_itself_whatever_the_programme_says():
    assert exchange_rate("EUR", "EUR", EarningRules(currency_rates={"EUR": Decimal(2)})) == 1


@pytest.mark.parametrize("status", ["cancelled", "failed", "pending", "refunded", "trash"])
def test_an_order_that_is_no_purchase_earns_nothing(status):
    assert earn(replace(ORDER, status=status), Programme()).points == 0


def test_a_deleted_order_earns_nothing():
    assert earn(replace(ORDER, deleted=True), Programme()).points == 0


def test_the_version_of_the_programme_says_which_statuses_count():
    waiting = replace(ORDER, status="on-hold")

    assert earn(waiting, Programme(counting=CountingRules(statuses=frozenset({"on-hold"})))).points == 105


@pytest.mark.parametrize(
    ("refunded", "points"), [(0, 105), (60, 105), (61, 104), (5_560, 50), (10_559, 0), (10_560, 0), (99_999, 0)]
)
def test_refunds_take_their_part_of_the_points(refunded, points):
    assert earn(replace(ORDER, amounts=replace(ORDER.amounts, refunded=refunded)), Programme()).points == points


def test_a_refunded_line_takes_the_points_of_that_line_with_its_factor():
    twice = programme(multipliers=(double(products=frozenset({LAMP})),))
    lines = (BOOK_LINE, replace(LAMP_LINE, refunded=5_500))
    lamp_came_back = replace(ORDER, amounts=replace(ORDER.amounts, refunded=5_500, lines=lines))

    assert earn(ORDER, twice).points == 44 + 110 + 6
    assert earn(lamp_came_back, twice).points == 44 + 6


def test_tax_can_earn_nothing():
    assert earn(ORDER, excluding(tax=True)).points == 96


def test_shipping_can_earn_nothing_and_its_tax_is_tax():
    assert earn(ORDER, excluding(shipping=True)).points == 99
    assert earn(ORDER, excluding(shipping=True, tax=True)).points == 90


@pytest.mark.parametrize(
    ("exclude", "points", "rule"),
    [
        ({"products": frozenset({LAMP})}, 50, "product"),
        ({"products": frozenset({120})}, 50, "product"),
        ({"categories": frozenset({HOUSEHOLD})}, 50, "category"),
        ({"categories": frozenset({8})}, 105, ""),
    ],
)
def test_products_and_categories_can_earn_nothing(exclude, points, rule):
    earned = earn(ORDER, excluding(**exclude))

    assert earned.points == points
    assert [line.excluded for line in earned.lines] == ["", rule, "", ""]


def test_sale_items_can_earn_nothing():
    lines = (replace(BOOK_LINE, on_sale=True), LAMP_LINE)
    on_sale = replace(ORDER, amounts=replace(ORDER.amounts, lines=lines))

    assert earn(on_sale, excluding(sale_items=True)).points == 61
    assert earn(on_sale, Programme()).points == 105


def test_goods_paid_with_points_can_earn_nothing():
    paid = replace(ORDER, paid_with_points=True)

    assert earn(paid, excluding(paid_with_points=True)).points == 6
    assert earn(paid, Programme()).points == 105
    assert earn(ORDER, excluding(paid_with_points=True)).points == 105


def test_a_multiplier_without_conditions_is_for_everything():
    assert earn(ORDER, programme(multipliers=(double(),))).points == 211


def test_a_multiplier_for_a_category_is_for_its_lines_alone():
    assert earn(ORDER, programme(multipliers=(double(categories=frozenset({HOUSEHOLD})),))).points == 160


def test_of_several_that_fit_the_highest_counts():
    several = (double(), Multiplier("triple books", Decimal(3), products=frozenset({BOOK})))
    earned = earn(ORDER, programme(multipliers=several))

    assert [line.multiplier for line in earned.lines] == ["triple books", "double", "double", "double"]
    assert earned.points == 3 * 44 + 2 * 55 + 2 * 6 + 1


def test_a_multiplier_below_one_slows_down():
    assert earn(ORDER, programme(multipliers=(Multiplier("half", Decimal("0.5")),))).points == 52


@pytest.mark.parametrize(
    ("from_day", "to_day", "points"),
    [
        (date(2026, 11, 22), None, 211),
        (None, date(2026, 11, 22), 211),
        (date(2026, 11, 22), date(2026, 11, 22), 211),
        (date(2026, 11, 23), None, 105),
        (None, date(2026, 11, 21), 105),
    ],
)
def test_a_promotion_holds_on_its_first_and_on_its_last_day(from_day, to_day, points):
    assert earn(ORDER, programme(multipliers=(double(from_day=from_day, to_day=to_day),))).points == points


def test_a_multiplier_for_a_tier_is_for_who_held_it_before_the_order():
    for_gold = programme(multipliers=(double(tiers=frozenset({"gold"})),))

    assert earn(ORDER, for_gold, tier="gold").points == 211
    assert earn(ORDER, for_gold, tier="silver").points == 105
    assert earn(ORDER, for_gold).points == 105


def test_the_tiers_own_factor_comes_on_top():
    assert earn(ORDER, programme(multipliers=(double(),)), Decimal("1.5")).points == 316


@pytest.mark.parametrize(
    ("rounding", "per", "points"),
    [
        (Rounding.DOWN, RoundingPer.ORDER, 105),
        (Rounding.NEAREST, RoundingPer.ORDER, 106),
        (Rounding.UP, RoundingPer.ORDER, 106),
        # 44.40, 55.60, 5 and the rest of 0.60 each by itself.
        (Rounding.DOWN, RoundingPer.LINE, 44 + 55 + 5 + 0),
        (Rounding.NEAREST, RoundingPer.LINE, 44 + 56 + 5 + 1),
        (Rounding.UP, RoundingPer.LINE, 45 + 56 + 5 + 1),
    ],
)
def test_rounding_goes_its_way_per_line_or_per_order(rounding, per, points):
    lines = (replace(BOOK_LINE, tax=440), replace(LAMP_LINE, tax=560))
    order = replace(ORDER, amounts=Amounts(10_560, 1_060, 500, 0, lines))

    assert earn(order, programme(rounding=rounding, rounding_per=per)).points == points


def test_nearest_rounds_halves_up():
    assert [rounded(Fraction(half, 2), Rounding.NEAREST) for half in (0, 1, 2, 3, 5)] == [0, 1, 1, 2, 3]


def test_each_line_tells_how_it_came_to_its_points():
    earned = earn(ORDER, programme(multipliers=(double(categories=frozenset({HOUSEHOLD})),)), Decimal("1.5"))

    lamp = earned.lines[1]
    assert (lamp.kind, lamp.line_wc_id, lamp.product_id, lamp.multiplier) == (PartKind.LINE, 2, LAMP, "double")
    assert (lamp.net, lamp.factor, lamp.points) == (5_500, 3, 165)


def test_a_negative_rule_takes_no_points_away():
    assert earn(ORDER, programme(multipliers=(Multiplier("wrong", Decimal(-1)),))).points == 0


def test_how_an_order_came_to_its_points_can_be_kept_for_people():
    halves = programme(rate=Decimal("0.125"), multipliers=(double(categories=frozenset({HOUSEHOLD})),))
    kept = detail_of(earn(ORDER, halves))

    assert kept[1] == {
        "part": "line",
        "line": 2,
        "product": LAMP,
        "net": "5500",
        "factor": "2",
        "points": "13.75",
        "multiplier": "double",
        "excluded": "",
    }
    assert [line["part"] for line in kept] == ["line", "line", "shipping", "rest"]
