"""Orders: wc/v3/orders."""

import secrets
from datetime import datetime

from tests.sample_shop import coupon_use, lines
from tests.sample_shop.dates import stamp
from tests.sample_shop.meta import update_meta
from tests.sample_shop.order_status import LIVE, STATUSES, paid_status, refresh, set_status, touch
from tests.sample_shop.paging import (
    DATES,
    PAGE,
    forget_total,
    in_dates,
    in_ids,
    in_order,
    integer,
    invalid_params,
    one_of,
    paged,
    read_params,
    some_of,
)
from tests.sample_shop.snapshot import order_fields
from tests.sample_shop.state import WOOCOMMERCE_VERSION, State
from tests.sample_shop.wire import Json, Request, Response, RestError, is_true

LISTS = (*lines.KINDS, "tax_lines", "coupon_lines", "refunds", "meta_data")
ADDRESS = ("first_name", "last_name", "company", "address_1", "address_2", "city", "state", "postcode", "country")
_PARAMS = {
    **PAGE,
    **DATES,
    "order": one_of("asc", "desc", default="desc"),
    "orderby": one_of("date", "id", "include", "title", "slug", "modified", default="date"),
    "status": some_of("any", "trash", *STATUSES, default="any"),
    "customer": integer(),
}
_SORT = {"date": "date_created_gmt", "modified": "date_modified_gmt"}


def list_orders(state: State, request: Request) -> Response:
    """GET /orders."""
    params = read_params(request.query, _PARAMS)
    found = _matching(state, in_ids(state.orders.values(), params), params)
    in_order(found, params, _SORT)
    answer = paged(request, state.rest_link("orders"), found, params, lambda order: present(state, order))
    return forget_total(answer)


def _matching(state: State, found: list[Json], params: Json) -> list[Json]:
    statuses = set(LIVE) if "any" in params["status"] else set(params["status"])
    found = [order for order in in_dates(found, params, state.zone) if order["status"] in statuses]
    if params["customer"] is not None:
        found = [order for order in found if order["customer_id"] == params["customer"]]
    if params["search"]:
        found = [order for order in found if _mentions(order, params["search"])]
    return found


def _mentions(order: Json, words: str) -> bool:
    return words.lower() in " ".join((order["number"], *map(str, order["billing"].values()))).lower()


def present(state: State, order: Json) -> Json:
    """An order with its links."""
    links = {
        "self": [{"href": state.rest_link(f"orders/{order['id']}")}],
        "collection": [{"href": state.rest_link("orders")}],
        "email_templates": [
            {"embeddable": True, "href": state.rest_link(f"orders/{order['id']}/actions/email_templates")}
        ],
    }
    if order["customer_id"]:
        links["customer"] = [{"href": state.rest_link(f"customers/{order['customer_id']}")}]
    return {**order, **order_fields(state, order), "_links": links}


def found_order(state: State, order_id: int, status: int = 404, sentence: str = "Invalid ID.") -> Json:
    """The order of that id, a trashed one too.

    Raises RestError ``woocommerce_rest_shop_order_invalid_id`` with the given HTTP status.
    """
    order = state.orders.get(order_id)
    if order is None:
        raise RestError("woocommerce_rest_shop_order_invalid_id", sentence, status)
    return order


def get_order(state: State, request: Request, order_id: int) -> Response:
    """GET /orders/<id>."""
    return Response(present(state, found_order(state, order_id)))


def post_order(state: State, request: Request) -> Response:
    """POST /orders."""
    check_fields(request.body)
    order = create(state, request.body)
    return Response(present(state, order), 201, {"Location": state.rest_link(f"orders/{order['id']}")})


def put_order(state: State, request: Request, order_id: int) -> Response:
    """PUT /orders/<id>."""
    check_fields(request.body)
    return Response(present(state, update(state, order_id, request.body)))


def check_fields(fields: Json) -> None:
    """Raise RestError ``rest_invalid_param`` where a field is not what the schema says."""
    if "status" in fields and fields["status"] not in STATUSES:
        sentence = f"status is not one of {', '.join(STATUSES[:-1])}, and {STATUSES[-1]}."
        raise invalid_params({"status": ("rest_not_in_enum", sentence)})
    for name in ("meta_data", "line_items", "coupon_lines"):
        if not isinstance(fields.get(name, []), list):
            raise invalid_params({name: ("rest_invalid_type", f"{name} is not of type array.")})


