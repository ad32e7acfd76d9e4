"""Refunds: wc/v3/orders/<id>/refunds and wc/v3/refunds. They are objects of their own; the order lists them."""

from decimal import Decimal, InvalidOperation

from tests.sample_shop.meta import update_meta
from tests.sample_shop.order_status import create_refund, remaining, touch
from tests.sample_shop.paging import DATES, PAGE, in_dates, in_ids, in_order, one_of, paged, read_params
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, Request, Response, RestError, is_true

_PARAMS = {
    **PAGE,
    **DATES,
    "order": one_of("asc", "desc", default="desc"),
    "orderby": one_of("date", "id", "include", "title", "slug", "modified", default="date"),
}


def list_order_refunds(state: State, request: Request, order_id: int) -> Response:
    """GET /orders/<id>/refunds, the newest first."""
    found = [refund for refund in state.refunds.values() if refund["parent_id"] == order_id]
    return _listed(state, request, found, f"orders/{order_id}/refunds", with_parent=False)


def list_refunds(state: State, request: Request) -> Response:
    """GET /refunds: of all orders."""
    return _listed(state, request, list(state.refunds.values()), "refunds", with_parent=True)


def _listed(state: State, request: Request, found: list[Json], path: str, *, with_parent: bool) -> Response:
    params = read_params(request.query, _PARAMS)
    found = in_dates(in_ids(found, params), params, state.zone)
    in_order(found, params, {"date": "date_created_gmt", "modified": "date_created_gmt"})
    return paged(
        request, state.rest_link(path), found, params, lambda refund: present(state, refund, with_parent=with_parent)
    )


def present(state: State, refund: Json, *, with_parent: bool = False) -> Json:
    """A refund with its links; only the collection of all refunds names the order."""
    base = f"orders/{refund['parent_id']}"
    links = {
        "self": [{"href": state.rest_link(f"{base}/refunds/{refund['id']}")}],
        "collection": [{"href": state.rest_link(f"{base}/refunds")}],
        "up": [{"href": state.rest_link(base)}],
    }
    return {name: value for name, value in refund.items() if with_parent or name != "parent_id"} | {"_links": links}


def get_refund(state: State, request: Request, order_id: int, refund_id: int) -> Response:
    """GET /orders/<id>/refunds/<id>."""
    return Response(present(state, _found(state, order_id, refund_id)))


def _found(state: State, order_id: int, refund_id: int) -> Json:
    if refund_id not in state.refunds:
        raise RestError("woocommerce_rest_shop_order_refund_invalid_id", "Invalid ID.", 404)
    if order_id not in state.orders:
        raise RestError.with_bare_status("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
    refund = state.refunds[refund_id]
    if refund["parent_id"] != order_id:
        raise RestError.with_bare_status("woocommerce_rest_invalid_order_refund_id", "Invalid order refund ID.", 404)
    return refund


def post_refund(state: State, request: Request, order_id: int) -> Response:
    """POST /orders/<id>/refunds. Without ``api_refund`` false it asks a gateway that cannot."""
    order = state.orders.get(order_id)
    if order is None:
        raise RestError.with_bare_status("woocommerce_rest_invalid_order_id", "Invalid order ID.", 404)
    fields = request.body
    amount = _amount_of(fields)
    if amount < 0:
        raise RestError.with_bare_status(
            "woocommerce_rest_invalid_order_refund", "Refund amount must be greater than zero.", 400
        )
    if fields.get("api_refund", True) is not False and amount <= remaining(order):
        known = order["payment_method"] == "cod"
        sentence = f"The payment gateway for this order does not {'support automatic refunds' if known else 'exist'}."
        raise RestError.with_bare_status("woocommerce_rest_cannot_create_order_refund", sentence, 500)
    refund = create_refund(state, order, amount, str(fields.get("reason") or ""), fields.get("line_items") or [])
    update_meta(state, refund["meta_data"], fields.get("meta_data"))
    address = state.rest_link(f"orders/{order_id}/refunds/{refund['id']}")
    return Response(present(state, refund), 201, {"Location": address})


def _amount_of(fields: Json) -> Decimal:
    given = fields.get("amount")
    if given is None:
        given = sum(
            (Decimal(str(item.get("refund_total", 0))) for item in fields.get("line_items") or []), Decimal(0)
        )
    try:
        return Decimal(str(given))
    except InvalidOperation:
        return Decimal(0)


def delete_refund(state: State, request: Request, order_id: int, refund_id: int) -> Response:
    """DELETE /orders/<id>/refunds/<id>. Refunds know no trash; the order keeps its status."""
    answer = present(state, _found(state, order_id, refund_id))
    if not is_true(request.param("force", default=True)):
        sentence = "The shop_order_refund does not support trashing."
        raise RestError("woocommerce_rest_trash_not_supported", sentence, 501)
    remove(state, order_id, refund_id)
    return Response(answer)


def remove(state: State, order_id: int, refund_id: int) -> None:
    """Delete a refund: the order is worth its amount again."""
    del state.refunds[refund_id]
    order = state.orders[order_id]
    order["refunds"] = [entry for entry in order["refunds"] if entry["id"] != refund_id]
    touch(state, order)
