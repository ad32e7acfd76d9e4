from __future__ import annotations

import pytest

from connector.domain.money import average, exponent, format_amount, parse_amount


@pytest.mark.parametrize(
    ("currency", "decimals"), [("USD", 2), ("EUR", 2), ("JPY", 0), ("jpy", 0), ("KRW", 0), ("KWD", 3), ("XYZ", 2)]
)
def test_a_currency_has_the_decimals_of_iso_4217(currency, decimals):
    assert exponent(currency) == decimals


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("19.90", "USD", 1_990),
        ("19.9", "USD", 1_990),
        ("19", "USD", 1_900),
        (".5", "USD", 50),
        ("0.29", "USD", 29),
        ("1990", "JPY", 1_990),
        ("1.234", "KWD", 1_234),
        ("-5.00", "EUR", -500),
        (" 7.00 ", "EUR", 700),
        ("1.0E-5", "USD", 0),
        ("1.5E+3", "USD", 150_000),
        ("999999999999999.99", "USD", 99_999_999_999_999_999),
    ],
)
def test_a_decimal_string_is_read_exactly(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize("text", ["", "  "])
def test_a_price_left_empty_is_nothing(text):
    assert parse_amount(text, "USD") == 0


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("0.005", "USD", 1),
        ("0.004999999999999999999999999999999", "USD", 0),
        ("2.675", "USD", 268),
        ("-0.005", "USD", -1),
        ("10.5", "JPY", 11),
        ("10.4999", "JPY", 10),
        ("0.0005", "KWD", 1),
    ],
)
def test_more_decimals_than_the_currency_has_round_half_up(text, currency, minor):
    assert parse_amount(text, currency) == minor


@pytest.mark.parametrize(
    "text",
    [
        *("NaN", "sNaN", "Infinity", "-inf", "free", ".", "-", "e5"),
        *("12,50", "1.2.3", "$5", "1_000", "1 000", "0x10", "--5", "٣"),
    ],
)
def test_what_is_not_a_plain_number_is_refused(text):
    with pytest.raises(ValueError, match="is not an amount of money"):
        parse_amount(text, "USD")


@pytest.mark.parametrize("amount", [None, 5, 1.5, ["1.00"]])
def test_what_is_not_text_is_refused(amount):
    with pytest.raises(ValueError, match="is not an amount of money"):
        parse_amount(amount, "USD")


@pytest.mark.parametrize("text", ["1000000000000000", "-1000000000000000", "9" * 5_000, "1e900"])
def test_an_amount_nobody_can_have_paid_is_refused(text):
    with pytest.raises(ValueError, match="is not a believable amount of money"):
        parse_amount(text, "USD")


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [
        (1_234, "USD", "12.34"),
        (5, "USD", "0.05"),
        (0, "USD", "0.00"),
        (-5, "USD", "-0.05"),
        (1_234, "JPY", "1234"),
        (1_234, "KWD", "1.234"),
        (10**17, "EUR", "1000000000000000.00"),
    ],
)
def test_minor_units_are_written_the_way_woocommerce_writes_them(minor, currency, text):
    assert format_amount(minor, currency) == text


@pytest.mark.parametrize(
    ("total", "count", "mean"),
    [
        (10, 4, 3),
        (9, 4, 2),
        (5, 2, 3),
        (-5, 2, -2),
        (0, 3, 0),
        (2**60 + 1, 1, 2**60 + 1),
        (3 * 2**60 + 2, 3, 2**60 + 1),
    ],
)
def test_an_average_of_money_rounds_half_up_and_is_exact_however_large(total, count, mean):
    assert average(total, count) == mean
