"""Amounts as shops write them, in minor units."""

from __future__ import annotations

import pytest

from connector.orderfile.amounts import LARGEST_AMOUNT, Amounts, Notation
from connector.orderfile.chunks import UNBELIEVABLE, UNREADABLE, Texts
from connector.orderfile.currencies import Units


def minor_units(texts: list[str], currency: str = "EUR", *, empty: int = UNREADABLE) -> list[int]:
    """All amounts of a file of one currency."""
    millionths, spelling, _ = Amounts(Units(), empty=empty).read(Texts.of(texts))
    return Notation(currency, spelling).minor(millionths, spelling).tolist()


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.34", "EUR", 1234),
        ("-12.34", "EUR", -1234),
        ("'-12.34", "EUR", -1234),
        ("$1,234.56", "USD", 123456),
        ("-$12.00", "USD", -1200),
        ("1.234,56 €", "EUR", 123456),
        ("1\u00a0234,5 kr", "SEK", 123450),
        ("1'234.50 CHF", "CHF", 123450),
        ("NT$1,200", "TWD", 120000),
        ("12,34", "EUR", 1234),
        ("1,234", "EUR", 123400),
        ("1.234", "EUR", 123),
        ("€1.234", "EUR", 123400),
        ("1,234,567", "EUR", 123456700),
        ("EUR 5", "EUR", 500),
        ("5 eur", "EUR", 500),
        ("1.5e2", "EUR", 15000),
        ("1.5e-3", "EUR", 0),
        (".5", "EUR", 50),
        ("1.005", "EUR", 101),
        ("-1.005", "EUR", -101),
        ("1.00499999999999999999", "EUR", 100),
        ("1234", "JPY", 1234),
        ("1.2345", "KWD", 1235),
    ],
)
def test_prices_are_read_as_shops_format_them(text: str, currency: str, minor: int) -> None:
    assert minor_units([text], currency) == [minor]


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("abc", "EUR"),
        ("12abc", "EUR"),
        ("1,234", "KWD"),
        ("KWD 1.234", "KWD"),
        ("1,23,4", "EUR"),
        ("1.2.3,4,5", "EUR"),
        ("0.123.456", "EUR"),
        ("--5", "EUR"),
        ("$100.00 $80.00", "USD"),
        ("nan", "EUR"),
        ("inf", "EUR"),
        ("=1+1", "EUR"),
    ],
)
def test_what_is_no_number_or_could_be_two_is_not_guessed(text: str, currency: str) -> None:
    assert minor_units([text], currency) == [UNREADABLE]


@pytest.mark.parametrize(("currency", "text"), [("VND", "250.000"), ("CLP", "$250.000"), ("JPY", "250,000")])
def test_three_digits_behind_a_sign_are_thousands_where_the_currency_has_no_decimals(
    currency: str, text: str
) -> None:
    assert minor_units([text], currency) == [250_000]


@pytest.mark.parametrize("text", ["0.500", "0,500", "€0.500", "€ 0,500"])
def test_nothing_before_the_sign_is_no_thousand(text: str) -> None:
    assert minor_units([text]) == [50]


@pytest.mark.parametrize(
    ("certain", "doubtful"),
    [
        ("12,50", "1,234"),
        ("0,500", "1,234"),
        ("12.50", "€1.234"),
        ("1,234,567", "€1.234"),
    ],
)
def test_three_digits_are_not_guessed_where_the_file_elsewhere_uses_the_sign_otherwise(
    certain: str, doubtful: str
) -> None:
    assert minor_units([doubtful])[0] > 0
    for texts in ([certain, doubtful], [doubtful, certain]):
        assert minor_units(texts)[texts.index(doubtful)] == UNREADABLE
        assert minor_units(texts)[texts.index(certain)] > 0


@pytest.mark.parametrize(
    ("certain", "text", "minor"),
    [
        ("12.50", "1.234", 123),
        ("12.50", "1,234", 123400),
        ("1.234,50", "€1.234", 123400),
        ("1.234,50", "1.234", 123400),
        ("12,50", "1.234", 123400),
        ("1.234.567", "1.234", 123400),
    ],
)
def test_three_digits_are_read_where_the_file_elsewhere_agrees(certain: str, text: str, minor: int) -> None:
    assert minor_units([certain, text])[1] == minor


def test_a_plain_number_is_not_guessed_where_the_file_writes_decimals_both_ways() -> None:
    assert minor_units(["12,50", "12.50", "1.234"]) == [1250, 1250, UNREADABLE]


@pytest.mark.parametrize(
    ("texts", "minor"),
    [
        (["909.091", "2000", "1100"], [909, 2000, 1100]),
        (["909.091", "727.27", "500"], [909, 727, 500]),
        (["909.091", "1,234,567"], [909, 1_234_567]),
        (["250.000", "1.250.000"], [250_000, 1_250_000]),
        (["250.000", "1.250.000", "2000", "500"], [250_000, 1_250_000, 2000, 500]),
        (["250.000", "₫180.000"], [250_000, 180_000]),
        (["250.000", "0"], [250_000, 0]),
    ],
)
def test_plain_numbers_without_decimals_of_the_currency_are_thousands_only_where_the_file_groups(
    texts: list[str], minor: list[int]
) -> None:
    assert minor_units(texts, "VND") == minor


@pytest.mark.parametrize("other", ["500", "12.5 1.250.000"])
def test_plain_numbers_are_not_guessed_where_nothing_or_too_much_says_how_the_file_groups(other: str) -> None:
    assert minor_units(["250.000", *other.split()], "VND")[0] == UNREADABLE


@pytest.mark.parametrize(
    ("certain", "text", "minor"),
    [
        ("KWD 1,234.500", "KWD 12.500", 12_500),
        ("1,234.500", "1,234", 1_234_000),
        ("1.234,500 KWD", "12,500 KWD", 12_500),
        ("1.234,500", "KWD 1.234", 1_234_000),
        ("1.234,500", "1.234", 1_234_000),
    ],
)
def test_the_file_decides_about_three_digits_where_the_currency_has_three_decimals(
    certain: str, text: str, minor: int
) -> None:
    assert minor_units([certain, text], "KWD") == [1_234_500, minor]
    assert minor_units([certain, "12.3456", "12,3456", text], "KWD")[3] == UNREADABLE


def test_amounts_beyond_belief_are_told_from_those_that_are_none() -> None:
    most = str(LARGEST_AMOUNT // 100)
    assert minor_units([most, str(LARGEST_AMOUNT // 100 + 1), "1e400", "9" * 30, "many"]) == [
        LARGEST_AMOUNT, UNBELIEVABLE, UNBELIEVABLE, UNBELIEVABLE, UNREADABLE,
    ]  # fmt: skip
    assert minor_units([str(LARGEST_AMOUNT), str(-LARGEST_AMOUNT - 1)], "JPY") == [LARGEST_AMOUNT, UNBELIEVABLE]


def test_no_amount_at_all_is_unreadable_but_no_refund_is_none() -> None:
    assert minor_units([" ", ""]) == [UNREADABLE, UNREADABLE]
    assert minor_units([" ", ""], empty=0) == [0, 0]
