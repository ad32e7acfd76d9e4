"""What requests must look like. Fields we do not know are left alone: a newer plugin may send more."""

from datetime import datetime
from typing import Final

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

DELIVERY_TYPES: Final = (
    "order.updated",
    "order.deleted",
    "customer.updated",
    "customer.deleted",
    "review.approved",
    "review.withdrawn",
)
_LARGEST_ID: Final = 2**63 - 1


def _believable(moment: datetime) -> None:
    # Years at either end overflow when they are turned into UTC; no store was open then.
    if not 2000 <= moment.year < 9999:
        raise ValidationError("Not a believable time.")


class _Request(Schema):
    class Meta:
        unknown = EXCLUDE


class DeliverySchema(_Request):
    """The plugin's delivery: what the resource was when the store looked, at ``observed_at``."""

    type = fields.String(required=True, validate=validate.OneOf(DELIVERY_TYPES))
    observed_at = fields.AwareDateTime(required=True, format="iso", validate=_believable)
    # Words for `regulars explain`, which prints them on a terminal.
    causes = fields.List(
        fields.String(validate=validate.Regexp(r"[!-~]{1,40}\Z")), load_default=list, validate=validate.Length(max=50)
    )
    data = fields.Dict(required=True)


class HintSchema(_Request):
    """A native webhook's body, of which only the id counts."""

    id = fields.Integer(required=True, strict=True, validate=validate.Range(1, _LARGEST_ID))


class CallSchema(_Request):
    """A signed call that is not a delivery. ``type`` is signed too, so that none can stand in for another."""

    type = fields.String(required=True)


class VersionsSchema(_Request):
    """What runs in the store, for support."""

    wordpress = fields.String(validate=validate.Length(max=40))
    woocommerce = fields.String(validate=validate.Length(max=40))
    php = fields.String(validate=validate.Length(max=40))
    plugin = fields.String(validate=validate.Length(max=40))


class PairingSchema(_Request):
    """What a store hands over to be connected."""

    code = fields.String(required=True, validate=validate.Length(1, 64))
    site_url = fields.String(required=True, validate=validate.Length(1, 490))
    rest_url = fields.String(required=True, validate=validate.Length(1, 490))
    consumer_key = fields.String(required=True, validate=validate.Regexp(r"ck_[A-Za-z0-9_]{1,100}\Z"))
    consumer_secret = fields.String(required=True, validate=validate.Regexp(r"cs_[A-Za-z0-9_]{1,100}\Z"))
    currency = fields.String(required=True, validate=validate.Regexp(r"[A-Z]{3}\Z"))
    timezone = fields.String(
        required=True, validate=validate.Regexp(r"(?:[+-]\d{2}:\d{2}|[A-Za-z][A-Za-z0-9_+/-]{0,63})\Z")
    )
    versions = fields.Nested(VersionsSchema, load_default=dict)
