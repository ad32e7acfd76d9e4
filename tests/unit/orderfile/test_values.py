"""Texts as days and amounts."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.history import epoch_day
from connector.orderfile.values import LARGEST_AMOUNT, UNBELIEVABLE, UNREADABLE, Amounts, Days, Times, plain_number


@pytest.mark.parametrize("text", ["1997-09-30", "1997/09/30", "19970930"])
def test_a_day_is_read_as_year_month_and_day(text: str) -> None:
    assert Days()[text] == epoch_day(date(1997, 9, 30))


@pytest.mark.parametrize("text", ["", "30.09.1997", "1997-9-30", "1997-02-30", "1997-09/30", "soon", "0000-00-00"])
def test_what_is_no_day_is_unreadable(text: str) -> None:
    assert Days()[text] == UNREADABLE


def test_a_day_before_computers_counted_is_not_believed() -> None:
    assert Days()["1969-12-31"] == UNBELIEVABLE
    assert Days()["1970-01-01"] == 0


def test_a_pattern_reads_days_as_a_shop_writes_them() -> None:
    days = Days("%d/%m/%Y %H:%M")
    assert days["30/09/1997 08:15"] == epoch_day(date(1997, 9, 30))
    assert days["1997-09-30"] == UNREADABLE


@pytest.mark.parametrize(
    "text", ["", "T10:00:00", " 9:05", " 10:00:00.123456", "T23:59:59+02:00", " 10:00:00 UTC", "T10:00Z"]
)
def test_a_time_may_follow_a_day(text: str) -> None:
    assert Times()[text]


@pytest.mark.parametrize("text", ["T", " 25:00", " 10:60", " 10 o'clock", "-01"])
def test_nothing_but_a_time_may_follow_a_day(text: str) -> None:
    assert not Times()[text]


@pytest.mark.parametrize(
    ("text", "currency", "plain"),
    [
        ("12.34", "EUR", "12.34"),
        ("-12.34", "EUR", "-12.34"),
        ("'-12.34", "EUR", "-12.34"),
        ("$1,234.56", "USD", "1234.56"),
        ("-$12.00", "USD", "-12.00"),
        ("1.234,56 €", "EUR", "1234.56"),
        ("1\u00a0234,5 kr", "SEK", "1234.5"),
        ("1'234.50 CHF", "CHF", "1234.50"),
        ("NT$1,200", "TWD", "1200"),
        ("12,34", "EUR", "12.34"),
        ("1,234", "EUR", "1234"),
        ("1.234", "EUR", "1.234"),
        ("€1.234", "EUR", "1234"),
        ("1,234,567", "EUR", "1234567."),
        ("EUR 5", "EUR", "5"),
    ],
)
def test_prices_are_read_as_shops_format_them(text: str, currency: str, plain: str) -> None:
    assert plain_number(text, currency) == plain


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("abc", "EUR"),
        ("", "EUR"),
        ("12abc", "EUR"),
        ("EUR 5", "USD"),
        ("1,234", "KWD"),
        ("1,23,4", "EUR"),
        ("1.2.3,4,5", "EUR"),
        ("--5", "EUR"),
        ("$100.00 $80.00", "USD"),
        ("nan", "EUR"),
        ("inf", "EUR"),
        ("=1+1", "EUR"),
    ],
)
def test_what_is_no_number_or_could_be_two_is_not_guessed(text: str, currency: str) -> None:
    assert plain_number(text, currency) is None


def test_amounts_are_whole_minor_units_of_the_currency() -> None:
    assert Amounts("EUR")["12.34"] == 1234
    assert Amounts("JPY")["1234"] == 1234
    assert Amounts("KWD")["1.2345"] == 1235


def test_amounts_beyond_belief_are_told_from_those_that_are_none() -> None:
    amounts = Amounts("EUR")
    assert amounts[str(LARGEST_AMOUNT // 100)] == LARGEST_AMOUNT
    assert amounts[str(LARGEST_AMOUNT // 100 + 1)] == UNBELIEVABLE
    assert amounts["1e400"] == UNBELIEVABLE
    assert amounts["many"] == UNREADABLE


def test_no_amount_at_all_is_unreadable_but_no_refund_is_none() -> None:
    assert Amounts("EUR")[" "] == UNREADABLE
    assert Amounts("EUR", empty=0)[" "] == 0
