"""wc/v3 bodies, from REST answers and from webhooks alike, read into the states we keep."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from marshmallow import ValidationError, fields, validate

from connector.domain.calendar import birthday
from connector.domain.identity import normalise_email
from connector.domain.money import parse_amount
from connector.domain.orders import CustomerState, OrderLine, OrderState, Refund, ReviewState
from connector.shop.fields import (
    Amount,
    Payload,
    StoreTime,
    Text,
    WholeNumber,
    identifier,
    load,
    storable,
    told_apart,
)

_LONGEST_EMAIL = 320
# No shop on the web is older. Clocks and imports that lose a date write the first second of 1970, and customers of
# half a century would make the whole store look seldom visited.
_FIRST_SHOPS: Final = 1990
ON_SALE: Final = "_regulars_on_sale"
CATEGORIES: Final = "_regulars_categories"
REFUNDED_ITEM: Final = "_refunded_item_id"


class _RefundedLineSchema(Payload):
    total = Amount(required=True)
    total_tax = Amount(load_default="0", allow_none=True)
    meta_data = fields.Raw(load_default=None, allow_none=True)


class _RefundSchema(Payload):
    id = identifier(required=True)
    total = Amount(required=True)
    # An order lists its refunds without these two; whoever sends or reads it adds them from the refunds themselves.
    date_created_gmt = StoreTime(load_default=None, allow_none=True)
    line_items = fields.List(fields.Nested(_RefundedLineSchema), load_default=list)


class _LineSchema(Payload):
    id = identifier(required=True)
    product_id = identifier(load_default=0, allow_none=True)
    variation_id = identifier(load_default=0, allow_none=True)
    quantity = WholeNumber(load_default=0)
    total = Amount(required=True)
    total_tax = Amount(load_default="0", allow_none=True)
    meta_data = fields.Raw(load_default=None, allow_none=True)
    # The product's own, ancestors included; only the plugin sends them.
    regulars_categories = fields.Raw(load_default=None, allow_none=True)


class _CouponLineSchema(Payload):
    code = Text(required=True)
    discount = Amount(load_default="0", allow_none=True)


class _OrderSchema(Payload):
    id = identifier(required=True)
    status = Text(required=True, validate=validate.Length(1, 40))
    currency = fields.String(load_default="", allow_none=True, validate=validate.Regexp(r"(?:[A-Za-z]{3})?\Z"))
    total = Amount(required=True)
    total_tax = Amount(load_default="0", allow_none=True)
    shipping_total = Amount(load_default="0", allow_none=True)
    customer_id = identifier(load_default=0, allow_none=True)
    # PHP writes an empty address as [].
    billing = fields.Raw(load_default=None, allow_none=True)
    date_created_gmt = StoreTime(load_default=None, allow_none=True)
    date_modified_gmt = StoreTime(load_default=None, allow_none=True)
    refunds = fields.List(fields.Nested(_RefundSchema), load_default=list)
    line_items = fields.List(fields.Nested(_LineSchema), load_default=list)
    coupon_lines = fields.List(fields.Nested(_CouponLineSchema), load_default=list)
    # The user who sent this customer; a field that the plugin adds.
    regulars_referrer = fields.Raw(load_default=None, allow_none=True)


class _CustomerSchema(Payload):
    id = identifier(required=True)
    email = fields.String(load_default=None, allow_none=True)
    date_created_gmt = StoreTime(load_default=None, allow_none=True)
    # Fields that the plugin adds.
    regulars_birthday = fields.Raw(load_default=None, allow_none=True)
    regulars_offers = fields.Raw(load_default=None, allow_none=True)


class _ReviewSchema(Payload):
    id = identifier(required=True)
    customer_id = identifier(required=True)
    product_id = identifier(required=True)
    date_created_gmt = StoreTime(required=True)


class _DeletedSchema(Payload):
    id = identifier(required=True)


_ORDER, _CUSTOMER, _REVIEW, _DELETED = _OrderSchema(), _CustomerSchema(), _ReviewSchema(), _DeletedSchema()


def parse_order(payload: object, store_currency: str | None = None) -> OrderState:
    """Return a wc/v3 order as its state: amounts in minor units, times in UTC, refunds positive.

    ``store_currency`` stands in where the order names none. An order without a date of creation counts from its
    last change. A guest has customer 0; an unusable billing address gives no e-mail. Raises PayloadError, also for an
    order from before 1990.
    """
    order = load(_ORDER, payload, "order")
    with told_apart("order", order["id"]):
        return _order(order, store_currency)


def _order(order: dict[str, Any], store_currency: str | None) -> OrderState:
    currency = (order["currency"] or store_currency or "").upper()
    ordered_at = order["date_created_gmt"] or order["date_modified_gmt"]
    if not currency:
        raise ValidationError({"currency": ["is missing"]})
    if ordered_at is None:
        raise ValidationError({"date_created_gmt": ["is missing"]})
    if ordered_at.year < _FIRST_SHOPS:
        raise ValidationError({"date_created_gmt": ["is a date that was lost on the way"]})
    return OrderState(
        wc_id=order["id"],
        status=order["status"].removeprefix("wc-"),
        currency=currency,
        total=_minor("total", order["total"], currency),
        tax=_minor("total_tax", order["total_tax"], currency),
        shipping=_minor("shipping_total", order["shipping_total"], currency),
        wc_customer_id=order["customer_id"] or 0,
        email=_billing_email(order["billing"]),
        ordered_at=ordered_at,
        modified_at=order["date_modified_gmt"] or ordered_at,
        refunds=tuple(_refund(refund, currency) for refund in order["refunds"]),
        lines=_lines(order["line_items"], order["refunds"], currency),
        coupon_codes=tuple(line["code"].lower() for line in order["coupon_lines"]),
        coupon_discounts=_discounts(order["coupon_lines"], currency),
        country=_country(order["billing"]),
        categories=_told_categories(order["line_items"]),
        referrer_wc_id=_id(order["regulars_referrer"]),
    )


def parse_customer(payload: object) -> CustomerState:
    """Return a wc/v3 customer, a registered user, as its state. Raises PayloadError."""
    customer = load(_CUSTOMER, payload, "customer")
    return CustomerState(
        customer["id"],
        _email(customer["email"]),
        customer["date_created_gmt"],
        birthday=_birthday(customer["regulars_birthday"]),
        consent=_CONSENT.get(str(customer["regulars_offers"])),
    )


def parse_review(payload: object) -> ReviewState:
    """Return a review that the plugin delivers as its state. Raises PayloadError."""
    review = load(_REVIEW, payload, "review")
    with told_apart("review", review["id"]):
        if review["date_created_gmt"] is None:
            raise ValidationError({"date_created_gmt": ["is missing"]})
    return ReviewState(review["id"], review["customer_id"], review["product_id"], review["date_created_gmt"])


_CONSENT: Final = {"yes": True, "no": False}


def deleted_id(payload: object) -> int:
    """Return the id in the body of a deletion, which holds nothing else. Raises PayloadError."""
    wc_id: int = load(_DELETED, payload, "deletion")["id"]
    return wc_id


def _minor(field: str, text: str, currency: str) -> int:
    try:
        return parse_amount(text, currency)
    except (ValueError, ArithmeticError):
        raise ValidationError({field: ["is not an amount of money"]}) from None


def _refund(refund: dict[str, Any], currency: str) -> Refund:
    total = abs(_minor("refunds.total", refund["total"], currency))
    return Refund(refund["id"], total, refund["date_created_gmt"])


def _lines(
    lines: Sequence[dict[str, Any]], refunds: Sequence[dict[str, Any]], currency: str
) -> tuple[OrderLine, ...]:
    """Return the order's lines with what all refunds gave back on each."""
    refunded: Counter[int] = Counter()
    for refund in refunds:
        for item in refund["line_items"]:
            # Each line by itself, because that is how it is rounded where it is shown.
            back = _minor("refunds.line_items.total", item["total"], currency)
            back += _minor("refunds.line_items.total_tax", item["total_tax"], currency)
            refunded[_id(_meta(item["meta_data"]).get(REFUNDED_ITEM))] -= back
    return tuple(_line(line, max(0, refunded[line["id"]]), currency) for line in lines)


