"""What wc/v3 bodies are made of, read field by field with the store's carelessness allowed for."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connector.shop.answers import error_in
from connector.shop.errors import PayloadError

_LARGEST_ID = 2**63 - 1
_LARGEST_COUNT = 10**9
_FIRST_YEAR, _LAST_YEAR = 1970, 9000


class Amount(fields.Field[str]):
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


class WholeNumber(fields.Field[int]):
    """A count of believable size. Stores that sell by weight have fractions, of which the whole part is kept."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> int:
        try:
            number = Decimal(str(value))
        except ArithmeticError as error:
            raise ValidationError("is not a number") from error
        if not number.is_finite() or number.copy_abs() >= _LARGEST_COUNT:
            raise ValidationError("is not a believable number")
        return int(number)


class Text(fields.String):
    """Text that a database can hold: no NUL, no half of a surrogate pair."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if not storable(text):
            raise ValidationError("holds what is not text")
        return text


def identifier(**options: Any) -> fields.Integer:
    """Return a field for WooCommerce's ids, as large as a database takes them."""
    return fields.Integer(strict=True, validate=validate.Range(0, _LARGEST_ID), **options)


class Payload(Schema):
    """A body of which only the named fields matter."""

    class Meta:  # noqa: D106 - marshmallow's own word for options
        unknown = EXCLUDE


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
    with told_apart(what, payload.get("id")):
        loaded: dict[str, Any] = schema.load(payload)
    return loaded


@contextmanager
def told_apart(what: str, number: object) -> Iterator[None]:
    """Turn a ValidationError of the block into a PayloadError that says whose fields are wrong, and which."""
    try:
        yield
    except ValidationError as error:
        names = tuple(_field_names(error.messages))
        which = f"{what} {number}" if isinstance(number, int) and not isinstance(number, bool) else what
        raise PayloadError(f"The store's {which} cannot be read: {', '.join(names)}.", fields=names) from None


def _field_names(messages: object, path: str = "") -> list[str]:
    # marshmallow nests messages by field and by position in a list: {"refunds": {0: {"total": [...]}}}
    if not isinstance(messages, dict):
        return [path]
    return [
        name
        for key, inner in messages.items()
        for name in _field_names(inner, path if isinstance(key, int) else f"{path}.{key}".strip("."))
    ]


def storable(text: str) -> bool:
    """Say whether a database can hold a text."""
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
