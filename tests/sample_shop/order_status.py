"""The life of an order: its status and what follows from it, and refunds, which can change it."""

from decimal import Decimal
from typing import Any

from tests.sample_shop import coupon_use
from tests.sample_shop.dates import stamp
from tests.sample_shop.lines import refresh_price
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, RestError

LIVE = ("pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed")
STATUSES = ("auto-draft", *LIVE, "checkout-draft")
KNOWN = (*STATUSES, "trash")


def paid_status(order: Json) -> str:
    """The status that payment leads to: cash on delivery is paid at delivery."""
    return "processing" if order["needs_processing"] and order["payment_method"] != "cod" else "completed"


def refresh(order: Json) -> None:
    """Set what follows from the order's status and lines."""
    order["is_editable"] = order["status"] in {"pending", "on-hold", "auto-draft"}
    order["needs_payment"] = order["status"] in {"pending", "failed"} and Decimal(order["total"]) > 0
    order["needs_processing"] = any(line["product_id"] for line in order["line_items"])


def touch(state: State, order: Json) -> None:
    """Say that the order was modified now."""
    stamp(order, "date_modified", state.now(), state.zone)


def set_status(state: State, order: Json, status: str) -> None:
    """Change the status with what WooCommerce does then: dates, coupon counts, and the refund of the remainder."""
    status = status if status in KNOWN else "pending"
    changed = order["status"] != status
    order["status"] = status
    state.status_before_trash.pop(order["id"], None)
    refresh(order)
    if not changed:
        return
    paid = {"completed"} if paid_status(order) == "completed" else {"processing", "completed"}
    if status in paid and order["date_paid"] is None:
        stamp(order, "date_paid", state.now(), state.zone)
    if status == "completed" and order["customer_id"] in state.customers:
        state.customers[order["customer_id"]]["is_paying_customer"] = True
    if status == "completed":
        stamp(order, "date_completed", state.now(), state.zone)
    coupon_use.count_use(state, order)
    if status == "refunded":
        _refund_remainder(state, order)
    touch(state, order)


def remaining(order: Json) -> Decimal:
    """What of the order is not refunded yet."""
    return Decimal(order["total"]) + sum((Decimal(entry["total"]) for entry in order["refunds"]), Decimal(0))


def create_refund(state: State, order: Json, amount: Decimal, reason: str, items: list[Json] | None = None) -> Json:
    """Refund an amount of an order; when nothing remains the order becomes refunded.

    Raises RestError 500 if more is asked for than remains.
    """
    if amount < 0 or amount > remaining(order):
        raise RestError.with_bare_status("woocommerce_rest_cannot_create_order_refund", "Invalid refund amount.", 500)
    refund = _record(state, order, amount, reason, items or [])
    state.refunds[refund["id"]] = refund
    entry = {"id": refund["id"], "reason": reason, "total": f"-{refund['amount']}", "total_tax": state.money(0)}
    order["refunds"].insert(0, entry)
    if remaining(order) == 0 and order["status"] != "refunded":
        set_status(state, order, "refunded")
    touch(state, order)
    return refund


def _record(state: State, order: Json, amount: Decimal, reason: str, items: list[Json]) -> Json:
    refund: Json = {"id": state.new_id("post"), "parent_id": order["id"]}
    stamp(refund, "date_created", state.now(), state.zone)
    left = remaining(order) - amount
    known = {line["id"]: line for line in order["line_items"]}
    refund_lines = [_refund_line(state, known[item["id"]], item) for item in items if item.get("id") in known]
    return refund | {
        "amount": state.money(amount),
        "reason": reason,
        "refunded_by": 1,
        "refunded_payment": False,
        "meta_data": [{"id": state.new_id("meta"), "key": "_refund_type", "value": "partial" if left else "full"}],
        "line_items": refund_lines,
        "shipping_lines": [],
        "tax_lines": [],
        "fee_lines": [],
    }


def _refund_line(state: State, line: Json, item: Json) -> Json:
    total = state.money(-Decimal(str(item.get("refund_total", 0))))
    quantity = -int(item.get("quantity") or item.get("qty") or 0)
    origin: Any = {
        "id": state.new_id("meta"),
        "key": "_refunded_item_id",
        "value": str(line["id"]),
        "display_key": "_refunded_item_id",
        "display_value": str(line["id"]),
    }
    changed = {"id": state.new_id("item"), "quantity": quantity, "total": total, "subtotal": total}
    returned = line | changed | {"meta_data": [origin]}
    refresh_price(returned)
    return returned


def _refund_remainder(state: State, order: Json) -> None:
    """What WooCommerce does when an order is given the status refunded."""
    if remaining(order) > 0:
        create_refund(state, order, remaining(order), "Order fully refunded.")
