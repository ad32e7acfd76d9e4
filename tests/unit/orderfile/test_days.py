"""Texts as days."""

from __future__ import annotations

from datetime import date

import pytest

from connector.domain.history import epoch_day
from connector.orderfile.chunks import UNBELIEVABLE, UNREADABLE
from connector.orderfile.days import Days, Times


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
