from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connector.domain.breakage import LEAST_EXPIRED_LOTS, Cohort, expected_breakage
from connector.domain.liability import (
    BUCKETS,
    Balances,
    Moved,
    ageing_csv,
    liability,
    months_csv,
    roll_forward,
)


def watched(age: int, points: int, spent: int, expired: int) -> Cohort:
    lots = LEAST_EXPIRED_LOTS if expired else 0
    return Cohort(age, points, spent, expired, points, spent, expired, lots)


NOBODY = Balances(0, 0, 0, 0)


def test_a_month_begins_with_what_the_one_before_ended_with() -> None:
    months = roll_forward(
        [
            Moved("2026-01", issued=100, redeemed=20, expired=5, reversed=15, pending=10, available=50),
            Moved("2026-02"),
            Moved("2026-03", issued=40, redeemed=-20, pending=-10, available=70),
        ]
    )
    assert [(month.opening, month.closing) for month in months] == [(0, 60), (60, 60), (60, 120)]
    assert (months[2].pending, months[2].available) == (0, 120)


def test_of_points_that_all_ended_those_left_at_their_age_expire() -> None:
    # Half of them are spent by the sixth month, and what is left expires after the twelfth.
    cohorts = [watched(age, 1_000, min(age * 84, 500), 0 if age < 12 else 500) for age in range(15)]
    breakage = expected_breakage(cohorts)
    assert breakage.of(0) == pytest.approx(0.5)
    assert breakage.of(6) == pytest.approx(1.0)
    assert breakage.of(13) == 0.0


def test_ages_that_nobody_has_watched_are_not_expected_to_expire() -> None:
    breakage = expected_breakage([watched(age, 1_000, 0, 900 if age == 3 else 0) for age in range(4)])
    assert breakage.of(2) == pytest.approx(0.9)
    assert breakage.of(4) == 0.0


def test_without_a_history_nothing_is_expected_to_expire_and_the_report_says_why() -> None:
    cohorts = [Cohort(age, 1_000, 100, 300, 1_000, 100, 300, 1) for age in range(12)]
    breakage = expected_breakage(cohorts)
    assert breakage.of(3) == 0.0
    assert "too few" in breakage.basis


def test_points_that_expired_before_anybody_was_told_of_them_do_not_count() -> None:
    old = [Cohort(age, 1_000, 0, 1_000) for age in range(13, 40)]
    assert expected_breakage(old).of(0) == 0.0


shares = st.tuples(st.integers(1, 10**6), st.floats(0, 1), st.floats(0, 1))


@given(st.dictionaries(st.integers(0, 40), shares, max_size=20))
def test_a_share_is_a_share_whatever_the_history(history: dict[int, tuple[int, float, float]]) -> None:
    cohorts = [
        watched(age, points, int(points * spent), int((points - int(points * spent)) * expired))
        for age, (points, spent, expired) in history.items()
    ]
    assert all(0.0 <= share <= 1.0 for share in expected_breakage(cohorts).shares)


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 10**9)), max_size=12),
    st.integers(1, 1_000),
    st.sampled_from(["USD", "JPY", "KWD"]),
)
def test_buckets_sum_to_what_is_outstanding(held: list[tuple[int, int]], per_unit: int, currency: str) -> None:
    cohorts = [Cohort(age, points, 0, 0) for age, points in held]
    report = liability(cohorts, [], NOBODY, per_unit, currency)
    assert sum(bucket.points for bucket in report.ageing) == report.outstanding == sum(points for _, points in held)
    assert sum(bucket.value for bucket in report.ageing) == report.value


def test_what_customers_owe_is_told_beside_what_they_hold() -> None:
    moved = [Moved("2026-01", issued=300, redeemed=50, reversed=100, available=150 + 40, owed=-40)]
    balances = Balances(pending=0, available=190, owed=-40, overdrawn=-10)
    report = liability([Cohort(0, 200, 0, 0)], moved, balances, 100, "USD")
    assert (report.outstanding, report.owed_by_customers, report.net) == (200, 50, 150)
    assert report.differences == {}


def test_what_does_not_reconcile_is_named_with_its_points() -> None:
    moved = [Moved("2026-01", issued=300, available=290)]
    report = liability([Cohort(0, 299, 0, 0)], moved, Balances(0, 280, 0, 0), 100, "USD")
    assert report.differences == {
        "store's and customers' accounts": 10,
        "available: ledger and balances": 10,
        "lots and ledger": -1,
    }


def test_expected_value_leaves_out_what_will_expire() -> None:
    cohorts = [watched(age, 1_000, 0, 800 if age == 2 else 0) for age in range(3)]
    report = liability(cohorts, [], NOBODY, 100, "USD")
    assert (report.outstanding, report.expected_to_expire) == (2_200, 1_600)
    assert (report.value, report.expected_value) == (2_200, 600)


def test_the_roll_forward_is_csv_that_an_accountant_can_open() -> None:
    moved = [Moved("2026-01", issued=300, redeemed=50, available=250)]
    rows = list(csv.DictReader(io.StringIO(months_csv(liability([], moved, NOBODY, 100, "USD")))))
    assert rows == [
        {
            "month": "2026-01",
            "opening": "0",
            "issued": "300",
            "redeemed": "50",
            "expired": "0",
            "reversed": "0",
            "closing": "250",
            "pending": "0",
            "available": "250",
            "owed": "0",
            "closing_value_usd": "2.50",
        }
    ]


def test_ages_are_csv_with_an_open_last_bucket() -> None:
    rows = list(csv.DictReader(io.StringIO(ageing_csv(liability([Cohort(7, 300, 0, 0)], [], NOBODY, 100, "USD")))))
    assert len(rows) == len(BUCKETS)
    assert rows[-1]["to_month"] == ""
    assert rows[2] == {
        "from_month": "6",
        "to_month": "11",
        "points": "300",
        "value_usd": "3.00",
        "expected_to_expire": "0",
    }
