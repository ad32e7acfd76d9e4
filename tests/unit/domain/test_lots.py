"""Lots while one thing after the other happens: what is spent, what is owed, what goes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from connector.domain.lots import Lot, Lots, LotState

START = datetime(2026, 1, 10, 12, tzinfo=UTC)
OLD, NEW = (
    Lot(source, 100, START + timedelta(days=days), START + timedelta(days=days), None)
    for source, days in (("old", 0), ("new", 1))
)


@pytest.fixture
def lots() -> Lots:
    return Lots([NEW, OLD])


def test_lots_begin_on_hold(lots: Lots) -> None:
    states, _, owed = lots.as_of_now()

    assert states == {"old": LotState(100, False, 0, 0), "new": LotState(100, False, 0, 0)}
    assert [state.remaining for state in states.values()] == [0, 0]
    assert owed == 0


def test_the_oldest_matured_lot_is_spent_first_whichever_matured_first(lots: Lots) -> None:
    lots.mature(NEW)
    lots.mature(OLD)
    lots.spend(150)

    assert lots.as_of_now()[0] == {"old": LotState(100, True, 100, 0), "new": LotState(100, True, 50, 0)}


def test_what_is_owed_is_paid_by_the_next_lot_to_mature(lots: Lots) -> None:
    lots.spend(130)
    assert lots.as_of_now()[2] == 130
    assert lots.mature(OLD)
    assert lots.as_of_now()[2] == 30
    assert lots.mature(NEW)

    states, _, owed = lots.as_of_now()
    assert (states["new"].remaining, owed) == (70, 0)


def test_a_lot_matures_once(lots: Lots) -> None:
    assert lots.mature(OLD)
    assert not lots.mature(OLD)


def test_no_more_is_forgiven_than_is_owed(lots: Lots) -> None:
    lots.spend(30)
    lots.write_off(1, 20)
    lots.write_off(2, 20)

    assert lots.as_of_now()[1:] == ({1: 20, 2: 10}, 0)


def test_what_is_left_of_a_lot_goes_and_what_was_spent_stays_spent(lots: Lots) -> None:
    lots.mature(OLD)
    lots.spend(40)

    assert lots.expire(OLD) == 60
    assert lots.expire(OLD) == 0
    assert lots.as_of_now()[0]["old"] == LotState(100, True, 40, 60)


def test_silence_takes_what_can_be_spent_and_leaves_what_is_on_hold(lots: Lots) -> None:
    lots.mature(OLD)

    assert lots.expire_matured() == 100
    assert lots.as_of_now()[0]["new"].pending == 100
