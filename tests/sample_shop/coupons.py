"""Coupons: wc/v3/coupons. Codes are kept lower-case and are unique among the published."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.sample_shop.coupon_use import coupon_by_code
from tests.sample_shop.dates import moment_of, stamp
from tests.sample_shop.meta import update_meta
from tests.sample_shop.paging import (
    DATES,
    PAGE,
    in_dates,
    in_ids,
    in_order,
    invalid_params,
    one_of,
    paged,
    read_params,
    text,
)
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, Request, Response, RestError, is_email, is_true

_PARAMS = {
    **PAGE,
    **DATES,
    "order": one_of("asc", "desc", default="desc"),
    "orderby": one_of("date", "id", "include", "title", "slug", "modified", default="date"),
    "code": text(),
    "status": text(),
}
_SORT = {"date": "date_created_gmt", "modified": "date_modified_gmt", "title": "code", "slug": "code"}
_TYPES = ("percent", "fixed_cart", "fixed_product")
_PLAIN = ("description", "individual_use", "product_ids", "free_shipping", "status", "exclude_sale_items")
_IDS = ("excluded_product_ids", "product_categories", "excluded_product_categories")
_SPENDS = ("minimum_amount", "maximum_amount")
_LIMITS = ("usage_limit", "usage_limit_per_user", "limit_usage_to_x_items")


def list_coupons(state: State, request: Request) -> Response:
    """GET /coupons: the published, or the one of a ``code``."""
    params = read_params(request.query, _PARAMS)
    found = in_ids(state.coupons.values(), params)
    if params["code"]:
        coupon = coupon_by_code(state, params["code"])
        found = [coupon] if coupon else []
    words = (params["search"] or "").lower()
    found = [
        coupon
        for coupon in in_dates(found, params, state.zone)
        if coupon["status"] == (params["status"] or "publish")
        and words in f"{coupon['code']} {coupon['description']}".lower()
    ]
    in_order(found, params, _SORT)
    return paged(request, state.rest_link("coupons"), found, params, lambda coupon: present(state, coupon))


def present(state: State, coupon: Json) -> Json:
    """A coupon with its links."""
    links = {
        "self": [{"href": state.rest_link(f"coupons/{coupon['id']}")}],
        "collection": [{"href": state.rest_link("coupons")}],
    }
    return {**coupon, "_links": links}


def _found(state: State, coupon_id: int, status: int = 404) -> Json:
    coupon = state.coupons.get(coupon_id)
    if coupon is None:
        raise RestError("woocommerce_rest_shop_coupon_invalid_id", "Invalid ID.", status)
    return coupon


def get_coupon(state: State, request: Request, coupon_id: int) -> Response:
    """GET /coupons/<id>."""
    return Response(present(state, _found(state, coupon_id)))


def post_coupon(state: State, request: Request) -> Response:
    """POST /coupons."""
    if request.body.get("code") is None:
        raise RestError("rest_missing_callback_param", "Missing parameter(s): code", 400, params=["code"])
    check_fields(request.body)
    coupon = create(state, request.body)
    return Response(present(state, coupon), 201, {"Location": state.rest_link(f"coupons/{coupon['id']}")})


def put_coupon(state: State, request: Request, coupon_id: int) -> Response:
    """PUT /coupons/<id>."""
    check_fields(request.body)
    return Response(present(state, update(state, coupon_id, request.body)))


def check_fields(fields: Json) -> None:
    """Raise RestError ``rest_invalid_param`` where a field is not what the schema says."""
    if "discount_type" in fields and fields["discount_type"] not in _TYPES:
        sentence = f"discount_type is not one of {', '.join(_TYPES[:-1])}, and {_TYPES[-1]}."
        raise invalid_params({"discount_type": ("rest_not_in_enum", sentence)})
    for name in ("meta_data", "product_ids", *_IDS):
        if not isinstance(fields.get(name, []), list):
            raise invalid_params({name: ("rest_invalid_type", f"{name} is not of type array.")})


def create(state: State, fields: Json) -> Json:
    """Create a coupon.

    Raises RestError 400 for an empty or taken code, a bad amount or address.
    """
    if fields.get("id"):
        raise RestError("woocommerce_rest_shop_coupon_exists", "Cannot create existing shop_coupon.", 400)
    if not str(fields.get("code") or "").strip():
        raise RestError("woocommerce_rest_empty_coupon_code", "The coupon code cannot be empty.", 400)
    coupon = _skeleton(state)
    _set_fields(state, coupon, fields)
    coupon["id"] = state.new_id("post")
    state.coupons[coupon["id"]] = coupon
    return coupon


def _skeleton(state: State) -> Json:
    coupon: Json = {"id": 0, "code": "", "amount": "0.00", "status": "publish"}
    stamp(coupon, "date_created date_modified", state.now(), state.zone)
    coupon |= {"discount_type": "fixed_cart", "description": ""}
    stamp(coupon, "date_expires", None, state.zone)
    return coupon | {
        "usage_count": 0,
        "individual_use": False,
        "product_ids": [],
        "excluded_product_ids": [],
        **dict.fromkeys(_LIMITS),
        "free_shipping": False,
        "product_categories": [],
        "excluded_product_categories": [],
        "exclude_sale_items": False,
        "minimum_amount": "0.00",
        "maximum_amount": "0.00",
        "email_restrictions": [],
        "used_by": [],
        "meta_data": [],
    }


def update(state: State, coupon_id: int, fields: Json) -> Json:
    """Change a coupon.

    Raises RestError 400 for an unknown id, a taken code, a bad amount or address; then nothing is changed.
    """
    coupon = _found(state, coupon_id, 400)
    changed = {**coupon, "meta_data": [entry.copy() for entry in coupon["meta_data"]]}
    _set_fields(state, changed, fields)
    coupon.update(changed)
    stamp(coupon, "date_modified", state.now(), state.zone)
    return coupon


def _set_fields(state: State, coupon: Json, fields: Json) -> None:
    if fields.get("discount_type") is not None:
        if fields["discount_type"] not in _TYPES:
            raise RestError("coupon_invalid_discount_type", "Invalid discount type.", 400)
        coupon["discount_type"] = fields["discount_type"]
    if fields.get("code") is not None:
        coupon["code"] = _free_code(state, str(fields["code"]), coupon["id"])
    if fields.get("amount") is not None:
        coupon["amount"] = _amount(fields["amount"], coupon["discount_type"])
    if fields.get("date_expires") is not None:
        # There is no setter for date_expires_gmt: WooCommerce ignores it when written.
        stamp(coupon, "date_expires", _expiry(fields["date_expires"], state), state.zone)
    if fields.get("email_restrictions") is not None:
        coupon["email_restrictions"] = _addresses(fields["email_restrictions"])
    coupon.update({name: int(fields[name]) or None for name in _LIMITS if fields.get(name) is not None})
    coupon.update({name: fields[name] for name in _PLAIN if fields.get(name) is not None})
    coupon.update({name: _ids(fields[name]) for name in _IDS if fields.get(name) is not None})
    coupon.update({name: _amount(fields[name], "") for name in _SPENDS if fields.get(name) is not None})
    update_meta(state, coupon["meta_data"], fields.get("meta_data"))


def _ids(values: list[Any]) -> list[int]:
    """Each id once, in the order given; 0 is none."""
    return [number for number in dict.fromkeys(int(value) for value in values) if number]


def _expiry(text: str, state: State) -> datetime | None:
    """When a coupon ends; what is no date is the beginning of Unix time, so that the coupon is over."""
    try:
        return moment_of(text, state.zone) if text else None
    except ValueError:
        return datetime(1970, 1, 1, tzinfo=UTC)


def _free_code(state: State, code: str, own_id: int) -> str:
    holder = coupon_by_code(state, code)
    if holder is not None and holder["id"] != own_id:
        raise RestError("woocommerce_rest_coupon_code_already_exists", "The coupon code already exists", 400)
    return code.strip().lower()


def _amount(value: Any, discount_type: str) -> str:
    try:
        amount = Decimal(str(value))
    except InvalidOperation:
        amount = Decimal(0)
    if amount < 0 or (discount_type == "percent" and amount > 100):
        raise RestError("coupon_invalid_amount", "Invalid discount amount.", 400)
    return str(amount.quantize(Decimal("0.01")))


def _addresses(values: list[str] | str) -> list[str]:
    """Lower-case; what is no address is dropped without a word."""
    addresses = [str(value).strip().lower() for value in (values if isinstance(values, list) else [values])]
    return [address for address in addresses if is_email(address)]


def delete_coupon(state: State, request: Request, coupon_id: int) -> Response:
    """DELETE /coupons/<id>: into the trash, or for ever with ``force``."""
    coupon = _found(state, coupon_id)
    answer = present(state, coupon.copy())
    if is_true(request.param("force", default=False)):
        del state.coupons[coupon_id]
    elif coupon["status"] == "trash":
        raise RestError("woocommerce_rest_already_trashed", "The shop_coupon has already been deleted.", 410)
    else:
        coupon["status"] = "trash"
    return Response(answer)
