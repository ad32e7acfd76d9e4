"""Registered customers: reading them, and writing what shoppers see in their account as customer meta."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from connector.domain.orders import CustomerState
from connector.shop.batches import Outcome, chunks, in_halves, outcomes
from connector.shop.client import Param, ShopClient
from connector.shop.errors import ShopRefused
from connector.shop.paging import Page, read_page
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
    return parse_customer(answer.record())


@dataclass(frozen=True, slots=True)
class CustomersCursor:
    """Where a walk through all users stands: at the ``offset``-th, with all up to ``last_id`` read.

    ``steps_back`` counts how often in a row it was gone back without getting further; there is a most of it.
    """

    offset: int = 0
    last_id: int = 0
    steps_back: int = 0


def customers_page(client: ShopClient, offset: int = 0) -> Page[CustomerState]:
    """Return up to 100 registered users of every role, oldest id first.

    Those who register meanwhile come at the end. Guests are not among them: they exist only in orders.
    """
    params: dict[str, Param] = {"_fields": _FIELDS, "order": "asc", "orderby": "id", "role": "all"}
    # Two at least, because pages overlap by one.
    return read_page(client, "customers", params, offset, parse_customer, at_least=2)


def next_customers(page: Page[CustomerState], cursor: CustomersCursor) -> CustomersCursor | None:
    """Return where to read on after ``page``, which ``cursor`` gave, or None at the end.

    Pages overlap by one user. Where that one is not there, users before it were deleted and others have moved up out
    of sight: the walk goes a page back. It does so a few times at most, lest a store that knows no order keep it.
    After a page of one user, where the store says that there are more, it gets on by that one, without overlap.
    """
    first, last = (page.items[0].wc_id, page.items[-1].wc_id) if page.items else (0, 0)
    moved_up = page.offset > 0 and (page.received == 0 or (first > cursor.last_id and not page.rejected))
    if moved_up and cursor.steps_back < _STEPS_BACK:
        return CustomersCursor(max(0, page.offset - page.asked), cursor.last_id, cursor.steps_back + 1)
    if page.is_last:
        return None
    if page.received == 1:
        return CustomersCursor(page.offset + 1, max(last, cursor.last_id), _STEPS_BACK)
    steps = 0 if last > cursor.last_id else cursor.steps_back
    return CustomersCursor(page.offset + page.received - 1, max(last, cursor.last_id), steps)


_STEPS_BACK: Final = 9


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
