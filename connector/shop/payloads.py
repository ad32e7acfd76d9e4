"""wc/v3 bodies, from REST answers and from webhooks alike, read into the states we keep."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connector.domain.identity import normalise_email
from connector.domain.money import parse_amount
from connector.domain.orders import CustomerState, OrderLine, OrderState, Refund
from connector.shop.answers import error_in
from connector.shop.errors import PayloadError

_LARGEST_ID = 2**63 - 1
_LARGEST_COUNT = 10**9
_FIRST_YEAR, _LAST_YEAR = 1970, 9000
_LONGEST_EMAIL = 320


class _Amount(fields.Field[str]):
    """A decimal string; a plugin may send a number instead. Null and empty are nothing, as in WooCommerce."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        if value is None:
            return "0"
        if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
            raise ValidationError("is not an amount of money")
        # str() of a float is the shortest text that means it: the digits the store wrote.
        return str(value)


class StoreTime(fields.Field[datetime | None]):
    """``date_…_gmt``: UTC without saying so. A suffix is believed; null, empty and MySQL's zero date are None."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> datetime | None:
        if value is None or value == "" or (isinstance(value, str) and value.startswith(("0000", "-0001"))):
            return None
        try:
            moment = datetime.fromisoformat(value)  # type: ignore[arg-type]
            moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
        except (TypeError, ValueError, OverflowError) as error:
            raise ValidationError("is not a time") from error
        if not _FIRST_YEAR <= moment.year <= _LAST_YEAR:
            raise ValidationError("is not a believable time")
        return moment


class _WholeNumber(fields.Field[int]):
    """A count of believable size. Stores that sell by weight have fractions, of which the whole part is kept."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> int:
        try:
            number = Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError("is not a number") from error
        if not number.is_finite() or number.copy_abs() >= _LARGEST_COUNT:
            raise ValidationError("is not a believable number")
        return int(number)


