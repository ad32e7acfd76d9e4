"""Coupons on orders: whether one may be used, what it takes off, and how often it was used."""

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from tests.sample_shop import lines
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, RestError

_COUNTING = {"processing", "completed", "on-hold"}


def coupon_by_code(state: State, code: str) -> Json | None:
    """The published coupon of that code, in whatever case."""
    wanted = code.strip().lower()
    for coupon in state.coupons.values():
        if coupon["code"] == wanted and coupon["status"] == "publish":
            return coupon
    return None


def apply_coupons(state: State, order: Json, posted: Any) -> None:
    """Put the coupons of ``coupon_lines`` on an order and take their discount off its lines.

    Raises RestError 400 for a coupon that does not exist or may not be used.
    """
    for item in posted if isinstance(posted, list) else []:
        code = str(item.get("code") or "").strip().lower()
        if code not in {line["code"] for line in order["coupon_lines"]}:
            _apply(state, order, _usable(state, code, order))


def _usable(state: State, code: str, order: Json) -> Json:
    coupon = coupon_by_code(state, code)
    if coupon is None:
        raise _refused(f'Coupon "{code}" cannot be applied because it does not exist.')
    if coupon["usage_limit"] and coupon["usage_count"] >= coupon["usage_limit"]:
        raise _refused(f'Usage limit for coupon "{code}" has been reached.')
    expires = coupon["date_expires_gmt"]
    if expires and datetime.fromisoformat(expires).replace(tzinfo=UTC) < state.now():
        raise _refused(f'Coupon "{code}" has expired.')
    emails = {order["billing"]["email"].lower()}
    customer = state.customers.get(order["customer_id"])
    if customer is not None:
        emails |= {customer["email"].lower(), customer["billing"]["email"].lower()}
    if coupon["email_restrictions"] and not emails & set(coupon["email_restrictions"]):
        raise _refused(f'Please enter a valid email at checkout to use coupon code "{code}".')
    _check_goods(coupon, order)
    return coupon


def _check_goods(coupon: Json, order: Json) -> None:
    """A minimum is spent before discounts. Excluded goods refuse a fixed coupon; a percentage leaves them out."""
    spent = sum((Decimal(line["subtotal"]) for line in order["line_items"]), Decimal(0))
    if Decimal(coupon["minimum_amount"]) > spent:
        raise _refused(f'The minimum spend for coupon "{coupon["code"]}" is {coupon["minimum_amount"]}.')
    eligible = _eligible(coupon, order)
    if coupon["discount_type"] != "fixed_cart" and not eligible:
        raise _refused(f'Sorry, coupon "{coupon["code"]}" is not applicable to selected products.')
    if coupon["discount_type"] == "fixed_cart" and len(eligible) < len(order["line_items"]):
        raise _refused(f'Sorry, coupon "{coupon["code"]}" is not applicable to the products.')


def _eligible(coupon: Json, order: Json) -> list[Json]:
    return [line for line in order["line_items"] if line["product_id"] not in coupon["excluded_product_ids"]]


def _refused(sentence: str) -> RestError:
    return RestError("woocommerce_rest_invalid_coupon", sentence.replace('"', "&quot;"), 400)


def _apply(state: State, order: Json, coupon: Json) -> None:
    amount, off = Decimal(coupon["amount"]), Decimal(0)
    eligible = _eligible(coupon, order)
    whole = sum((Decimal(line["total"]) for line in eligible), Decimal(0))
    for line in eligible:
        total = Decimal(line["total"])
        share = amount / 100 * total if coupon["discount_type"] == "percent" else amount * total / (whole or 1)
        cut = min(total, Decimal(state.money(share)))
        line["total"] = state.money(total - cut)
        lines.refresh_price(line)
        off += cut
    order["coupon_lines"].append(
        {
            "id": state.new_id("item"),
            "code": coupon["code"],
            "discount": f"{off.normalize():f}",
            "discount_tax": "0",
            "meta_data": [_info(state, coupon)],
            "discount_type": coupon["discount_type"],
            "nominal_amount": float(amount),
            "free_shipping": coupon["free_shipping"],
        }
    )
    lines.add_up(state, order)


def _info(state: State, coupon: Json) -> Json:
    """What WooCommerce remembers of a coupon on the order."""
    amount = float(coupon["amount"])
    facts = [coupon["id"], coupon["code"], coupon["discount_type"], int(amount) if amount == int(amount) else amount]
    text = json.dumps(facts, separators=(",", ":"))
    shown = {"display_key": "coupon_info", "display_value": text}
    return {"id": state.new_id("meta"), "key": "coupon_info", "value": text, **shown}


def count_use(state: State, order: Json) -> None:
    """Count the order's coupons as used once it is placed, and as unused again when it is cancelled or trashed."""
    counted = order["id"] in state.counted_coupons
    counts = order["status"] in _COUNTING
    gone = order["status"] in {"cancelled", "failed", "trash", "pending"}
    if counts == counted or not (counts or gone):
        return
    state.counted_coupons.symmetric_difference_update({order["id"]})
    user = str(order["customer_id"] or order["billing"]["email"])
    for line in order["coupon_lines"]:
        coupon = coupon_by_code(state, line["code"])
        if coupon is None:
            continue
        coupon["usage_count"] = max(0, coupon["usage_count"] + (1 if counts else -1))
        if counts:
            coupon["used_by"].append(user)
        elif user in coupon["used_by"]:
            coupon["used_by"].remove(user)
