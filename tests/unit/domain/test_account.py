"""What becomes of lots: spent oldest first, on hold, expired, owed, forgiven."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.domain.account import Inactivity, Spend, WriteOff, replay
from connector.domain.lots import Lot, LotState

BERLIN = ZoneInfo("Europe/Berlin")
START = datetime(2026, 1, 10, 12, tzinfo=UTC)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def day(number: float) -> datetime:
    return START + timedelta(days=number)


def lot(source: str, points: int, earned: float, *, hold: float = 0, ends: float | None = None) -> Lot:
    return Lot(source, points, day(earned), day(earned + hold), None if ends is None else day(ends))


def account(lots=(), spends=(), write_offs=(), inactivity=(), *, now: float, zone=BERLIN):
    return replay(list(lots), list(spends), list(write_offs), list(inactivity), day(now), zone)


def test_an_account_without_facts_is_empty():
    state = account(now=0)

    assert (state.available, state.pending, state.debt, state.next_change_at, state.expiring) == (0, 0, 0, None, 0)


def test_points_on_hold_are_pending_until_the_hold_ends():
    earned = [lot("a", 100, 0, hold=14)]

    before, after = account(earned, now=13.9), account(earned, now=14)
    assert (before.pending, before.available, before.next_change_at) == (100, 0, day(14))
    assert (after.pending, after.available, after.next_change_at) == (0, 100, None)


def test_a_spend_takes_the_oldest_lots_first():
    earned = [lot("young", 100, 5), lot("old", 60, 1)]

    state = account(earned, [Spend("s", 80, day(6))], now=7)
    assert state.lots == {"old": LotState(60, True, 60, 0), "young": LotState(100, True, 20, 0)}


def test_a_spend_does_not_take_what_is_on_hold_however_old_it_is():
    earned = [lot("held", 100, 0, hold=10), lot("free", 50, 5)]

    state = account(earned, [Spend("s", 50, day(6))], now=7)
    assert (state.lots["free"].spent, state.pending, state.debt) == (50, 100, 0)


def test_what_lots_do_not_cover_is_a_debt_that_later_lots_pay_first():
    earned, spent = [lot("a", 30, 0), lot("b", 50, 5)], [Spend("s", 100, day(1))]

    assert (account(earned, spent, now=2).debt, account(earned, spent, now=2).available) == (70, -70)
    assert account(earned, spent, now=6).lots["b"].spent == 50
    assert account(earned, spent, now=6).debt == 20


def test_a_debt_is_not_paid_by_points_on_hold():
    state = account([lot("a", 50, 5, hold=10)], [Spend("s", 40, day(1))], now=6)

    assert (state.debt, state.pending, state.available) == (40, 50, -40)


def test_a_write_off_takes_no_more_than_there_is_owed_at_its_time():
    state = account([lot("a", 30, 0)], [Spend("s", 50, day(1))], [WriteOff(1, 45, day(2))], now=3)

    assert (state.written_off, state.debt) == ({1: 20}, 0)


def test_a_write_off_forgives_nothing_where_the_points_came_back():
    state = account([lot("a", 50, 0)], [Spend("s", 50, day(1))], [WriteOff(1, 20, day(2))], now=3)

    assert (state.written_off, state.debt, state.available) == ({1: 0}, 0, 0)


def test_a_lot_ends_at_its_moment_and_not_before():
    earned = [lot("a", 100, 0, ends=30)]

    before, after = account(earned, now=29.9), account(earned, now=30)
    assert (before.available, before.expiring, before.expiring_at) == (100, 100, day(30))
    assert (after.available, after.lots["a"].expired, after.expiring_at) == (0, 100, None)


def test_only_what_is_left_of_a_lot_expires():
    state = account([lot("a", 100, 0, ends=30)], [Spend("s", 70, day(2))], now=31)

    assert state.lots["a"] == LotState(100, True, 70, 30)


def test_points_that_end_now_cannot_be_spent_now():
    state = account([lot("a", 100, 0, ends=30)], [Spend("s", 70, day(30))], now=30)

    assert (state.lots["a"].expired, state.debt) == (100, 70)


def test_points_that_mature_now_can_be_spent_now():
    state = account([lot("a", 100, 0, hold=30)], [Spend("s", 70, day(30))], now=30)

    assert (state.lots["a"].spent, state.debt) == (70, 0)


def test_points_that_end_on_hold_are_never_spendable_and_pay_no_debt():
    earned = [lot("a", 100, 0, hold=40, ends=30)]

    assert account(earned, now=29).pending == 100
    for now in (30, 41):
        state = account(earned, [Spend("s", 10, day(1))], now=now)
        assert (state.pending, state.lots["a"].expired, state.debt) == (0, 100, 10)


def test_a_refunded_order_is_as_if_it_had_always_been_worth_less():
    spent = [Spend("s", 90, day(2))]

    assert account([lot("a", 100, 0), lot("b", 50, 1)], spent, now=3).lots["b"].spent == 0
    assert account([lot("a", 40, 0), lot("b", 50, 1)], spent, now=3).lots["b"].spent == 50


def test_points_given_back_are_in_their_lots_with_their_expiry():
    earned = [lot("a", 100, 0, ends=30), lot("b", 50, 1, ends=60)]

    released = account(earned, [Spend("s", 0, day(2))], now=31)
    assert (released.lots["a"].expired, released.available) == (100, 50)


def test_what_expires_first_is_told_with_all_that_goes_at_that_moment():
    earned = [lot("a", 10, 0, ends=30), lot("b", 20, 1, ends=30), lot("c", 40, 2, ends=31)]

    state = account(earned, [Spend("s", 5, day(3))], now=4)
    assert (state.expiring, state.expiring_at, state.next_change_at) == (25, day(30), day(30))


def test_what_matures_before_it_expires_is_told_as_expiring_less_the_debt_it_pays():
    state = account([lot("a", 100, 0, hold=10, ends=30)], [Spend("s", 30, day(1))], now=2)

    assert (state.next_change_at, state.expiring, state.expiring_at) == (day(10), 70, day(30))


def test_an_expired_lot_with_nothing_left_is_no_change():
    state = account([lot("a", 30, 0, ends=30)], [Spend("s", 30, day(1))], now=2)

    assert (state.next_change_at, state.expiring) == (None, 0)


def test_a_spend_or_write_off_from_a_clock_ahead_of_ours_counts_as_of_now():
    state = account([lot("a", 30, 0)], [Spend("s", 50, day(9))], [WriteOff(1, 20, day(9))], now=3)

    assert (state.lots["a"].spent, state.debt, state.written_off) == (30, 0, {1: 20})


@pytest.mark.parametrize("now", [0.5, 1.5])
def test_points_earned_by_a_clock_ahead_of_ours_are_pending_until_then(now):
    state = account([lot("a", 30, 1)], now=now)

    assert (state.pending, state.available) == ((30, 0) if now < 1 else (0, 30))


# Inactivity. Ten days into January in Berlin; three months later is the tenth of April, summer time.
THREE_MONTHS = [Inactivity(LONG_AGO, 3, 30)]
ENDS = datetime(2026, 4, 10, 22, tzinfo=UTC)


def at(moment: datetime, lots, spends=(), inactivity=THREE_MONTHS):
    return replay(list(lots), list(spends), [], list(inactivity), moment, BERLIN)


def test_inactivity_ends_points_with_the_stores_day():
    earned = [lot("a", 100, 0)]

    before, after = at(ENDS - timedelta(microseconds=1), earned), at(ENDS, earned)
    assert (before.available, before.expiring, before.expiring_at, before.next_change_at) == (100, 100, ENDS, ENDS)
    assert (after.available, after.lots["a"].expired, after.next_change_at) == (0, 100, None)


@pytest.mark.parametrize("use", ["a lot", "a spend"])
def test_a_use_of_the_account_puts_inactivity_off(use):
    earned = [lot("a", 100, 0), *([lot("b", 1, 31)] if use == "a lot" else [])]
    spent = [Spend("s", 1, day(31))] if use == "a spend" else []

    assert at(ENDS, earned, spent).available >= 99
    assert at(datetime(2026, 5, 10, 22, tzinfo=UTC), earned, spent).available == 0


def test_what_was_undone_in_full_is_no_use_of_the_account():
    earned = [lot("a", 100, 0), lot("cancelled", 0, 31)]

    assert at(ENDS, earned, [Spend("released", 0, day(32))]).available == 0


def test_a_purchase_after_the_end_brings_nothing_back():
    state = at(day(120), [lot("a", 100, 0), lot("b", 7, 110)])

    assert (state.lots["a"].expired, state.available) == (100, 7)


def test_points_on_hold_outlive_a_silence_and_their_own_begins_when_they_are_free():
    earned = [lot("a", 100, 0), lot("held", 7, 0, hold=200)]

    state = at(ENDS, earned)
    assert (state.available, state.pending) == (0, 7)
    freed = datetime(2026, 7, 29, 12, tzinfo=UTC)
    assert state.next_change_at == freed
    assert (at(freed, earned).available, at(freed, earned).expiring_at) == (7, datetime(2026, 10, 29, 23, tzinfo=UTC))


def test_points_that_were_moved_here_do_not_go_with_an_earlier_silence():
    moved = Lot("merge:1:2", 40, day(-300), day(150), None)

    assert at(day(150), [lot("a", 100, 0), moved]).available == 40


def test_points_that_are_moved_here_are_a_use_then_and_not_when_they_were_earned():
    moved = Lot("merge:1:2", 40, day(50), day(150), None, received_at=day(150))
    mine = lot("a", 100, 0)

    before, after = at(ENDS, [mine]), at(day(150), [mine, moved])
    assert (before.available, after.lots["a"].expired, after.available) == (0, 100, 40)
    # The silence of what came begins anew: the tenth of June, and three months.
    assert after.expiring_at == datetime(2026, 9, 9, 22, tzinfo=UTC)


def test_switching_inactivity_on_gives_the_days_of_warning():
    since = datetime(2026, 6, 1, 9, tzinfo=UTC)
    rules = [Inactivity(LONG_AGO, None, 0), Inactivity(since, 3, 30)]
    ends = datetime(2026, 7, 1, 22, tzinfo=UTC)

    state = at(since, [lot("a", 100, 0)], inactivity=rules)
    assert (state.available, state.expiring_at) == (100, ends)
    assert at(ends, [lot("a", 100, 0)], inactivity=rules).available == 0


def test_a_rule_that_is_withdrawn_in_time_ends_nothing():
    rules = [*THREE_MONTHS, Inactivity(ENDS, None, 0)]

    state = at(ENDS + timedelta(days=999), [lot("a", 100, 0)], inactivity=rules)
    assert (state.available, state.next_change_at) == (100, None)


def test_a_rule_that_comes_later_does_not_give_back_what_the_earlier_one_ended():
    rules = [*THREE_MONTHS, Inactivity(ENDS + timedelta(seconds=1), None, 0)]

    assert at(ENDS + timedelta(days=1), [lot("a", 100, 0)], inactivity=rules).available == 0


def test_the_next_rule_is_foreseen():
    rules = [Inactivity(LONG_AGO, None, 0), Inactivity(day(400), 3, 10)]

    assert at(day(1), [lot("a", 100, 0)], inactivity=rules).expiring_at is not None
