"""What stores send of themselves. Fields we do not know are left alone here: a newer plugin may send more."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from marshmallow import EXCLUDE, ValidationError, fields, validate

from connector.domain.asking import Request
from connector.domain.programme.values import ALWAYS, matching, whole

DELIVERY_TYPES: Final = (
    "order.updated",
    "order.deleted",
    "customer.updated",
    "customer.deleted",
    "review.approved",
    "review.withdrawn",
)
_LARGEST_ID: Final = 2**63 - 1
_MOMENT: Final = "Must be a time such as 2026-12-01T09:30:00Z."
_CAUSES: Final = "Must be at most 50 words."


def said(sentence: str, *more: str) -> dict[str, Any]:
    """Return the messages of a field whose one sentence says what it must be; ``more``: other ways of being wrong."""
    return {**ALWAYS, **dict.fromkeys(("invalid", *more), sentence)}


def text(longest: int, *, required: bool = True) -> fields.String:
    """Return a field for text that is not empty where it is required."""
    least = 1 if required else 0
    sentence = f"Must be text of {least} to {longest} characters."
    return fields.String(
        required=required, validate=validate.Length(least, longest, error=sentence), error_messages=said(sentence)
    )


def known(words: Sequence[str], *, required: bool = False) -> fields.String:
    """Return a field for one of a few words."""
    sentence = f"Must be one of: {', '.join(words)}."
    return fields.String(
        required=required, validate=validate.OneOf(words, error=sentence), error_messages=said(sentence)
    )


def _believable(moment: datetime) -> None:
    # Years at either end overflow when they are turned into UTC; no store was open then.
    if not 2000 <= moment.year < 9999:
        raise ValidationError(_MOMENT)


class Told(Request):
    """What a store tells of itself."""

    class Meta:
        """What marshmallow is told."""

        unknown = EXCLUDE


class DeliverySchema(Told):
    """The plugin's delivery: what the resource was when the store looked, at ``observed_at``."""

    type = known(DELIVERY_TYPES, required=True)
    observed_at = fields.AwareDateTime(
        required=True, format="iso", validate=_believable, error_messages=said(_MOMENT, "invalid_awareness")
    )
    # Words for `regulars explain`, which prints them on a terminal.
    causes = fields.List(
        matching(r"[!-~]{1,40}", "Must be a word of at most 40 characters."),
        load_default=list,
        validate=validate.Length(max=50, error=_CAUSES),
        error_messages=said(_CAUSES),
    )
    data = fields.Dict(required=True, error_messages=said("Must be a JSON object."))


class HintSchema(Told):
    """A native webhook's body, of which only the id counts."""

    id = whole(1, _LARGEST_ID, required=True)


class CallSchema(Told):
    """A signed call that is not a delivery. ``type`` is signed too, so that none can stand in for another."""

    type = text(40)


class VersionsSchema(Told):
    """What runs in the store, for support."""

    wordpress = text(40, required=False)
    woocommerce = text(40, required=False)
    php = text(40, required=False)
    plugin = text(40, required=False)


class PairingSchema(Told):
    """What a store hands over to be connected."""

    code = text(64)
    site_url = text(490)
    rest_url = text(490)
    consumer_key = matching(r"ck_[A-Za-z0-9_]{1,100}", "Must be a WooCommerce consumer key, ck_….", required=True)
    consumer_secret = matching(
        r"cs_[A-Za-z0-9_]{1,100}", "Must be a WooCommerce consumer secret, cs_….", required=True
    )
    currency = matching(r"[A-Z]{3}", "Must be a currency's three letters, such as EUR.", required=True)
    timezone = matching(
        r"(?:[+-]\d{2}:\d{2}|[A-Za-z][A-Za-z0-9_+/-]{0,63})",
        "Must be a time zone: an IANA name, or an offset such as +02:00.",
        required=True,
    )
    versions = fields.Nested(VersionsSchema, load_default=dict, error_messages=said("Must be an object.", "type"))
