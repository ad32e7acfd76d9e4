from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.earning import MOST_POINTS, OrderFacts, earn, rounded
from connector.domain.money import exponent
from connector.domain.orders import CountingRules
from connector.domain.programme import Programme
from connector.domain.programme.earning import EarningRules, Exclusions, Multiplier, Rounding, RoundingPer
from connector.domain.worth import Amounts, net_value
from tests.property.test_worth import nonsense, orders, refunded_further

factors = st.decimals(Decimal(0), Decimal(10), places=2)
some = st.frozensets(st.integers(1, 3), max_size=2)
days = st.none() | st.dates(date(2026, 11, 20), date(2026, 11, 24))
tiers = st.sampled_from(["", "silver", "gold"])
multipliers = st.builds(
    Multiplier,
    name=st.sampled_from(["a", "b", "c"]),
    factor=factors,
    products=some,
    categories=some,
    tiers=st.frozensets(tiers),
    from_day=days,
    to_day=days,
)
exclusions = st.builds(Exclusions, some, some, st.booleans(), st.booleans(), st.booleans(), st.booleans())
rules = st.builds(
    EarningRules,
    rate=factors,
    currency_rates=st.dictionaries(st.sampled_from(["USD", "JPY"]), factors),
    rounding=st.sampled_from(Rounding),
    rounding_per=st.sampled_from(RoundingPer),
    multipliers=st.lists(multipliers, max_size=3).map(tuple),
    exclude=exclusions,
)
counting = st.builds(CountingRules, include_tax=st.booleans(), include_shipping=st.booleans())
programmes = st.builds(Programme, earning=rules, counting=counting)


def facts(amounts: Amounts, currency: str = "USD", store_currency: str = "USD", **more) -> OrderFacts:
    categories = {1: frozenset({1}), 2: frozenset({1, 2})}
    return OrderFacts("completed", currency, store_currency, amounts, date(2026, 11, 22), categories, **more)


@given(orders() | nonsense(), st.sampled_from(["USD", "JPY", "KWD"]))
def test_by_the_default_rules_an_order_earns_the_whole_units_of_its_net_value(amounts, currency):
    counts = amounts.refunded < amounts.total
    value = net_value(amounts, CountingRules()) if counts else 0

    assert earn(facts(amounts, currency, currency), Programme()).points == value // 10 ** exponent(currency)


@given(orders() | nonsense(), programmes, factors, tiers)
def test_points_are_never_negative_and_never_more_than_all_of_the_order_at_the_highest_factor(
    amounts, programme, tier_factor, tier
):
    earned = earn(facts(amounts), programme, tier_factor, tier)
    highest = max([Decimal(1), *(one.factor for one in programme.earning.multipliers)])
    most = Decimal(max(0, amounts.total)) / 10 ** exponent("USD") * programme.earning.rate * highest * tier_factor

    assert 0 <= earned.points <= most + max(1, len(earned.lines))


@given(orders(), programmes, st.data())
def test_a_refund_never_earns_anything(amounts, programme, data):
    more = refunded_further(amounts, data)

    assert earn(facts(more), programme).points <= earn(facts(amounts), programme).points


@given(orders(), programmes)
def test_an_order_given_back_in_full_earns_nothing(amounts, programme):
    whole = replace(amounts, refunded=amounts.total)

    assert earn(facts(whole), programme).points == 0


@given(orders(), programmes, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_no_points(amounts, programme, random):
    shuffled = list(amounts.lines)
    random.shuffle(shuffled)
    again, before = (earn(facts(one), programme) for one in (replace(amounts, lines=tuple(shuffled)), amounts))

    assert again.points == before.points
    assert sorted(again.lines, key=lambda line: line.line_wc_id) == sorted(
        before.lines, key=lambda line: line.line_wc_id
    )


@given(orders(), programmes, factors | st.decimals(Decimal(10) ** 12, Decimal(10) ** 18, places=2))
def test_the_points_of_an_order_are_those_of_its_lines_rounded_also_where_it_earns_the_most_there_can_be(
    amounts, programme, tier_factor
):
    earned = earn(facts(amounts), programme, tier_factor)

    assert earned.points == rounded(sum(line.points for line in earned.lines), programme.earning.rounding)
    assert earned.points <= MOST_POINTS


@given(orders(), programmes, programmes)
def test_the_multipliers_order_in_the_programme_changes_nothing(amounts, programme, other):
    rules = programme.earning
    forward = (*rules.multipliers, *other.earning.multipliers)
    both = [replace(programme, earning=replace(rules, multipliers=many)) for many in (forward, forward[::-1])]

    assert earn(facts(amounts), both[0]) == earn(facts(amounts), both[1])
