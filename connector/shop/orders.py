"""Reading orders: one by its id, or all of them newest first in pages that do not drift."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

from connector.domain.orders import OrderState
from connector.shop.client import Param, ShopClient
from connector.shop.errors import ShopRefused
from connector.shop.paging import Page, read_page
from connector.shop.payloads import parse_order
from connector.shop.refunds import with_refund_details

# Line items cannot be narrowed further: WordPress filters the fields of objects, not of lists inside them.
_FIELDS = (
    "id,status,currency,total,total_tax,shipping_total,customer_id,billing.email,billing.country,"
    "date_created_gmt,date_modified_gmt,refunds,line_items,coupon_lines,regulars_referrer"
)
_NO_SUCH_ORDER = "woocommerce_rest_shop_order_invalid_id"


@dataclass(frozen=True, slots=True)
class OrdersCursor:
    """Where a walk through all orders stands: at the ``offset``-th placed before ``before`` (None: of all)."""

    before: datetime | None = None
    offset: int = 0


def order(client: ShopClient, wc_id: int) -> OrderState | None:
    """Return an order as the store has it now, or None where it is no more.

    None is only answered where WooCommerce itself says that the id is no order, or that it is in the trash; every
    other trouble raises, so that a firewall's 404 never looks like a deletion.
    """
    try:
        answer = client.get(f"orders/{wc_id:d}", {"_fields": _FIELDS})
    except ShopRefused as refusal:
        if refusal.code == _NO_SUCH_ORDER:
            return None
        raise
    state = parse_order(*with_refund_details(client, [answer.record()]))
    return None if state.status == "trash" else state


def orders_page(client: ShopClient, before: datetime | None, offset: int = 0) -> Page[OrderState]:
    """Return up to 100 orders, newest first, of those placed strictly before ``before`` (aware; None: of all).

    Drafts of an unfinished checkout and orders in the trash are left out by the store. ``total`` counts the orders
    before ``before``, not all of them. Where orders have refunds, those are read with a second request.
    """
    params: dict[str, Param] = {
        "_fields": _FIELDS,
        "order": "desc",
        "orderby": "date",
        "status": "any",
    }
    if before is not None:
        # Without a suffix: WordPress turns a time that has one into the site's zone, then compares it with UTC.
        params["before"] = before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")
        params["dates_are_gmt"] = True
    return read_page(client, "orders", params, offset, parse_order, complete=partial(with_refund_details, client))


def next_cursor(page: Page[OrderState], cursor: OrdersCursor) -> OrdersCursor | None:
    """Return where to read on after ``page``, which ``cursor`` gave, or None at the end.

    Orders that arrive meanwhile push nothing out of sight, because the next page starts from a time. It starts a
    second late, so that orders of the same second are not skipped: pages overlap, and orders have to be stored by id.
    Where one second holds a whole page, the walk goes on by their number.
    """
    if page.is_last:
        return None
    further = OrdersCursor(cursor.before, page.offset + page.received)
    if not page.items:
        return further
    oldest = min(state.ordered_at for state in page.items).replace(microsecond=0) + timedelta(seconds=1)
    # Never backwards: in the hour that summer time skips, WordPress reads a time as an hour later.
    return OrdersCursor(oldest) if cursor.before is None or oldest < cursor.before else further