def _line(line: dict[str, Any], refunded: int, currency: str) -> OrderLine:
    meta = _meta(line["meta_data"])
    return OrderLine(
        wc_id=line["id"],
        product_id=line["product_id"] or 0,
        variation_id=line["variation_id"] or 0,
        quantity=line["quantity"],
        total=_minor("line_items.total", line["total"], currency),
        tax=_minor("line_items.total_tax", line["total_tax"], currency),
        refunded=refunded,
        on_sale=meta.get(ON_SALE) == "yes",
        categories=_bought_from(meta[CATEGORIES]) if CATEGORIES in meta else None,
    )


def _meta(entries: object) -> Mapping[str, object]:
    """Return meta data by key; anything may be in there, and most of it is others'."""
    return {
        entry["key"]: entry.get("value")
        for entry in (entries if isinstance(entries, list) else ())
        if isinstance(entry, dict) and isinstance(entry.get("key"), str)
    }


def _bought_from(text: object) -> tuple[int, ...]:
    """Return the categories a line was bought from ("3,17"), sorted."""
    return tuple(sorted({_id(word) for word in str(text).split(",")} - {0}))


def _told_categories(lines: Sequence[dict[str, Any]]) -> dict[int, frozenset[int]]:
    return {
        line["product_id"]: frozenset(_id(one) for one in line["regulars_categories"]) - {0}
        for line in lines
        if line["product_id"] and isinstance(line["regulars_categories"], list)
    }


def _discounts(coupons: Sequence[dict[str, Any]], currency: str) -> dict[str, int]:
    """Return what each code took off; the store's amounts are without tax."""
    discounts: Counter[str] = Counter()
    for coupon in coupons:
        discounts[coupon["code"].lower()] += _minor("coupon_lines.discount", coupon["discount"], currency)
    return dict(discounts)


def _id(value: object) -> int:
    """Return an id that may be written as text, or 0 for anything else."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdecimal() and len(value) <= _LONGEST_ID:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**_LONGEST_ID else 0


# Eighteen digits fit into a BIGINT, whatever they are.
_LONGEST_ID: Final = 18


def _country(billing: object) -> str:
    code = billing.get("country") if isinstance(billing, dict) else None
    return code.upper() if isinstance(code, str) and len(code) == 2 and code.isascii() and code.isalpha() else ""


def _birthday(value: object) -> str | None:
    """Return "MM-DD" or "YYYY-MM-DD" where that is a day there is, else None."""
    return value if isinstance(value, str) and birthday(value) else None


def _billing_email(billing: object) -> str | None:
    return _email(billing.get("email")) if isinstance(billing, dict) else None


def _email(text: object) -> str | None:
    email = normalise_email(text) if isinstance(text, str) and storable(text) else None
    return email if email is not None and len(email) <= _LONGEST_EMAIL else None
