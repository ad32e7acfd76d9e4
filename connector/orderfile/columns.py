"""Which column of a file is which, by the headers that WooCommerce and its exporters write or by what was asked."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from connector.orderfile.errors import FileRefused

# For each role the headers that name it, the most telling first; written as `_plain` leaves them.
ORDER_HEADERS: Mapping[str, tuple[str, ...]] = {
    "customer": ("customer_id", "customer_user", "customer_user_id", "user_id", "custid", "client_id"),
    "email": ("email", "billing_email", "customer_email", "email_billing", "e_mail", "email_address"),
    "name": ("customer", "customer_name"),
    "order": ("order_id", "order_number", "order", "order_no", "number", "id"),
    "date": ("date", "order_date", "date_created", "created_at", "order_created", "post_date", "date_created_gmt"),
    "amount": (
        "amount",
        "order_total",
        "total",
        "order_total_amount",
        "total_amount",
        "net_sales",
        "net_total",
        "n_revenue",
        "revenue",
        "value",
    ),
    "refunded": (
        "refunded",
        "refunded_total",
        "total_refunded",
        "refund_total",
        "refunded_amount",
        "refund_amount",
        "amount_refunded",
        "order_refund_amount",
        "order_refund",
    ),
    "currency": ("currency", "order_currency", "currency_code"),
    "status": ("status", "order_status", "post_status"),
}
SUMMARY_HEADERS: Mapping[str, tuple[str, ...]] = {
    "customer": ORDER_HEADERS["customer"],
    "x": ("x", "frequency"),
    "t_x": ("t_x", "recency"),
    "T": ("t", "age"),
    "monetary": ("monetary_value", "monetary", "m_x", "zbar"),
}
_WHAT = {
    "customer": "customer (by id or e-mail address)",
    "date": "date of the order",
    "amount": "amount of the order",
    "x": "number of repeat purchases (x)",
    "t_x": "time of the last purchase (t_x)",
    "T": "age of the customer (T)",
    "monetary": "value of a purchase (monetary_value)",
}
_ONE_REFUND = re.compile(r"refunds_\d+_total", re.ASCII)  # refunds.0.total and so on, as the REST API lists them
_HISTORIES = "The columns are those of purchase histories instead of orders; add --summary to score them."
_NEEDED = ("customer", "date", "amount", "x", "t_x", "T", "monetary")


def find_columns(
    header: Sequence[str], asked: Mapping[str, str], known: Mapping[str, tuple[str, ...]] = ORDER_HEADERS
) -> dict[str, int]:
    """Role -> number of the column. What was asked for by name wins over what the headers suggest.

    Customers are known by id, by e-mail address where there is no id, and by name only where there is neither: then
    `customer` and `name` are the same column. Refunds may have several columns: refunded, refunded_2 and so on.
    Raises FileRefused where a needed column is missing, asked for in vain, or there twice.
    """
    plain = [_plain(name) for name in header]
    found: dict[str, int] = {}
    for role, names in known.items():
        if role in asked:
            found[role] = _named(header, asked[role])
            continue
        for name in names:
            if name in plain and plain.index(name) not in found.values():
                found[role] = _only(plain, name)
                break
    if "refunded" in known and "refunded" not in found:
        refunds = [number for number, name in enumerate(plain) if _ONE_REFUND.fullmatch(name)]
        found |= {f"refunded_{place}" if place > 1 else "refunded": number for place, number in enumerate(refunds, 1)}
    if found.keys() & {"customer", "email"}:
        found.pop("name", None)
    elif "name" in found:
        found["customer"] = found["name"]
    for role in _NEEDED:
        if role in known and role not in found and not (role == "customer" and "email" in found):
            histories = "x" not in known and _are_histories(plain)
            raise FileRefused(_HISTORIES if histories else _missing(role, header))
    return found


def how_read(roles: Mapping[str, int], header: Sequence[str]) -> dict[str, Any]:
    """For the report: the header of each role's column, what customers are known by, and whether orders have ids.

    Of histories, which have no orders, the last is None.
    """
    columns = sorted(((number, role) for role, number in roles.items() if role != "name"))
    known = [words for role, words in (("customer", "id"), ("email", "e-mail address")) if role in roles]
    return {
        "columns": {role: header[number] for number, role in columns},
        "customers_by": "name" if "name" in roles else " or ".join(known),
        "order_ids": None if "x" in roles else "order" in roles,
    }


def _are_histories(plain: Sequence[str]) -> bool:
    return all(any(name in plain for name in names) for names in SUMMARY_HEADERS.values())


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "_", name.strip().lower()).strip("_")


def _named(header: Sequence[str], wanted: str) -> int:
    for spelt in (lambda name: name, _plain):
        names = [spelt(name) for name in header]
        if spelt(wanted) in names:
            return _only(names, spelt(wanted))
    raise FileRefused(f"There is no column {wanted!r}; the columns are {_listed(header)}.")


def _only(names: Sequence[str], name: str) -> int:
    if names.count(name) > 1:
        raise FileRefused(
            f"The column {name!r} is there {names.count(name)} times; which one is meant cannot be told."
        )
    return names.index(name)


def _missing(role: str, header: Sequence[str]) -> str:
    option = {"x": "", "t_x": "", "T": "", "monetary": ""}.get(role, f" Say which it is with --{role}-column.")
    return f"No column is the {_WHAT[role]}; the columns are {_listed(header)}.{option}"


def _listed(header: Sequence[str]) -> str:
    shown = [repr(name if len(name) <= 40 else name[:39] + "…") for name in header[:20]]
    return ", ".join(shown) + (f" and {len(header) - 20} more" if len(header) > 20 else "")
