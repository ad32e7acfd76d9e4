"""The currency of a file, and what its amounts are in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.orderfile.errors import FileRefused
from tests.unit.orderfile.files import by_customer, read_orders, rejected

HEADER = "customer_id,date,amount,currency\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.csv"


def amounts(path: Path, *texts: str, currency: str | None = None) -> list[tuple[int, int]]:
    """What a file makes of these amounts, without a currency column."""
    lines = "".join(f'a,2026-01-01,"{text}"\n' for text in texts)
    return by_customer(read_orders(path, "customer_id,date,amount\n" + lines, currency=currency)).get("a", [])


@pytest.mark.parametrize("first", ["cancelled,JPY,9", "cancelled,,9"])
def test_a_currency_that_is_first_named_far_down_the_file_is_the_files(
    path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    monkeypatch.setattr("connector.orderfile.csv_rows._BLOCK_LINES", 2)
    rows = read_orders(
        path, f"status,currency,amount,date,customer_id\n{first},2026-01-01,a\ncompleted,JPY,9,2026-01-01,a\n"
    )
    assert (rows.currency, by_customer(rows)) == ("JPY", {"a": [(0, 9)]})


@pytest.mark.parametrize("code", ["EUR", "JPY", "KWD"])
@pytest.mark.parametrize("order", [1, -1])
def test_amounts_without_a_currency_take_the_one_that_is_named_wherever_it_is(
    path: Path, monkeypatch: pytest.MonkeyPatch, code: str, order: int
) -> None:
    monkeypatch.setattr("connector.orderfile.csv_rows._BLOCK_LINES", 2)
    lines = ["a,2026-01-01,9,\n", f"b,2026-01-01,1,{code}\n", "c,2026-01-01,2,\n"][::order]
    rows = read_orders(path, HEADER + "".join(lines))
    minor = {"EUR": 100, "JPY": 1, "KWD": 1000}[code]
    assert rows.currency == code
    assert by_customer(rows) == {"a": [(0, 9 * minor)], "b": [(0, minor)], "c": [(0, 2 * minor)]}


def test_several_currencies_are_refused_until_one_is_chosen(path: Path) -> None:
    content = (
        "customer_id,order_id,date,amount,currency\n"
        "a,1,2026-01-01,10,eur\na,2,2026-01-01,10,USD\na,3,2026-01-01,10,\na,4,2026-01-01,10,euro\n"
    )
    with pytest.raises(FileRefused, match=r"EUR and USD.*--currency EUR"):
        read_orders(path, content)
    rows = read_orders(path, content, currency="EUR")
    assert rejected(rows) == [(3, "other_currency"), (5, "currency_unreadable")]
    assert rows.tally.used == 2


def test_the_currency_of_the_file_decides_the_decimals(path: Path) -> None:
    rows = read_orders(path, "customer_id,date,amount,currency\na,2026-01-01,1200,JPY\n")
    assert by_customer(rows) == {"a": [(0, 1200)]}
    assert rows.currency == "JPY"


def test_a_row_that_is_rejected_anyway_does_not_make_a_file_one_of_two_currencies(path: Path) -> None:
    rows = read_orders(path, HEADER + "a,2026-01-01,1,EUR\nb,soon,1,USD\nc,2026-01-01,much,USD\n")
    assert rows.currency == "EUR"
    assert rejected(rows) == [(3, "other_currency"), (4, "other_currency")]


def test_the_refusal_says_what_becomes_of_orders_that_name_no_currency(path: Path) -> None:
    with pytest.raises(
        FileRefused, match=r"in EUR and USD.* those orders and those that name no currency and reject"
    ):
        read_orders(path, HEADER + "a,2026-01-01,1,EUR\nb,2026-01-01,1,USD\nc,2026-01-01,1,\n")


def test_a_code_beside_an_amount_is_the_currency(path: Path) -> None:
    rows = read_orders(path, "customer_id,date,amount\na,2026-01-01,12.50 EUR\na,2026-01-01,JPY 3\n", currency="EUR")
    assert (by_customer(rows), rejected(rows)) == ({"a": [(0, 1250)]}, [(3, "other_currency")])
    assert read_orders(path, "customer_id,date,amount\na,2026-01-01,1200 JPY\n").currency == "JPY"


@pytest.mark.parametrize(
    ("texts", "said"),
    [
        (("$10.00", "€10.00"), r"in \$ and €"),
        (("12.50 EUR", "12.50 USD"), "in EUR and USD"),
        (("NT$10", "US$10"), r"in NT\$ and US\$"),
        (("$10.00 EUR",), r"in \$ and EUR"),
    ],
)
def test_signs_of_different_currencies_do_not_add_up(path: Path, texts: tuple[str, ...], said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        amounts(path, *texts)


def test_signs_that_can_be_of_one_currency_add_up(path: Path) -> None:
    assert amounts(path, "$10.00", "US$5.00", "2.00 USD", "1") == [(0, 100), (0, 200), (0, 500), (0, 1000)]


def test_only_the_signs_of_the_currency_that_was_asked_for_are_used(path: Path) -> None:
    assert amounts(path, "$10.00", "€5.00", "1", currency="EUR") == [(0, 100), (0, 500)]
    assert amounts(path, "$10.00", "€5.00", "1", currency="AUD") == [(0, 100), (0, 1000)]


def test_a_sign_that_contradicts_the_currency_column_is_refused_or_rejected(path: Path) -> None:
    content = HEADER + "a,2026-01-01,$10.00,EUR\nb,2026-01-01,€1.00,EUR\n"
    with pytest.raises(FileRefused, match=r"in EUR, \$ and €"):
        read_orders(path, content)
    rows = read_orders(path, content, currency="EUR")
    assert (by_customer(rows), rejected(rows)) == ({"b": [(0, 100)]}, [(2, "other_currency")])


def test_the_currency_that_is_suggested_leaves_orders(path: Path) -> None:
    with pytest.raises(FileRefused, match=r"in \$, EUR and €.*--currency EUR"):
        read_orders(path, HEADER + "a,2026-01-01,$10.00,EUR\nb,2026-01-01,$1.00,EUR\nc,2026-01-01,€1.00,\n")
    with pytest.raises(FileRefused, match=r"in \$ and EUR, with two of them") as refused:
        read_orders(path, HEADER + "a,2026-01-01,$10.00,EUR\nb,2026-01-01,$1.00,EUR\n")
    assert "--currency" not in str(refused.value)


def test_what_people_call_a_currency_beside_its_code_is_the_same_currency(path: Path) -> None:
    content = HEADER + "a,2026-01-01,NTD 100,TWD\na,2026-01-01,ntd 100,\na,2026-01-01,NT$100,NTD\n"
    assert read_orders(path, content).currency == "TWD"
    assert read_orders(path, HEADER + "a,2026-01-01,RMB 100,CNY\na,2026-01-01,¥100,rmb\n").currency == "CNY"
    assert read_orders(path, content, currency="NTD").tally.used == 3


def test_a_currency_of_the_stores_own_is_read_where_it_is_asked_for(path: Path) -> None:
    content = HEADER + "a,2026-01-01,1,XTS\nb,2026-01-01,1,\n"
    assert read_orders(path, content, currency="XTS").tally.used == 2
    assert rejected(read_orders(path, content)) == [(2, "currency_unreadable")]


def test_three_letters_that_are_no_currency_are_none(path: Path) -> None:
    rows = read_orders(path, HEADER + "a,2026-01-01,12.50,EUR\nb,2026-01-01,12.50 TTC,EUR\nc,2026-01-01,1,ERU\n")
    assert (rows.currency, by_customer(rows)) == ("EUR", {"a": [(0, 1250)]})
    assert rejected(rows) == [(3, "amount_unreadable"), (4, "currency_unreadable")]


def test_a_refund_in_another_currency_is_not_taken_off(path: Path) -> None:
    content = "customer_id,date,amount,refunded\na,2026-01-01,€10.00,$2.00\nb,2026-01-01,€9.00,€2.00\n"
    rows = read_orders(path, content, currency="EUR")
    assert (by_customer(rows), rejected(rows)) == ({"b": [(0, 700)]}, [(2, "other_currency")])


def test_a_sign_that_only_one_currency_has_names_it(path: Path) -> None:
    rows = read_orders(path, "customer_id,date,amount\na,2026-01-01,250.000 ₫\na,2026-01-01,1.250.000 ₫\n")
    assert (rows.currency, by_customer(rows)) == ("VND", {"a": [(0, 250_000), (0, 1_250_000)]})
    assert read_orders(path, "customer_id,date,amount\na,2026-01-01,$5\n").currency is None


@pytest.mark.parametrize("order", [1, -1])
def test_decimal_commas_anywhere_in_the_file_make_points_those_of_thousands(
    path: Path, monkeypatch: pytest.MonkeyPatch, order: int
) -> None:
    monkeypatch.setattr("connector.orderfile.csv_rows._BLOCK_LINES", 2)
    lines = ['a,2026-01-01,"1.234,50",EUR\n', "b,2026-01-01,1.234,EUR\n", "c,2026-01-01,7,EUR\n"][::order]
    rows = read_orders(path, HEADER + "".join(lines))
    assert by_customer(rows) == {"a": [(0, 123_450)], "b": [(0, 123_400)], "c": [(0, 700)]}