class _Text(fields.String):
    """Text that a database can hold: no NUL, no half of a surrogate pair."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not _storable(text):
            raise ValidationError("holds what is not text")
        return text


def _identifier(**options: Any) -> fields.Integer:
    return fields.Integer(strict=True, validate=validate.Range(0, _LARGEST_ID), **options)


class _Payload(Schema):
    class Meta:
        unknown = EXCLUDE


class _RefundSchema(_Payload):
    id = _identifier(required=True)
    total = _Amount(required=True)


class _LineSchema(_Payload):
    id = _identifier(required=True)
    product_id = _identifier(load_default=0, allow_none=True)
    variation_id = _identifier(load_default=0, allow_none=True)
    quantity = _WholeNumber(load_default=0)
    total = _Amount(required=True)
    total_tax = _Amount(load_default="0", allow_none=True)


class _CouponLineSchema(_Payload):
    code = _Text(required=True)


class _OrderSchema(_Payload):
    id = _identifier(required=True)
    status = _Text(required=True, validate=validate.Length(1, 40))
    currency = fields.String(load_default="", allow_none=True, validate=validate.Regexp(r"(?:[A-Za-z]{3})?\Z"))
    total = _Amount(required=True)
    total_tax = _Amount(load_default="0", allow_none=True)
    shipping_total = _Amount(load_default="0", allow_none=True)
    customer_id = _identifier(load_default=0, allow_none=True)
    # PHP writes an empty address as [].
    billing = fields.Raw(load_default=None, allow_none=True)
    date_created_gmt = StoreTime(load_default=None, allow_none=True)
    date_modified_gmt = StoreTime(load_default=None, allow_none=True)
    refunds = fields.List(fields.Nested(_RefundSchema), load_default=list)
    line_items = fields.List(fields.Nested(_LineSchema), load_default=list)
    coupon_lines = fields.List(fields.Nested(_CouponLineSchema), load_default=list)


class _CustomerSchema(_Payload):
    id = _identifier(required=True)
    email = fields.String(load_default=None, allow_none=True)
    date_created_gmt = StoreTime(load_default=None, allow_none=True)


class _DeletedSchema(_Payload):
    id = _identifier(required=True)


_ORDER, _CUSTOMER, _DELETED = _OrderSchema(), _CustomerSchema(), _DeletedSchema()


def parse_order(payload: object, store_currency: str | None = None) -> OrderState:
    """Return a wc/v3 order as its state: amounts in minor units, times in UTC, refunds positive.

    ``store_currency`` stands in where the order names none. An order without a date of creation counts from its
    last change. A guest has customer 0; an unusable billing address gives no e-mail. Raises PayloadError.
    """
    order = load(_ORDER, payload, "order")
    currency = (order["currency"] or store_currency or "").upper()
    ordered_at = order["date_created_gmt"] or order["date_modified_gmt"]
    if not currency:
        raise _bad("order", {"currency": ["is missing"]})
    if ordered_at is None:
        raise _bad("order", {"date_created_gmt": ["is missing"]})
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
        refunds=tuple(
            Refund(refund["id"], abs(_minor("refunds.total", refund["total"], currency)))
            for refund in order["refunds"]
        ),
        lines=tuple(_line(line, currency) for line in order["line_items"]),
        coupon_codes=tuple(line["code"].lower() for line in order["coupon_lines"]),
    )


def parse_customer(payload: object) -> CustomerState:
    """Return a wc/v3 customer, a registered user, as its state. Raises PayloadError."""
    customer = load(_CUSTOMER, payload, "customer")
    return CustomerState(customer["id"], _email(customer["email"]), customer["date_created_gmt"])


def deleted_id(payload: object) -> int:
    """Return the id in the body of a deletion, which holds nothing else. Raises PayloadError."""
    wc_id: int = load(_DELETED, payload, "deletion")["id"]
    return wc_id


def load(schema: Schema, payload: object, what: str) -> dict[str, Any]:
    """Return ``payload`` as ``schema`` reads it, or raise PayloadError naming the fields that are wrong.

    A body in the form of an error is refused as one: a webhook whose owner was deleted delivers such, well signed.
    """
    said = error_in(payload)
    if said is not None:
        raise PayloadError(
            f"The store sent an error in place of the {what} ({said.code}: {said.message}). "
            "If it is a webhook, make a user who manages the shop its owner.",
            fields=("code",),
        )
    if not isinstance(payload, dict):
        raise PayloadError(f"The store sent something that is no {what}.")
    try:
        loaded: dict[str, Any] = schema.load(payload)
    except ValidationError as error:
        raise _bad(what, error.messages) from None
    return loaded


def _bad(what: str, messages: object) -> PayloadError:
    names = tuple(_field_names(messages))
    return PayloadError(f"The store's {what} cannot be read: {', '.join(names)}.", fields=names)


def _field_names(messages: object, path: str = "") -> list[str]:
    # marshmallow nests messages by field and by position in a list: {"refunds": {0: {"total": [...]}}}
    if not isinstance(messages, dict):
        return [path]
    return [
        name
        for key, inner in messages.items()
        for name in _field_names(inner, path if isinstance(key, int) else f"{path}.{key}".strip("."))
    ]


def _minor(field: str, text: str, currency: str) -> int:
    try:
        return parse_amount(text, currency)
    except (ValueError, ArithmeticError):
        raise _bad("order", {field: ["is not an amount of money"]}) from None


def _line(line: dict[str, Any], currency: str) -> OrderLine:
    return OrderLine(
        wc_id=line["id"],
        product_id=line["product_id"] or 0,
        variation_id=line["variation_id"] or 0,
        quantity=line["quantity"],
        total=_minor("line_items.total", line["total"], currency),
        tax=_minor("line_items.total_tax", line["total_tax"], currency),
    )


def _billing_email(billing: object) -> str | None:
    return _email(billing.get("email")) if isinstance(billing, dict) else None


def _email(text: object) -> str | None:
    email = normalise_email(text) if isinstance(text, str) and _storable(text) else None
    return email if email is not None and len(email) <= _LONGEST_EMAIL else None


def _storable(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
