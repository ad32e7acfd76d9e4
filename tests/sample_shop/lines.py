"""Lines of an order and the totals they add up to. The sample shop has no taxes."""

from decimal import Decimal
from typing import Any

from tests.sample_shop.meta import update_meta
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, RestError

KINDS = ("line_items", "shipping_lines", "fee_lines")


def set_lines(state: State, order: Json, kind: str, posted: Any) -> None:
    """Add, change (an ``id``) or remove (a null name or product, quantity 0) lines of one kind.

    Raises RestError 400 for a line that is not the order's, or lacks what its kind needs.
    """
    for item in posted if isinstance(posted, list) else []:
        line = _line_of(order, kind, item)
        if _is_removal(item) and line is not None:
            order[kind].remove(line)
        elif line is None:
            order[kind].append(_new_line(state, kind, item))
        else:
            _apply(state, line, item)


def _line_of(order: Json, kind: str, item: Json) -> Json | None:
    if not item.get("id"):
        return None
    for line in order[kind]:
        if line["id"] == item["id"]:
            found: Json = line
            return found
    raise RestError("woocommerce_rest_invalid_item_id", "Order item ID provided is not associated with order.", 400)


def _is_removal(item: Json) -> bool:
    nullable = ("product_id", "method_id", "method_title", "name", "code")
    return any(name in item and item[name] is None for name in nullable) or item.get("quantity", 1) == 0


def _new_line(state: State, kind: str, item: Json) -> Json:
    if kind == "line_items":
        line = _product_line(state, item)
    elif kind == "fee_lines":
        line = _fee_line(item)
    else:
        line = _shipping_line(item)
    line = {"id": state.new_id("item"), **line, "taxes": [], "meta_data": []}
    _apply(state, line, item)
    return line


def _product_line(state: State, item: Json) -> Json:
    if not item.get("product_id") and not item.get("sku"):
        raise RestError("woocommerce_rest_required_product_reference", "Product ID or SKU is required.", 400)
    product = state.products.get(int(item.get("product_id") or 0))
    quantity = int(item.get("quantity", 1))
    total = state.money(Decimal(product["price"] or "0") * quantity) if product else state.money(0)
    return {
        "name": product["name"] if product else "",
        "product_id": product["id"] if product else 0,
        "variation_id": 0,
        "quantity": quantity,
        "tax_class": "",
        "subtotal": total,
        "subtotal_tax": state.money(0),
        "total": total,
        "total_tax": state.money(0),
        "sku": product["sku"] if product else None,
        "global_unique_id": "" if product else None,
        "price": 0,
        "image": {"id": "" if product else 0, "src": ""},
        "parent_name": None,
    }


def _fee_line(item: Json) -> Json:
    if not item.get("name"):
        raise RestError("woocommerce_rest_invalid_fee_item", "Fee name is required.", 400)
    return {"name": "", "tax_class": "", "tax_status": "taxable", "amount": "", "total": "0.00", "total_tax": "0.00"}


def _shipping_line(item: Json) -> Json:
    if not item.get("method_id"):
        raise RestError("woocommerce_rest_invalid_shipping_item", "Shipping method ID is required.", 400)
    return {
        "method_title": "",
        "method_id": "",
        "instance_id": "",
        "total": "0.00",
        "total_tax": "0.00",
        "tax_status": "taxable",
    }


def _apply(state: State, line: Json, item: Json) -> None:
    for name in ("name", "quantity", "tax_class", "tax_status", "method_id", "method_title", "instance_id"):
        if name in item and name in line:
            line[name] = item[name]
    for name in ("total", "subtotal", "total_tax"):
        if name in line:
            line[name] = state.money(item.get(name, line[name]))
    if "subtotal" in line:
        line["subtotal"] = max(line["subtotal"], line["total"], key=Decimal)
    update_meta(state, line["meta_data"], item.get("meta_data"))
    refresh_price(line)


def refresh_price(line: Json) -> None:
    """The price of a product line is what one piece came to after discounts, a number."""
    if "quantity" in line:
        each = float(line["total"]) / line["quantity"] if line["quantity"] else 0
        line["price"] = int(each) if each == int(each) else each


def add_up(state: State, order: Json) -> None:
    """Set the order's totals from its lines."""
    products = [(Decimal(line["subtotal"]), Decimal(line["total"])) for line in order["line_items"]]
    shipping = sum((Decimal(line["total"]) for line in order["shipping_lines"]), Decimal(0))
    fees = sum((Decimal(line["total"]) for line in order["fee_lines"]), Decimal(0))
    order["discount_total"] = state.money(sum(before - after for before, after in products))
    order["shipping_total"] = state.money(shipping)
    order["total"] = state.money(max(Decimal(0), sum(after for _, after in products) + shipping + fees))
