from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.orders import CountingRules, OrderLine, is_purchase
from connector.domain.worth import Amounts, net_value, parts

rules = st.builds(CountingRules, include_tax=st.booleans(), include_shipping=st.booleans())
EVERYTHING = CountingRules()
cents = st.integers(0, 10**7)


@st.composite
def orders(draw) -> Amounts:
    """Orders as stores have them: lines, shipping and fees with their tax, refunds of lines and of bare amounts."""
    lines = []
    for number in range(draw(st.integers(0, 4))):
        total, tax = draw(cents), draw(cents)
        back = draw(st.sampled_from([0, total + tax]) | st.integers(0, total + tax))
        lines.append(OrderLine(number + 1, draw(st.integers(1, 3)), 0, 1, total, tax, back))
    shipping, fee, tax = draw(cents), draw(cents), draw(cents)
    total = sum(line.total + line.tax for line in lines) + shipping + fee + tax
    named = sum(line.refunded for line in lines)
    refunded = named + draw(st.integers(0, total - named))
    return Amounts(total, tax + sum(line.tax for line in lines), shipping, refunded, tuple(lines))


@st.composite
def nonsense(draw) -> Amounts:
    """Orders whose numbers do not fit each other: other plugins write them too."""
    number = st.integers(-(10**6), 10**6)
    lines = draw(
        st.lists(st.builds(OrderLine, st.just(1), st.just(1), st.just(0), st.just(1), number, number, number))
    )
    return Amounts(draw(number), draw(number), draw(number), draw(number), tuple(lines))


@given(orders() | nonsense(), rules)
def test_the_parts_of_an_order_sum_to_its_net_value(order, rules):
    assert int(sum(part.net for part in parts(order, rules))) == net_value(order, rules)


@given(orders() | nonsense(), rules)
def test_no_part_is_ever_worth_less_than_nothing(order, rules):
    assert all(part.net >= 0 for part in parts(order, rules))


@given(orders() | nonsense(), rules)
def test_an_order_is_worth_something_between_nothing_and_what_was_kept(order, rules):
    assert 0 <= net_value(order, rules) <= max(0, order.total - max(0, order.refunded))


@given(orders(), rules)
def test_an_order_that_is_no_purchase_for_its_refunds_is_worth_nothing(order, rules):
    if not is_purchase("completed", order.total, order.refunded, rules):
        assert net_value(order, rules) == 0


@given(orders())
def test_where_everything_counts_an_order_is_worth_what_was_paid_and_kept(order):
    assert net_value(order, EVERYTHING) == order.total - order.refunded


@given(orders(), rules)
def test_before_any_refund_an_order_is_worth_its_total_without_what_stays_out(order, rules):
    lines = tuple(OrderLine(one.wc_id, one.product_id, 0, 1, one.total, one.tax) for one in order.lines)
    fresh = Amounts(order.total, order.tax, order.shipping, 0, lines)
    out = (0 if rules.include_tax else order.tax) + (0 if rules.include_shipping else order.shipping)

    assert net_value(fresh, rules) == order.total - out


@given(orders(), rules, st.data())
def test_giving_more_back_never_makes_any_part_worth_more(order, rules, data):
    more = refunded_further(order, data)

    for before, after in zip(parts(order, rules), parts(more, rules), strict=True):
        assert after.net <= before.net


@given(orders(), rules, st.randoms(use_true_random=False))
def test_the_order_of_the_lines_changes_nothing(order, rules, random):
    shuffled = list(order.lines)
    random.shuffle(shuffled)
    again = Amounts(order.total, order.tax, order.shipping, order.refunded, tuple(shuffled))

    assert by_line(parts(again, rules)) == by_line(parts(order, rules))


def by_line(found):
    return {part.line.wc_id if part.line else part.kind: part.net for part in found}


def refunded_further(order: Amounts, data) -> Amounts:
    """The same order after one refund more, of a bare amount or of a line."""
    amount = data.draw(st.integers(0, order.total - order.refunded))
    lines = list(order.lines)
    if lines and data.draw(st.booleans()):
        which = data.draw(st.integers(0, len(lines) - 1))
        one = lines[which]
        amount = min(amount, one.total + one.tax - one.refunded)
        lines[which] = OrderLine(one.wc_id, one.product_id, 0, 1, one.total, one.tax, one.refunded + amount)
    return Amounts(order.total, order.tax, order.shipping, order.refunded + amount, tuple(lines))
