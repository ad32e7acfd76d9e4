"""Registered customers: reading them, and writing what shoppers see in their account as customer meta."""

from collections.abc import Mapping, Sequence
from functools import partial

from connector.domain.orders import CustomerState
from connector.shop.batches import Outcome, chunks, in_halves, outcomes
from connector.shop.client import ShopClient
from connector.shop.errors import ShopRefused
from connector.shop.paging import PER_PAGE, Page, read_page
from connector.shop.payloads import parse_customer

_FIELDS = "id,email,date_created_gmt,regulars_birthday,regulars_offers"
MetaChange = tuple[int, Mapping[str, str]]
"""A customer's id and the meta to write."""

_NO_SUCH_CUSTOMER = {"wc_user_invalid_id", "woocommerce_rest_invalid_id"}


def customer(client: ShopClient, wc_id: int) -> CustomerState | None:
    """Return a registered customer, or None only where WooCommerce itself says that there is none of this id."""
    try:
        answer = client.get(f"customers/{wc_id:d}", {"_fields": _FIELDS})
    except ShopRefused as refusal:
        if refusal.code in _NO_SUCH_CUSTOMER:
            return None
        raise
    return parse_customer(answer.json)


def customers_page(client: ShopClient, number: int = 1) -> Page[CustomerState]:
    """Return up to 100 registered users of every role, oldest id first.

    Those who register meanwhile come at the end. Guests are not among them: they exist only in orders.
    """
    answer = client.get(
        "customers",
        {
            "_fields": _FIELDS,
            "order": "asc",
            "orderby": "id",
            "page": number,
            "per_page": PER_PAGE,
            "role": "all",
        },
    )
    return read_page(answer, number, parse_customer)


def update_customers_meta(client: ShopClient, changes: Sequence[MetaChange]) -> list[Outcome]:
    """Write each customer's meta (key to text) and return what became of each, in the same order.

    Only the keys given are touched, and writing the same again changes nothing. Sent in batches of up to 100, smaller
    where one customer makes WordPress crash. Where one cannot be sent, ShopUnavailable or ShopRefused is raised and
    the batches before it are written.
    """
    return [outcome for chunk in chunks(changes) for outcome in in_halves(chunk, partial(_write_meta, client))]


def _write_meta(client: ShopClient, changes: list[MetaChange]) -> list[Outcome]:
    # Meta only: WooCommerce refuses other fields for users with a role of their own.
    update = [
        {"id": wc_id, "meta_data": [{"key": key, "value": text} for key, text in meta.items()]}
        for wc_id, meta in changes
    ]
    answer = client.post("customers/batch", {"update": update})
    return outcomes(answer, "update", [wc_id for wc_id, _ in changes])
