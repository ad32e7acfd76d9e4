"""What the plugin adds to wc/v3: fields of orders and customers, and in its deliveries what else belongs to them."""

from tests.sample_shop.catalogue import with_ancestors
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, copied

ON_SALE, CATEGORIES, REFERRER = "_regulars_on_sale", "_regulars_categories", "_regulars_referrer"
BIRTHDAY, OFFERS = "regulars_birthday", "regulars_offers"


def order_fields(state: State, order: Json) -> Json:
    """Fields of an order that the plugin registers, in REST answers and deliveries alike."""
    return {"regulars_referrer": int(_meta(order).get(REFERRER, 0))} if state.has_plugin else {}


def customer_fields(state: State, customer: Json) -> Json:
    """Fields of a customer that the plugin registers; empty where the customer has said nothing."""
    meta = _meta(customer)
    return {name: meta.get(name, "") for name in (BIRTHDAY, OFFERS)} if state.has_plugin else {}


def delivered_order(state: State, order: Json) -> Json:
    """An order as the plugin delivers it: its refunds with date and lines, its products with their categories."""
    body: Json = copied({**order, **order_fields(state, order)})
    body["refunds"] = [_detailed(state, entry) for entry in body["refunds"]]
    for line in body["line_items"]:
        product = state.products.get(line["product_id"])
        if product is not None and CATEGORIES not in _meta(line):
            line["regulars_categories"] = with_ancestors(state, product)
    return body


def delivered_customer(state: State, customer: Json) -> Json:
    """A customer as the plugin delivers it: without meta, as WooCommerce shows that to administrators only."""
    body: Json = copied({**customer, **customer_fields(state, customer)})
    return body


def sale_meta(state: State, product: Json) -> list[Json]:
    """What the plugin writes on a line at checkout: the product's categories, and whether it was on sale."""
    kept = [{"key": CATEGORIES, "value": ",".join(map(str, with_ancestors(state, product)))}]
    return kept + ([{"key": ON_SALE, "value": "yes"}] if product["on_sale"] else [])


def _detailed(state: State, entry: Json) -> Json:
    refund = state.refunds[entry["id"]]
    lines = [
        {name: line[name] for name in ("id", "total", "total_tax")}
        | {"meta_data": [{name: one[name] for name in ("key", "value")} for one in line["meta_data"]]}
        for line in refund["line_items"]
    ]
    return entry | {"date_created_gmt": refund["date_created_gmt"], "line_items": lines}


def _meta(record: Json) -> Json:
    return {entry["key"]: entry["value"] for entry in record["meta_data"]}
