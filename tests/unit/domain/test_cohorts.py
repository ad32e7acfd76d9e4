from __future__ import annotations

from datetime import date
from decimal import Decimal

import numpy as np

from connector.domain.cohorts import cohorts, payback_months
from connector.domain.history import Orders, epoch_day
from tests import cdnow


def orders_of(*rows: tuple[int, str, int]) -> Orders:
    table = [(customer, epoch_day(date.fromisoformat(day)), value) for customer, day, value in rows]
    return Orders(*np.array(table, dtype=np.int64).reshape(-1, 3).T)


STORE = orders_of(
    (1, "2026-01-05", 1000),
    (1, "2026-01-20", 500),
    (1, "2026-03-01", 700),
    (2, "2026-01-31", 2000),
    (3, "2026-03-02", 900),
)
AS_OF = epoch_day(date(2026, 3, 15))


def test_newcomers_are_followed_by_calendar_month() -> None:
    table = cohorts(STORE, AS_OF)
    assert table.month == ("2026-01", "2026-03")
    assert table.customers.tolist() == [2, 1]
    assert table.active.tolist() == [[2, 0, 1], [1, 0, 0]]
    assert table.orders.tolist() == [[3, 0, 1], [1, 0, 0]]
    assert table.revenue.tolist() == [[3500, 0, 700], [900, 0, 0]]
    assert table.observed.tolist() == [3, 1]


def test_retention_ends_where_the_future_begins() -> None:
    assert cohorts(STORE, AS_OF).retention() == [[1.0, 0.0, 0.5], [1.0]]


def test_orders_after_the_as_of_day_are_not_in_the_table() -> None:
    table = cohorts(STORE, epoch_day(date(2026, 1, 31)))
    assert table.month == ("2026-01",)
    assert table.revenue.tolist() == [[3500]]


def test_a_cohort_has_paid_back_in_the_month_its_margin_covers_the_cost() -> None:
    table = cohorts(STORE, AS_OF)
    margin = Decimal("0.5")
    assert payback_months(table, {"2026-01": Decimal(1700)}, margin) == {"2026-01": 0}
    assert payback_months(table, {"2026-01": Decimal(2000), "2026-03": Decimal(451)}, margin) == {
        "2026-01": 2,
        "2026-03": None,
    }


def test_a_month_without_newcomers_has_no_payback() -> None:
    assert payback_months(cohorts(STORE, AS_OF), {"2026-02": Decimal(1)}, Decimal(1)) == {}


def test_a_store_without_orders_has_an_empty_table() -> None:
    table = cohorts(orders_of(), AS_OF)
    assert (table.month, table.to_json()) == ((), [])


def test_every_order_and_every_cent_is_in_the_table_once() -> None:
    customer, day, value = cdnow.orders()
    table = cohorts(Orders(customer, day, value), int(day.max()))
    assert (int(table.orders.sum()), int(table.revenue.sum())) == (6919, int(value.sum()))
    assert table.customers.tolist() == table.active[:, 0].tolist()
    assert table.to_json()[0]["month"] == "1997-01"
