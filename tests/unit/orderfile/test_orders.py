"""Rows of an order export, used or accounted for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from connector.domain.hindsight import with_the_past
from tests.unit.orderfile.files import by_customer, read_orders, rejected


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "orders.csv"


def test_every_bad_row_is_rejected_with_its_line_and_reason(path: Path) -> None:
    rows = read_orders(
        path,
        "customer_id,order_id,date,amount\n"
        "a,1,2026-01-01,10\n"
        ",2,2026-01-01,10\n"
        "a,,2026-01-01,10\n"
        "a,4,soon,10\n"
        "a,5,1850-01-01,10\n"
        "a,6,2027-01-01,10\n"
        "a,7,2026-01-01,much\n"
        "a,8,2026-01-01,99999999999999\n"
        "a,9,2026-01-01,-5\n"
        "a,10,2026-01-01\n"
        "a,11,2026-01-01 25:00,10\n"
        f"{'a' * 300},12,2026-01-01,10\n",
    )
    assert rejected(rows) == [
        (3, "no_customer"),
        (4, "no_order_id"),
        (5, "date_unreadable"),
        (6, "date_not_believable"),
        (7, "date_in_the_future"),
        (8, "amount_unreadable"),
        (9, "amount_not_believable"),
        (10, "negative_amount"),
        (11, "wrong_number_of_fields"),
        (12, "date_unreadable"),
        (13, "no_customer"),
    ]
    assert by_customer(rows) == {"a": [(0, 1000)]}
    assert (rows.tally.rows, rows.tally.used) == (12, 1)


def test_the_last_date_in_the_file_is_the_as_of_date_unless_one_is_given(path: Path) -> None:
    content = "customer_id,date,amount\na,2026-01-01,10\na,2026-03-01,20\n"
    assert by_customer(read_orders(path, content)) == {"a": [(0, 2000), (59, 1000)]}
    rows = read_orders(path, content, as_of=date(2026, 1, 31))
    assert by_customer(rows) == {"a": [(30, 1000)]}
    assert (rows.tally.later, rows.tally.used) == (1, 1)


def test_a_repeated_row_counts_once_and_a_contradiction_is_rejected(path: Path) -> None:
    rows = read_orders(
        path,
        "customer_id,order_id,date,amount\n"
        "a,1,2026-01-01,10\n"
        "a,1,2026-01-01,10.00\n"
        "a,1,2026-01-01,11\n"
        "b,1,2026-01-01,10\n"
        "a,#2,2026-01-02,10\n"
        "a,2,2026-01-02,10\n"
        "a,02,2026-01-02,10\n",
    )
    assert by_customer(rows) == {"a": [(0, 1000), (0, 1000), (1, 1000)]}
    assert rows.tally.duplicates == 2
    assert rejected(rows) == [(4, "conflicting_duplicate"), (5, "conflicting_duplicate")]


def test_an_order_repeated_after_the_as_of_date_changes_nothing(path: Path) -> None:
    content = "customer_id,order_id,date,amount\na,1,2026-02-01,99\na,1,2026-01-01,10\n"
    rows = read_orders(path, content, as_of=date(2026, 1, 1))
    assert by_customer(rows) == {"a": [(0, 1000)]}
    assert (rows.tally.later, rows.tally.rejected) == (1, 0)


def test_without_order_ids_every_row_is_an_order(path: Path) -> None:
    rows = read_orders(path, "customer_id,date,amount\na,2026-01-01,10\na,2026-01-01,10\n")
    assert by_customer(rows) == {"a": [(0, 1000), (0, 1000)]}


def test_what_was_refunded_is_taken_off_and_a_full_refund_is_no_purchase(path: Path) -> None:
    rows = read_orders(
        path,
        "customer_id,order_id,date,amount,refunded\n"
        "a,1,2026-01-01,10,2.50\n"
        "a,2,2026-01-01,10,-4\n"
        "a,3,2026-01-01,10,10\n"
        "a,4,2026-01-01,0,\n"
        "a,5,2026-01-01,10,some\n",
    )
    assert by_customer(rows) == {"a": [(0, 0), (0, 600), (0, 750)]}
    assert rejected(rows) == [(4, "refunded_in_full"), (6, "refunded_unreadable")]


@pytest.mark.parametrize("nothing", ["", " ", "nan", "NaN", "None", "NULL", "null", "<NA>"])
def test_nothing_is_nothing_in_every_column_however_a_programme_writes_it(path: Path, nothing: str) -> None:
    rows = read_orders(
        path,
        "customer_id,order_id,date,amount,refunded,currency\n"
        f"a,1,2026-01-01,10,{nothing},{nothing}\n"
        f"a,{nothing},2026-01-01,10,,EUR\n"
        f"{nothing},3,2026-01-01,10,,EUR\n"
        f"a,4,2026-01-01,{nothing},,EUR\n",
    )
    assert by_customer(rows) == {"a": [(0, 1000)]}
    assert rejected(rows) == [(3, "no_order_id"), (4, "no_customer"), (5, "amount_unreadable")]


def test_of_several_faults_the_first_in_the_list_of_reasons_counts(path: Path) -> None:
    rows = read_orders(
        path,
        "customer_id,date,amount,refunded,currency\n"
        "a,2026-01-01,10,,EUR\n"
        "a,2026-01-01,-5,some,EUR\n"
        "a,soon,much,some,EUR\n"
        "a,soon,much,some,€\n"
        ",soon,much,some,€\n",
    )
    assert [reason for _, reason in rejected(rows)] == [
        "refunded_unreadable", "date_unreadable", "currency_unreadable", "no_customer",
    ]  # fmt: skip


def test_all_refunds_that_a_row_lists_are_taken_off(path: Path) -> None:
    rows = read_orders(
        path,
        "customer_id,id,date,total,refunds.0.total,refunds.1.total\n"
        "a,1,2026-01-01,10,-2.50,-1\n"
        "a,2,2026-01-01,10,-2.50,\n"
        "a,3,2026-01-01,10,-5,-5\n"
        "a,4,2026-01-01,10,-5,some\n",
    )
    assert by_customer(rows) == {"a": [(0, 650), (0, 750)]}
    assert rejected(rows) == [(4, "refunded_in_full"), (5, "refunded_unreadable")]


def test_the_past_is_seen_without_refunds_that_came_in_later_rows(path: Path) -> None:
    rows = read_orders(
        path,
        "customer_id,order_id,date,amount\n"
        "zoe,1,2026-03-01,50\n"
        "amy,2,2026-03-02,100\n"
        "amy,2,2026-03-10,-30\n"
        "amy,2,2026-03-20,-20\n"
        "zoe,3,2026-03-21,5\n",
    )
    past, end = with_the_past(rows.orders, rows.given_back), rows.as_of_day
    assert rows.labels == ["amy", "zoe"]
    worth = [past.histories(end - before).value_total.tolist() for before in (12, 11, 2, 1, 0)]
    assert worth == [[10_000, 5_000], [7_000, 5_000], [7_000, 5_000], [5_000, 5_000], [5_000, 5_500]]


REFUNDED_TWICE = ("amy,1,2026-03-01,100", "amy,1,2026-03-02,-10", "amy,1,2026-03-02,-10")


@pytest.mark.parametrize(
    ("lines", "left", "refunds", "duplicates"),
    [
        (REFUNDED_TWICE[:2], 9_000, 1, 0),
        (REFUNDED_TWICE, 8_000, 2, 0),
        (REFUNDED_TWICE * 2, 8_000, 2, 3),
        ([line for line in REFUNDED_TWICE for _ in range(3)], 8_000, 2, 6),
        (REFUNDED_TWICE[:2] * 2, 9_000, 1, 2),
        # A refund in its own row more often than the order is repeated is one more refund.
        (REFUNDED_TWICE[:2] * 2 + REFUNDED_TWICE[1:2], 8_000, 2, 2),
    ],
)
def test_equal_refunds_are_one_repeated_only_as_often_as_the_order_is(
    path: Path, lines: Sequence[str], left: int, refunds: int, duplicates: int
) -> None:
    rows = read_orders(path, "customer_id,order_id,date,amount\n" + "\n".join(lines))
    assert by_customer(rows) == {"amy": [(1, left)]}
    assert (rows.refunds, rows.tally.duplicates) == (refunds, duplicates)


@pytest.mark.parametrize(
    ("times", "left"),
    [
        (("10:15:00", "10:15:00"), 9_000),
        (("10:15:00", "10:15:01"), 8_000),
        (("10:15", "10:15"), 8_000),
        (("00:00:00", "00:00:00"), 8_000),
    ],
)
def test_equal_refunds_of_one_second_are_one_however_often_the_order_is_there(
    path: Path, times: Sequence[str], left: int
) -> None:
    refunds = "".join(f"amy,1,2026-03-02 {time},-10\n" for time in times)
    rows = read_orders(path, "customer_id,order_id,date,amount\namy,1,2026-03-01 09:00:00,100\n" + refunds)
    assert by_customer(rows) == {"amy": [(1, left)]}
    assert rows.refunds + rows.tally.duplicates == 2


def test_a_guests_order_is_one_with_what_the_shop_later_says_of_it_under_an_id(path: Path) -> None:
    rows = read_orders(
        path,
        "order_id,customer_id,email,date,amount\n"
        "1,,a@x.example,2026-01-01,50\n"
        "1,7,a@x.example,2026-01-02,-20\n"
        "1,7,A@x.example,2026-01-01,50\n",
    )
    assert (by_customer(rows), rejected(rows)) == ({"7": [(1, 3000)]}, [])
    assert (rows.refunds, rows.tally.duplicates) == (1, 1)


def test_a_time_may_follow_a_day_without_hyphens(path: Path) -> None:
    rows = read_orders(path, "customer_id,date,amount\na,20260301 10:15,10\na,20260302T101500Z,10\n")
    assert by_customer(rows) == {"a": [(0, 1000)]}
    assert rejected(rows) == [(3, "date_unreadable")]


def test_woocommerce_analytics_is_read_with_refunds_as_rows_of_their_own(path: Path) -> None:
    rows = read_orders(
        path,
        '\ufeffDate,"Order #",Status,Customer,"Customer type","Product(s)",'
        '"Items sold","Coupon(s)","Net sales",Attribution\n'
        '"2026-03-02 10:00:00",12,completed,"First Customer",returning,"1× Tea, green",1,,40.5,Direct\n'
        '"2026-03-05 11:00:00",12,completed,"First Customer",returning,,0,,"\'-10.5",Direct\n'
        '"2026-03-03 10:00:00",13,refunded,"First Customer",returning,"1× Tea, green",1,,40.5,Direct\n'
        '"2026-03-04 10:00:00",14,processing,"Second Customer",new,"2× Cup",2,,18,Direct\n'
        '"2026-03-06 10:00:00",14,processing,"Second Customer",new,,0,,-18,Direct\n'
        '"2026-03-06 10:00:00",99,completed,"Second Customer",new,,0,,-18,Direct\n'
        '"2026-03-07 10:00:00",15,completed," ",new,,0,,18,Direct\n',
    )
    assert by_customer(rows) == {"First Customer": [(4, 3000)]}
    assert (rows.tally.used, rows.refunds) == (2, 1)
    assert rejected(rows) == [
        (4, "status_not_counted"),
        (5, "refunded_in_full"),
        (6, "refunded_in_full"),
        (7, "negative_amount"),
        (8, "no_customer"),
    ]


def test_guests_are_known_by_address_and_become_the_customer_who_registered_with_it(path: Path) -> None:
    rows = read_orders(
        path,
        "order_id,customer_id,billing_email,date_created,order_total,status\n"
        "1,0, First@Example.org,2026-01-01T10:00:00,10,wc-completed\n"
        "2,7,first@example.org,2026-01-02T10:00:00,20,processing\n"
        "3,0,second@example.org,2026-01-03T10:00:00,30,Completed\n"
        "4,8,shared@example.org,2026-01-03T10:00:00,1,completed\n"
        "5,9,shared@example.org,2026-01-03T10:00:00,2,completed\n"
        "6,0,shared@example.org,2026-01-03T10:00:00,3,completed\n"
        "7,0,,2026-01-03T10:00:00,4,completed\n",
    )
    assert by_customer(rows) == {
        "7": [(1, 2000), (2, 1000)],
        "8": [(0, 100)],
        "9": [(0, 200)],
        "second@example.org": [(0, 3000)],
        "shared@example.org": [(0, 300)],
    }
    assert rejected(rows) == [(8, "no_customer")]


def test_zero_is_an_id_like_others_where_there_are_no_addresses(path: Path) -> None:
    assert read_orders(path, "customer_id,date,amount\n0,2026-01-01,1\n10,2026-01-01,1\n9,2026-01-01,1\n").labels == [
        "0",
        "9",
        "10",
    ]


def test_other_statuses_may_be_counted(path: Path) -> None:
    content = "customer_id,date,amount,status\na,2026-01-01,1,shipped\na,2026-01-01,2,completed\n"
    assert by_customer(read_orders(path, content, statuses=frozenset({"shipped"}))) == {"a": [(0, 100)]}


def test_ids_that_look_like_formulas_stay_as_they_are(path: Path) -> None:
    assert read_orders(path, 'customer_id,date,amount\n"=1+1",2026-01-01,1\n@a,2026-01-01,1\n').labels == [
        "=1+1",
        "@a",
    ]


def test_the_order_of_the_rows_does_not_matter(path: Path) -> None:
    lines = ["b,1,2026-01-01,1", "a,2,2026-01-02,2", "c,3,2026-01-03,3", "a,4,2026-01-04,4"]
    head = "customer_id,order_id,date,amount\n"
    there = by_customer(read_orders(path, head + "\n".join(lines)))
    assert by_customer(read_orders(path, head + "\n".join(reversed(lines)))) == there
    assert list(there) == ["a", "b", "c"]
