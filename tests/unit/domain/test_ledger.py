from __future__ import annotations

from datetime import UTC, datetime

import pytest

from connector.domain.account import AccountState, Spend
from connector.domain.ledger import (
    AVAILABLE,
    EXPIRED,
    ISSUED,
    OWED,
    PENDING,
    REDEEMED,
    REVERSED,
    Entry,
    Posting,
    difference,
    is_earned,
    targets,
)
from connector.domain.lots import LotState
from connector.domain.programme.points import Shortfall

ANN, BEN = 7, 8
NOW = datetime(2026, 11, 22, tzinfo=UTC)


def available(points: int, customer: int = ANN) -> dict[tuple[int, str], int]:
    return {(customer, AVAILABLE): points}


def settle(wanted, booked, *, source="order:12", name="order 12", seen_before=True) -> Posting | None:
    return difference(source, name, wanted, booked, seen_before=seen_before)


def test_a_new_order_earns():
    assert settle(available(120), {}, seen_before=False) == Posting(
        "order:12", "earn", "Earned with order 12", (Entry(AVAILABLE, ANN, 120), Entry(ISSUED, None, -120))
    )


def test_a_refund_takes_back():
    assert settle(available(70), available(120)) == Posting(
        "order:12",
        "clawback",
        "Taken back: order 12 is worth less now",
        (Entry(AVAILABLE, ANN, -50), Entry(REVERSED, None, 50)),
    )


def test_an_undone_refund_gives_back_exactly_what_it_took():
    assert settle(available(120), available(70)) == Posting(
        "order:12",
        "reinstate",
        "Given back: order 12 is worth more again",
        (Entry(AVAILABLE, ANN, 50), Entry(ISSUED, None, -50)),
    )


def test_an_order_that_changes_hands_moves_its_points():
    assert settle(available(120, BEN), available(120)) == Posting(
        "order:12",
        "transfer",
        "Moved: order 12 belongs to another customer now",
        (
            Entry(AVAILABLE, ANN, -120),
            Entry(REVERSED, None, 120),
            Entry(AVAILABLE, BEN, 120),
            Entry(ISSUED, None, -120),
        ),
    )


def test_an_order_that_belongs_to_nobody_any_more_takes_its_points_back():
    assert settle({}, available(120)).kind == "clawback"


@pytest.mark.parametrize(
    ("wanted", "booked"), [(available(120), available(120)), (available(0), {}), ({}, {}), ({}, available(0))]
)
def test_nothing_is_posted_where_the_ledger_agrees(wanted, booked):
    assert settle(wanted, booked) is None


def test_the_end_of_a_hold_moves_points_within_the_customers_accounts():
    assert settle(available(120), {(ANN, PENDING): 120}) == Posting(
        "order:12", "mature", "Free to spend: order 12", (Entry(AVAILABLE, ANN, 120), Entry(PENDING, ANN, -120))
    )


def test_a_hold_made_longer_takes_points_out_of_reach_again():
    assert settle({(ANN, PENDING): 120}, available(120)).kind == "hold"


def test_a_refund_during_the_hold_takes_back_what_is_pending():
    posting = settle({(ANN, PENDING): 70}, {(ANN, PENDING): 120})

    assert (posting.kind, posting.entries) == ("clawback", (Entry(PENDING, ANN, -50), Entry(REVERSED, None, 50)))


