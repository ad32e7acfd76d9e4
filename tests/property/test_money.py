from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st

from connector.domain.money import exponent, format_amount, parse_amount

currencies = st.sampled_from(["USD", "EUR", "JPY", "KWD"])
minor_units = st.integers(-(10**14), 10**14)
decimals = st.from_regex(r"-?[0-9]{1,14}(\.[0-9]{1,40})?", fullmatch=True).filter(str.isascii)


@given(minor_units, currencies)
def test_what_is_written_is_read_back_the_same(minor, currency):
    assert parse_amount(format_amount(minor, currency), currency) == minor


@given(decimals, currencies)
def test_reading_rounds_the_exact_value_half_up_once(text, currency):
    with localcontext(prec=100):
        exact = Decimal(text) * 10 ** exponent(currency)
        expected = int(exact.to_integral_value(ROUND_HALF_UP))

    assert parse_amount(text, currency) == expected


@given(decimals, currencies)
def test_what_is_given_back_is_read_as_the_opposite_of_what_was_paid(text, currency):
    amount = text.removeprefix("-")

    assert parse_amount(f"-{amount}", currency) == -parse_amount(amount, currency)


@given(st.text(), currencies)
def test_any_text_is_an_integer_or_refused(text, currency):
    try:
        amount = parse_amount(text, currency)
    except ValueError:
        return
    assert type(amount) is int
    assert abs(amount) <= 10**18
