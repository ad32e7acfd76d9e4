from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.adjusting import (
    MOST_ROWS,
    Asked,
    Effect,
    FileUnreadable,
    Mistake,
    content_key,
    effects,
    read_rows,
    too_much,
)

FILE = "customer,points,reason\nAnn@Example.com,500,Anniversary\n12,-40,Sent twice\n"


def test_a_file_names_customers_points_and_reasons():
    assert read_rows(FILE) == (
        [Asked(2, "ann@example.com", 500, "Anniversary"), Asked(3, "12", -40, "Sent twice")],
        [],
    )


@pytest.mark.parametrize("delimiter", [";", "\t"])
def test_what_spreadsheets_make_of_a_csv_is_read_too(delimiter):
    text = "\ufeff" + FILE.replace(",", delimiter).replace("\n", "\r\n")

    assert read_rows(text) == read_rows(FILE)


def test_columns_may_come_in_any_order_and_others_are_left_alone():
    rows, mistakes = read_rows("name,Points,Customer\nAnn,5,7\n\nBob,6,8\n", "Thanks")

    assert rows == [Asked(2, "7", 5, "Thanks"), Asked(4, "8", 6, "Thanks")]
    assert mistakes == []


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("ann,5,x", "e-mail address or a WooCommerce user id"),
        (",5,x", "e-mail address or a WooCommerce user id"),
        ("7,5.5,x", "whole number"),
        ('7,"1,000",x', "whole number"),
        ("7,,x", "whole number"),
        ("7,0,x", "at least 1"),
        ("7,100000001,x", "no more than 100,000,000"),
        ("7,5,", "no reason"),
        ("7,5", "no reason"),
        (f"7,5,{'x' * 301}", "at most 300"),
        ('7,5,"a\nb"', "line breaks"),
    ],
)
def test_every_bad_row_is_told_with_its_line_and_the_others_are_read(row, words):
    rows, mistakes = read_rows(f"customer,points,reason\n7,1,fine\n{row}\n")

    assert [one.customer for one in rows] == ["7"]
    assert [words in mistake.sentence for mistake in mistakes] == [True]
    assert mistakes[0].line == 3 + row.count("\n")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "name the columns"),
        ("customer,points\n7,5\n", "reason is missing"),
        ("customer,points,reason\n", "no rows"),
        ('customer,points,reason\n7,5,"never closed\n', "cannot be read"),
        ("customer,points,reason\n" + "7,5,x\n" * (MOST_ROWS + 1), "10,000 rows"),
    ],
)
def test_a_file_that_is_no_list_of_adjustments_is_refused_with_what_to_do(text, words):
    with pytest.raises(FileUnreadable, match=words):
        read_rows(text)


@given(st.text(max_size=200) | st.text('customer,points;"\n\t7-', max_size=80).map(lambda text: FILE + text))
def test_any_text_is_rows_and_mistakes_or_refused(text):
    try:
        rows, mistakes = read_rows(text)
    except FileUnreadable:
        return
    assert rows or mistakes
    assert all(one.points and one.reason and one.customer for one in rows)


def test_rows_about_one_customer_follow_each_other():
    asked = [Asked(2, "7", -60, "a"), Asked(3, "7", -60, "b"), Asked(4, "7", 30, "c"), Asked(5, "7", -60, "d")]

    done, mistakes = effects(asked, {"7": 70}, {70: 100})

    assert done == [
        Effect(2, 70, "7", -60, "a", 100, 40),
        Effect(4, 70, "7", 30, "c", 40, 70),
        Effect(5, 70, "7", -60, "d", 70, 10),
    ]
    assert mistakes == [
        Mistake(3, "Only 40 points can be taken: that is what is available now, and 60 were asked for.")
    ]


def test_who_is_not_known_is_a_mistake_and_who_never_had_points_has_none():
    done, mistakes = effects([Asked(2, "7", 5, "x"), Asked(3, "8", 5, "x")], {"8": 80}, {})

    assert [(one.before, one.after) for one in done] == [(0, 5)]
    assert [mistake.line for mistake in mistakes] == [2]


@pytest.mark.parametrize(
    ("points", "available", "refused"), [(-100, 100, False), (-101, 100, True), (5, -50, False), (-1, -50, True)]
)
def test_no_more_is_taken_than_there_is(points, available, refused):
    assert (too_much(points, available) is not None) == refused


def test_a_file_is_the_same_whatever_its_line_ends():
    assert content_key(FILE) == content_key("\ufeff" + FILE.replace("\n", "\r\n"))
    assert content_key(FILE) != content_key(FILE.replace("500", "501"))