@pytest.mark.parametrize(
    ("source", "wanted", "booked", "kind", "store_side"),
    [
        ("redemption:3", -500, 0, "redeem", Entry(REDEEMED, None, 500)),
        ("redemption:3", 0, -500, "release", Entry(REDEEMED, None, -500)),
        ("redemption:3", -300, -500, "release", Entry(REDEEMED, None, -200)),
        ("expiry:order:12", -40, 0, "expire", Entry(EXPIRED, None, 40)),
        ("expiry:order:12", 0, -40, "restore", Entry(EXPIRED, None, -40)),
        ("writeoff:2", 40, 0, "forgive", Entry(REVERSED, None, -40)),
        ("writeoff:2", 10, 40, "unforgive", Entry(REVERSED, None, 30)),
        ("adjustment:5", 40, 0, "adjust", Entry(ISSUED, None, -40)),
        ("adjustment:5", -40, 0, "adjust", Entry(REVERSED, None, 40)),
        ("bonus:birthday:2026", 40, 0, "reinstate", Entry(ISSUED, None, -40)),
    ],
)
def test_each_source_has_its_store_account_and_its_words(source, wanted, booked, kind, store_side):
    posting = settle(available(wanted), available(booked), source=source, name="something")

    assert (posting.kind, posting.entries) == (kind, (Entry(AVAILABLE, ANN, wanted - booked), store_side))


def test_a_persons_own_reason_is_told_in_their_words():
    assert settle(available(40), {}, source="adjustment:5", name="Sorry for {the} delay").reason == (
        "Sorry for {the} delay"
    )


def test_a_reason_is_never_longer_than_its_column():
    assert len(settle(available(40), {}, source="adjustment:5", name="x" * 400).reason) == 300


@pytest.mark.parametrize(("wanted", "booked", "kind"), [(60, 0, "owe"), (20, 60, "repay")])
def test_a_debt_that_is_owed_stands_beside_the_balance(wanted, booked, kind):
    def owed(points: int) -> dict[tuple[int, str], int]:
        return {(ANN, AVAILABLE): points, (ANN, OWED): -points}

    posting = settle(owed(wanted), owed(booked), source=f"debt:{ANN}")
    assert posting.kind == kind
    assert {entry.customer_id for entry in posting.entries} == {ANN}


def test_a_posting_that_would_make_points_cannot_be_written_down():
    with pytest.raises(ValueError, match="must sum to zero"):
        Posting("order:12", "earn", "Earned", (Entry(AVAILABLE, ANN, 120), Entry(ISSUED, None, -119)))


STATE = AccountState(
    lots={
        "order:1": LotState(100, True, 60, 40),
        "order:2": LotState(80, True, 80, 0),
        "order:3": LotState(50, False, 0, 0),
    },
    written_off={4: 30},
    debt=20,
    next_change_at=None,
    expiring=0,
    expiring_at=None,
)
SPENDS = [Spend("redemption:1", 150, NOW), Spend("adjustment:9", 40, NOW)]


def balances(shortfall: Shortfall) -> dict[str, int]:
    sums: dict[str, int] = {}
    for held in targets(ANN, STATE, SPENDS, shortfall).values():
        for (_, account), points in held.items():
            sums[account] = sums.get(account, 0) + points
    return sums


def test_what_should_be_booked_sums_to_the_account():
    assert balances(Shortfall.NEGATIVE) == {PENDING: STATE.pending, AVAILABLE: STATE.available}
    assert (STATE.pending, STATE.available) == (50, -20)


def test_what_is_owed_leaves_a_balance_of_nothing():
    assert balances(Shortfall.OWE) == {PENDING: 50, AVAILABLE: 0, OWED: -20}


def test_every_source_has_its_own_books():
    wanted = targets(ANN, STATE, SPENDS, Shortfall.NEGATIVE)

    moved = {source: points for source, held in wanted.items() if (points := sum(held.values()))}
    assert moved == {
        "order:1": 100,
        "expiry:order:1": -40,
        "order:2": 80,
        "order:3": 50,
        "redemption:1": -150,
        "adjustment:9": -40,
        "writeoff:4": 30,
    }


@pytest.mark.parametrize(
    ("source", "earned"),
    [("order:7", True), ("bonus:review:7:93", True), ("adjustment:7", False), ("merge:7", False), ("orders", False)],
)
def test_only_orders_and_bonuses_are_earned(source, earned):
    assert is_earned(source) is earned
