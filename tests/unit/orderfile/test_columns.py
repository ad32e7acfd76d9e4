"""Which column is which."""

from __future__ import annotations

import pytest

from connector.orderfile.columns import SUMMARY_HEADERS, find_columns, how_read
from connector.orderfile.errors import FileRefused


def test_plain_headers_are_found_in_any_order() -> None:
    found = find_columns(["date", "amount", "order_id", "customer_id"], {})
    assert found == {"customer": 3, "order": 2, "date": 0, "amount": 1}


def test_the_download_of_woocommerce_analytics_is_known_as_it_is() -> None:
    header = ["Date", "Order #", "Status", "Customer", "Customer type", "Product(s)", "Items sold", "Coupon(s)",
              "Net sales", "Attribution"]  # fmt: skip
    found = find_columns(header, {})
    assert how_read(found, header)["columns"] == {
        "customer": "Customer",
        "order": "Order #",
        "date": "Date",
        "amount": "Net sales",
        "status": "Status",
    }


def test_the_e_mailed_report_of_woocommerce_is_read_by_its_net_sales() -> None:
    header = ["Date", "Order #", "N. Revenue (formatted)", "Status", "Customer", "Customer type", "Net Sales"]
    assert find_columns(header, {})["amount"] == 6


def test_formatted_totals_are_not_amounts_because_a_refund_shows_that_of_its_order() -> None:
    header = ["Date", "Order #", "N. Revenue (formatted)", "Customer", "N. Revenue"]
    assert find_columns(header, {})["amount"] == 4


def test_fields_of_the_rest_api_are_known() -> None:
    header = ["id", "number", "status", "currency", "date_created", "total", "customer_id", "billing.email"]
    found = find_columns(header, {})
    assert {role: header[column] for role, column in found.items()} == {
        "order": "number",
        "date": "date_created",
        "amount": "total",
        "customer": "customer_id",
        "email": "billing.email",
        "status": "status",
        "currency": "currency",
    }


def test_every_refund_that_the_rest_api_lists_with_an_order_is_read() -> None:
    header = ["id", "date_created", "total", "customer_id", "refunds.0.id", "refunds.0.total", "refunds.1.total"]
    found = find_columns(header, {})
    assert (found["refunded"], found["refunded_2"]) == (5, 6)
    assert find_columns(["id", "date", "total", "customer_id", "Refund Amount"], {})["refunded"] == 4
    assert "refunded_2" not in find_columns([*header, "total_refunded"], {})
    assert find_columns(header, {"refunded": "refunds.1.total"})["refunded"] == 6


def test_a_column_that_may_only_tell_whether_there_was_a_refund_is_no_amount() -> None:
    assert "refunded" not in find_columns(["id", "date", "total", "customer_id", "Refund"], {})


@pytest.mark.parametrize(
    ("header", "by", "order_ids"),
    [
        (["Customer", "Date", "Amount"], "name", False),
        (["Customer", "Email", "Date", "Amount", "Order #"], "e-mail address", True),
        (["user_id", "Customer", "Email", "Date", "Amount"], "id or e-mail address", False),
    ],
)
def test_it_is_told_what_customers_are_known_by_and_whether_orders_have_ids(
    header: list[str], by: str, order_ids: bool
) -> None:
    read = how_read(find_columns(header, {}), header)
    assert (read["customers_by"], read["order_ids"]) == (by, order_ids)
    assert "name" not in read["columns"]


def test_a_column_asked_for_by_name_wins_whatever_its_case() -> None:
    found = find_columns(["customer_id", "date", "amount", "Paid At"], {"date": "paid at"})
    assert found["date"] == 3


def test_a_name_does_for_a_customer_only_where_there_is_nothing_better() -> None:
    assert find_columns(["Customer", "Email", "Date", "Amount"], {}).get("customer") is None
    assert find_columns(["Customer", "Date", "Amount"], {})["customer"] == 0


@pytest.mark.parametrize(
    ("header", "asked", "said"),
    [
        (["customer_id", "amount"], {}, "date of the order"),
        (["date", "amount"], {}, "customer"),
        (["customer_id", "date", "amount"], {"amount": "paid"}, "no column 'paid'"),
        (["customer_id", "date", "date", "amount"], {}, "'date' is there 2 times"),
        (["customer_id", "frequency", "recency", "T", "monetary_value"], {}, "add --summary"),
    ],
)
def test_a_missing_or_doubtful_column_is_named(header: list[str], asked: dict[str, str], said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        find_columns(header, asked)


def test_summaries_are_known_by_the_letters_of_the_literature_and_by_their_names() -> None:
    assert find_columns(["customer_id", "x", "t_x", "T", "monetary_value"], {}, SUMMARY_HEADERS)["T"] == 3
    assert (
        find_columns(["customer_id", "frequency", "recency", "T", "monetary_value"], {}, SUMMARY_HEADERS)["t_x"] == 2
    )
