"""Points outstanding, held against the ledger to the point, whatever happened to the accounts."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise

import pytest
from sqlalchemy import Engine, update

from connector.db import lots, programmes, reports
from connector.db.lots import LotFacts
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import accounts as accounts_table
from connector.domain.programme import Programme
from connector.domain.programme.points import Shortfall
from tests.integration.db.conftest import NewCustomer
from tests.integration.db.point_histories import CUSTOMERS, Ledger


@pytest.fixture
def ledger(engine: Engine, store: Store, new_customer: NewCustomer, now: datetime) -> Ledger:
    return Ledger(engine, store, [new_customer(store, number) for number in range(1, CUSTOMERS + 1)], now)


@pytest.mark.parametrize("shortfall", Shortfall)
@pytest.mark.parametrize("seed", [1, 2])
def test_lots_balances_and_the_ledger_agree_to_the_point(ledger: Ledger, seed: int, shortfall: Shortfall) -> None:
    ledger.happen(seed, shortfall)
    report = ledger.report()
    assert report.differences == {}
    assert report.outstanding > 0
    assert report.net == report.outstanding - report.owed_by_customers
    assert report.net == sum(points for _, account, points in ledger.rows() if account in _CUSTOMERS)
    assert sum(bucket.points for bucket in report.ageing) == report.outstanding


_CUSTOMERS = ("pending", "available", "owed")


def test_every_month_is_what_was_posted_in_the_store_s_own_month(ledger: Ledger) -> None:
    ledger.happen(3, Shortfall.NEGATIVE)
    posted: Counter[tuple[str, str]] = Counter()
    for at, account, points in ledger.rows():
        posted[f"{at.astimezone(ledger.store.zone):%Y-%m}", account] += points
    months = ledger.report().months
    assert [month.month for month in months] == sorted({month for month, _ in posted} | {one.month for one in months})
    for month in months:
        assert month.issued == -posted[month.month, "issued"]
        for account in ("redeemed", "expired", "reversed"):
            assert getattr(month, account) == posted[month.month, account]
    assert all(later.opening == month.closing for month, later in pairwise(months))


def test_a_posting_at_the_turn_of_a_month_belongs_to_the_store_s_month(ledger: Ledger, store: Store) -> None:
    new_year = datetime(2025, 12, 31, 23, 30, tzinfo=UTC)  # half past midnight in Berlin
    with transaction(ledger.engine) as connection:
        lot = LotFacts(ledger.customers[0], "order:1", 100, new_year, new_year, None, 1, "USD", "order 1")
        lots.save(connection, store.id, [lot])
    ledger.settle(new_year)
    report = ledger.report(new_year)
    assert [(month.month, month.issued) for month in report.months] == [("2026-01", 100)]
    assert report.ageing[0].points == 100


def test_a_balance_that_went_astray_is_found_and_named(ledger: Ledger) -> None:
    ledger.happen(4, Shortfall.NEGATIVE)
    with transaction(ledger.engine) as connection:
        connection.execute(
            update(accounts_table)
            .where(accounts_table.c.customer_id == ledger.customers[0])
            .values(pending=accounts_table.c.pending + 7)
        )
    assert ledger.report().differences == {"pending: ledger and balances": -7}


def test_points_are_worth_what_the_programme_in_force_says(ledger: Ledger, now: datetime) -> None:
    ledger.happen(5, Shortfall.NEGATIVE)
    before = ledger.report()
    with transaction(ledger.engine) as connection:
        held = programmes.latest(connection, ledger.store.id)
        cheaper = Programme(redeeming=type(held.redeeming)(points_per_unit=200, minimum=600, step=200))
        programmes.save(connection, ledger.store.id, cheaper, held.version, now, now)
    assert (before.points_per_unit, ledger.report().points_per_unit) == (100, 200)
    assert ledger.report().value == pytest.approx(before.value / 2, abs=1)


def test_another_store_s_points_are_not_this_store_s(ledger: Ledger, other_store: Store, now: datetime) -> None:
    ledger.happen(6, Shortfall.NEGATIVE)
    with reading(ledger.engine) as connection:
        report = reports.points_outstanding(connection, other_store, now)
    assert (report.outstanding, report.months, report.differences) == (0, (), {})
