"""What a store owes its customers in points: how many, how old, worth what, and how that changed month by month."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from connector.domain.breakage import Breakage, Cohort, expected_breakage
from connector.domain.money import format_amount
from connector.domain.redemption import worth

# Buckets by whole months since the month of earning; the last one is open.
BUCKETS: Final = ((0, 2), (3, 5), (6, 11), (12, 23), (24, None))


@dataclass(frozen=True, slots=True)
class Bucket:
    """Points outstanding by the age of their earning, in months; ``to_month`` None: and older."""

    from_month: int
    to_month: int | None
    points: int
    value: int
    expected_to_expire: int


@dataclass(frozen=True, slots=True)
class Moved:
    """What one month's postings moved: points through each of the store's accounts, and into customers' accounts.

    ``issued``, ``redeemed``, ``expired`` and ``reversed`` are positive as they are read aloud; points given back make
    them smaller, at times negative.
    """

    month: str
    issued: int = 0
    redeemed: int = 0
    expired: int = 0
    reversed: int = 0
    pending: int = 0
    available: int = 0
    owed: int = 0


@dataclass(frozen=True, slots=True)
class Month:
    """opening + issued − redeemed − expired − reversed = closing.

    ``pending``, ``available`` and ``owed`` are customers' accounts at the month's end and sum to ``closing``; owed is
    what customers owe, so it is 0 or negative.
    """

    month: str
    opening: int
    issued: int
    redeemed: int
    expired: int
    reversed: int
    closing: int
    pending: int
    available: int
    owed: int


@dataclass(frozen=True, slots=True)
class Liability:
    """Points outstanding are what customers hold: pending and available. Value in minor units of ``currency``.

    ``owed_by_customers``: points an undone order should have given back and that were spent already. ``net`` =
    outstanding − owed_by_customers is the ledger's own balance. ``differences`` names what does not reconcile, in
    points; it is empty, or there is a defect.
    """

    currency: str
    points_per_unit: int
    outstanding: int
    owed_by_customers: int
    net: int
    value: int
    expected_to_expire: int
    expected_value: int
    breakage_basis: str
    ageing: tuple[Bucket, ...]
    months: tuple[Month, ...]
    differences: dict[str, int]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Liability:
        """Return the report that `to_json` told."""
        ageing, months = (Bucket(**one) for one in told["ageing"]), (Month(**one) for one in told["months"])
        return cls(**{**told, "ageing": tuple(ageing), "months": tuple(months)})


def roll_forward(moved: Sequence[Moved]) -> tuple[Month, ...]:
    """Months from the first posting on, each beginning with what the one before ended with; none missing."""
    months: list[Month] = []
    closing = pending = available = owed = 0
    for one in moved:
        opening = closing
        closing = opening + one.issued - one.redeemed - one.expired - one.reversed
        pending, available, owed = pending + one.pending, available + one.available, owed + one.owed
        months.append(
            Month(
                month=one.month,
                opening=opening,
                issued=one.issued,
                redeemed=one.redeemed,
                expired=one.expired,
                reversed=one.reversed,
                closing=closing,
                pending=pending,
                available=available,
                owed=owed,
            )
        )
    return tuple(months)


@dataclass(frozen=True, slots=True)
class Balances:
    """Sums over all customers of the balances that are kept beside the ledger. ``overdrawn``: of those below zero."""

    pending: int
    available: int
    owed: int
    overdrawn: int


def liability(
    cohorts: Sequence[Cohort], moved: Sequence[Moved], balances: Balances, points_per_unit: int, currency: str
) -> Liability:
    """The report, with lots, kept balances and the ledger's two sides held against each other to the point."""
    months = roll_forward(moved)
    breakage = expected_breakage(cohorts)
    ageing = _ageing(cohorts, breakage, points_per_unit, currency)
    outstanding = sum(cohort.remaining for cohort in cohorts)
    owed = -(balances.owed + balances.overdrawn)
    expiring = sum(bucket.expected_to_expire for bucket in ageing)
    closing = months[-1].closing if months else 0
    held = (months[-1].pending, months[-1].available, months[-1].owed) if months else (0, 0, 0)
    differences = {
        "store's and customers' accounts": closing - sum(held),
        "pending: ledger and balances": held[0] - balances.pending,
        "available: ledger and balances": held[1] - balances.available,
        "owed: ledger and balances": held[2] - balances.owed,
        "lots and ledger": outstanding - owed - closing,
    }
    return Liability(
        currency=currency,
        points_per_unit=points_per_unit,
        outstanding=outstanding,
        owed_by_customers=owed,
        net=closing,
        value=worth(outstanding, points_per_unit, currency),
        expected_to_expire=expiring,
        expected_value=worth(outstanding - expiring, points_per_unit, currency),
        breakage_basis=breakage.basis,
        ageing=ageing,
        months=months,
        differences={what: points for what, points in differences.items() if points},
    )


def _ageing(cohorts: Sequence[Cohort], breakage: Breakage, points_per_unit: int, currency: str) -> tuple[Bucket, ...]:
    """Buckets whose points and values sum to the whole: each value is what its points add to the running value."""
    buckets: list[Bucket] = []
    so_far = 0
    for first, last in BUCKETS:
        within = [cohort for cohort in cohorts if first <= cohort.age and (last is None or cohort.age <= last)]
        points = sum(cohort.remaining for cohort in within)
        value = worth(so_far + points, points_per_unit, currency) - worth(so_far, points_per_unit, currency)
        expiring = round(sum(cohort.remaining * breakage.of(cohort.age) for cohort in within))
        buckets.append(Bucket(first, last, points, value, expiring))
        so_far += points
    return tuple(buckets)


def months_csv(report: Liability) -> str:
    """The roll-forward as CSV, a month a row, with the closing balance's value in the currency's own decimals."""
    names = ["month", "opening", "issued", "redeemed", "expired", "reversed", "closing"]
    names += ["pending", "available", "owed"]
    rows = [[getattr(month, name) for name in names] + [_value(month.closing, report)] for month in report.months]
    return _csv([*names, f"closing_value_{report.currency.lower()}"], rows)


def ageing_csv(report: Liability) -> str:
    """Points outstanding by age as CSV, a bucket a row."""
    header = ["from_month", "to_month", "points", f"value_{report.currency.lower()}", "expected_to_expire"]
    rows = [
        [
            bucket.from_month,
            "" if bucket.to_month is None else bucket.to_month,
            bucket.points,
            format_amount(bucket.value, report.currency),
            bucket.expected_to_expire,
        ]
        for bucket in report.ageing
    ]
    return _csv(header, rows)


def _value(points: int, report: Liability) -> str:
    return format_amount(worth(points, report.points_per_unit, report.currency), report.currency)


def _csv(header: list[str], rows: list[list[Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