def skeleton(state: State, order_id: int, placed: datetime | None = None) -> Json:
    """An order with nothing in it yet, dated now unless it was placed at another time."""
    zero = state.money(0)
    blank = dict.fromkeys(ADDRESS, "")
    order_key = f"wc_order_{secrets.token_hex(7)[:13]}"
    order: Json = {
        "id": order_id,
        "parent_id": 0,
        "status": "pending",
        "currency": state.currency,
        "currency_symbol": state.symbol(),
        "version": WOOCOMMERCE_VERSION,
        "prices_include_tax": False,
        **dict.fromkeys(("discount_total", "discount_tax", "shipping_total", "shipping_tax", "cart_tax"), zero),
        "total": zero,
        "total_tax": zero,
        "customer_id": 0,
        "order_key": order_key,
        "billing": {**blank, "email": "", "phone": ""},
        "shipping": {**blank, "phone": ""},
        **dict.fromkeys(("payment_method", "payment_method_title", "transaction_id"), ""),
        **dict.fromkeys(("customer_ip_address", "customer_user_agent", "customer_note", "cart_hash"), ""),
        "created_via": "rest-api",
        "number": str(order_id),
        **{name: [] for name in LISTS},
        "payment_url": f"{state.url}/checkout/order-pay/{order_id}/?pay_for_order=true&key={order_key}",
    }
    stamp(order, "date_created date_modified", placed or state.now(), state.zone)
    stamp(order, "date_completed date_paid", None, state.zone)
    refresh(order)
    return order


def create(state: State, fields: Json) -> Json:
    """Create an order from wc/v3 fields.

    Raises RestError 400 for a customer, line or coupon that is refused. A refused coupon leaves a draft behind.
    """
    if fields.get("id"):
        raise RestError("woocommerce_rest_shop_order_exists", "Cannot create existing shop_order.", 400)
    order = skeleton(state, state.new_id("post"))
    _set_fields(state, order, fields)
    lines.add_up(state, order)
    state.orders[order["id"]] = order
    try:
        coupon_use.apply_coupons(state, order, fields.get("coupon_lines"))
    except RestError as error:
        order["status"] = "checkout-draft"
        error.data["new_draft_order_id"] = order["id"]
        raise
    set_status(state, order, fields.get("status") or "pending")
    if fields.get("set_paid") is True:
        set_status(state, order, paid_status(order))
    return order


def update(state: State, order_id: int, fields: Json) -> Json:
    """Change an order by wc/v3 fields; a status given to a trashed order restores it.

    Raises RestError 400 for an unknown id (message ``ID is invalid.``) or a field that is refused.
    """
    order = found_order(state, order_id, 400, "ID is invalid.")
    _set_fields(state, order, fields)
    if any(name in fields for name in ("billing", "shipping", *lines.KINDS, "coupon_lines")):
        lines.add_up(state, order)
    if "coupon_lines" in fields:
        coupon_use.apply_coupons(state, order, fields["coupon_lines"])
    if fields.get("status"):
        set_status(state, order, fields["status"])
    refresh(order)
    touch(state, order)
    return order


def _set_fields(state: State, order: Json, fields: Json) -> None:
    customer_id = fields.get("customer_id")
    if customer_id and customer_id not in state.customers:
        raise RestError("woocommerce_rest_invalid_customer_id", "Customer ID is invalid.", 400)
    for kind in lines.KINDS:
        lines.set_lines(state, order, kind, fields.get(kind))
    for name in ("billing", "shipping"):
        order[name].update({key: value for key, value in (fields.get(name) or {}).items() if key in order[name]})
    plain = ("customer_id", "currency", "customer_note", "payment_method", "payment_method_title", "transaction_id")
    order.update({name: fields[name] for name in plain if fields.get(name) is not None})
    update_meta(state, order["meta_data"], fields.get("meta_data"))


def delete_order(state: State, request: Request, order_id: int) -> Response:
    """DELETE /orders/<id>: into the trash, or for ever with ``force``. Answers with the order as it was."""
    order = found_order(state, order_id)
    answer = present(state, order.copy())
    if is_true(request.param("force", default=False)):
        remove(state, order_id)
    else:
        trash(state, order_id)
    return Response(answer)


def remove(state: State, order_id: int) -> None:
    """Delete an order and its refunds."""
    for entry in state.orders.pop(order_id)["refunds"]:
        state.refunds.pop(entry["id"], None)
    state.status_before_trash.pop(order_id, None)


def trash(state: State, order_id: int) -> None:
    """Put an order into the trash.

    Raises RestError 410 if it is there already.
    """
    order = state.orders[order_id]
    if order["status"] == "trash":
        raise RestError("woocommerce_rest_already_trashed", "The shop_order has already been deleted.", 410)
    before = order["status"]
    set_status(state, order, "trash")
    state.status_before_trash[order_id] = before


def restore(state: State, order_id: int) -> None:
    """Take an order out of the trash, as the Restore link in WP admin does, with the status it had."""
    set_status(state, state.orders[order_id], state.status_before_trash.get(order_id, "pending"))
