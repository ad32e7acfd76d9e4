"""Personal coupons in the store: one for each entitlement, ever, whatever happens to the connection."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import fields as dataclass_fields
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from marshmallow import EXCLUDE, Schema, fields

from connector.shop.batches import BATCH_LIMIT, Done, Outcome, Refused, in_halves, outcomes
from connector.shop.client import ShopClient
from connector.shop.errors import ShopUnavailable
from connector.shop.fields import StoreTime, load
from connector.shop.paging import parse_each

CAMPAIGN_META = "regulars_campaign"
ENTITLEMENT_META = "regulars_entitlement"
# Coupons made of points name their redemption instead, and the one currency in which they may be used.
REDEMPTION_META = "regulars_redemption"
CURRENCY_META = "regulars_currency"
_CODE_TAKEN = "woocommerce_rest_coupon_code_already_exists"
# What WordPress' sanitize_email leaves alone. It empties or alters the rest without an error, and a coupon restricted
# to nobody is everybody's. An asterisk is a wildcard to WooCommerce.
_KEPT_AS_IT_IS = re.compile(
    r"(?=.{6,320}$)[a-z0-9!#$%&'+/=?^_`{|}~.-]+@[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)+"
)
_OPEN_TO_OTHERS = Refused(
    "email_not_usable", "WordPress would change this address, and the coupon would be open to others."
)
_NOT_THERE = Refused("no_such_coupon", "The store has no coupon for this.", HTTPStatus.NOT_FOUND)
_FIELDS = "id,code,amount,date_expires_gmt,email_restrictions,usage_limit,meta_data"


@dataclass(frozen=True, slots=True)
class CouponDraft:
    """A coupon to be made, for ``email`` alone. ``expires_at`` is aware, or None.

    ``discount_type`` is "percent" or "fixed_cart"; ``amount`` ("10.00") is percent or the store's currency, as is
    ``minimum_amount`` of the cart before any discount. ``usage_limit`` None: as often as its owner likes. Excluded
    goods get no percentage off, but WooCommerce refuses a fixed_cart coupon to a cart that holds any of them.
    ``free_shipping`` needs a free shipping method in the store that asks for a coupon. ``redeemed_in``: the coupon is
    made of points, ``entitlement`` names the redemption, and it may be used in this currency only.
    """

    code: str
    amount: str
    email: str
    expires_at: datetime | None
    campaign: str
    entitlement: str
    description: str = ""
    discount_type: str = "percent"
    minimum_amount: str | None = None
    free_shipping: bool = False
    exclude_sale_items: bool = False
    excluded_products: tuple[int, ...] = ()
    excluded_categories: tuple[int, ...] = ()
    usage_limit: int | None = 1
    individual_use: bool = True
    redeemed_in: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the draft as the outbox keeps it: only what differs from the defaults, and what every coupon has."""
        draft = {field.name: getattr(self, field.name) for field in dataclass_fields(self)}
        kept = {name: value for name, value in draft.items() if name in _ALWAYS or value != _DEFAULTS[name]}
        kept["expires_at"] = None if self.expires_at is None else self.expires_at.isoformat()
        return {name: list(value) if isinstance(value, tuple) else value for name, value in kept.items()}

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> "CouponDraft":
        """Return the draft that `to_json` kept."""
        given = {name: tuple(value) if isinstance(value, list) else value for name, value in kept.items()}
        expires_at = kept["expires_at"] and datetime.fromisoformat(kept["expires_at"])
        return cls(**given | {"expires_at": expires_at})


_DEFAULTS = {field.name: field.default for field in dataclass_fields(CouponDraft)}
_ALWAYS = frozenset({"code", "amount", "email", "expires_at", "campaign", "entitlement", "description"})


@dataclass(frozen=True, slots=True)
class CouponUpdate:
    """What shall be different about a coupon; None leaves it as it is."""

    wc_id: int
    expires_at: datetime | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class CouponState:
    """A published coupon as the store has it. ``campaign`` and ``entitlement`` are None where it is not ours."""

    wc_id: int
    code: str
    amount: str
    emails: tuple[str, ...]
    expires_at: datetime | None
    usage_limit: int | None
    campaign: str | None
    entitlement: str | None


@dataclass(frozen=True, slots=True)
class CouponOutcomes:
    """What became of each coupon, in the order it was asked for."""

    create: list[Outcome]
    update: list[Outcome]
    delete: list[Outcome]


class _CouponSchema(Schema):
    class Meta:
        unknown = EXCLUDE

    id = fields.Integer(strict=True, required=True)
    code = fields.String(required=True)
    amount = fields.String(load_default="0.00")
    date_expires_gmt = StoreTime(load_default=None, allow_none=True)
    email_restrictions = fields.List(fields.String(), load_default=list)
    usage_limit = fields.Integer(load_default=None, allow_none=True)
    meta_data = fields.List(fields.Dict(), load_default=list)


_COUPON = _CouponSchema()

Change = CouponDraft | CouponUpdate | int


def change_coupons(
    client: ShopClient,
    *,
    create: Sequence[CouponDraft] = (),
    update: Sequence[CouponUpdate] = (),
    delete: Sequence[int] = (),
) -> CouponOutcomes:
    """Make, change and delete up to 100 coupons in one request, and say what became of each.

    A code that exists already is looked up: with the same entitlement it is the coupon of an attempt whose answer was
    lost and comes back as Done, adopted; otherwise it stays Refused. Deleting what is gone is Done. An address that
    WordPress would change is Refused (``email_not_usable``) and not sent, because the coupon would be open to others.
    After ShopUnavailable the same call may be repeated as often as needed. ValueError where more than 100 are given.
    """
    changes: list[Change] = [*create, *update, *delete]
    if len(changes) > BATCH_LIMIT:
        raise ValueError(f"a batch holds at most {BATCH_LIMIT} coupons in all")
    sendable = [change for change in changes if _for_one_person(change)]
    sent = iter(in_halves(sendable, partial(_send, client)))
    results = [next(sent) if _for_one_person(change) else _OPEN_TO_OTHERS for change in changes]
    made = _adopt(client, create, results[: len(create)])
    rest = results[len(create) :]
    return CouponOutcomes(made, rest[: len(update)], rest[len(update) :])


def find_coupons(client: ShopClient, wanted: Sequence[tuple[str, str]]) -> list[Outcome]:
    """Return the store's coupon for each (code, entitlement): Done, adopted, or Refused (``gone``) where it has none.

    Each is looked up by itself, and one over which WordPress crashes is Refused, retryable. Every other trouble is
    raised.
    """
    return in_halves(wanted, lambda part: [_found(coupon_by_code(client, part[0][0]), part[0][1])], size=1)


def _found(coupon: CouponState | None, entitlement: str) -> Outcome:
    ours = coupon is not None and coupon.entitlement == entitlement
    return Done(coupon.wc_id, adopted=True) if coupon and ours else _NOT_THERE


def coupon_by_code(client: ShopClient, code: str) -> CouponState | None:
    """Return the published coupon of this code (case does not matter), or None. Drafts and the trash do not count."""
    answer = client.get("coupons", {"code": code, "_fields": _FIELDS})
    found = (parse_coupon(payload) for payload in answer.items())
    return next((coupon for coupon in found if coupon.code == code.lower()), None)


def parse_coupon(payload: object) -> CouponState:
    """Return a wc/v3 coupon as its state. Raises PayloadError."""
    coupon = load(_COUPON, payload, "coupon")
    meta = {entry.get("key"): entry.get("value") for entry in coupon["meta_data"]}
    return CouponState(
        wc_id=coupon["id"],
        code=coupon["code"].lower(),
        amount=coupon["amount"],
        emails=tuple(coupon["email_restrictions"]),
        expires_at=coupon["date_expires_gmt"],
        usage_limit=coupon["usage_limit"],
        campaign=_text(meta.get(CAMPAIGN_META)),
        entitlement=_text(meta.get(ENTITLEMENT_META)) or _text(meta.get(REDEMPTION_META)),
    )


def _send(client: ShopClient, changes: list[Change]) -> list[Outcome]:
    create = [change for change in changes if isinstance(change, CouponDraft)]
    update = [change for change in changes if isinstance(change, CouponUpdate)]
    delete = [change for change in changes if isinstance(change, int)]
    answer = client.post(
        "coupons/batch",
        {
            "create": [new_coupon(draft) for draft in create],
            "update": [_changed(change) for change in update],
            "delete": delete,
        },
    )
    deleted = outcomes(answer, "delete", delete)
    return [
        *outcomes(answer, "create", [None] * len(create)),
        *outcomes(answer, "update", [change.wc_id for change in update]),
        *(_gone_is_done(wc_id, outcome) for wc_id, outcome in zip(delete, deleted, strict=True)),
    ]


def new_coupon(draft: CouponDraft) -> dict[str, object]:
    """Return the fields of wc/v3 that make a coupon."""
    if draft.redeemed_in is None:
        meta = {CAMPAIGN_META: draft.campaign, ENTITLEMENT_META: draft.entitlement}
    else:
        meta = {REDEMPTION_META: draft.entitlement, CURRENCY_META: draft.redeemed_in}
    limits: dict[str, object] = {
        "minimum_amount": draft.minimum_amount,
        "free_shipping": draft.free_shipping,
        "exclude_sale_items": draft.exclude_sale_items,
        "excluded_product_ids": list(draft.excluded_products),
        "excluded_product_categories": list(draft.excluded_categories),
        "usage_limit": draft.usage_limit,
    }
    return {
        "code": draft.code.lower(),
        "discount_type": draft.discount_type,
        "amount": draft.amount,
        "description": draft.description,
        "email_restrictions": [draft.email],
        "individual_use": draft.individual_use,
        **{name: limit for name, limit in limits.items() if limit},
        "meta_data": [{"key": key, "value": value} for key, value in meta.items()],
        **_expiry(draft.expires_at),
    }


def _changed(change: CouponUpdate) -> dict[str, object]:
    email = {} if change.email is None else {"email_restrictions": [change.email]}
    return {"id": change.wc_id, **email, **_expiry(change.expires_at)}


def _expiry(moment: datetime | None) -> dict[str, object]:
    # WooCommerce ignores date_expires_gmt on writing; date_expires with a Z is taken as UTC in every zone.
    return {} if moment is None else {"date_expires": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}


def _for_one_person(change: Change) -> bool:
    email = None if isinstance(change, int) else change.email
    return email is None or _KEPT_AS_IT_IS.fullmatch(email.lower()) is not None


def _adopt(client: ShopClient, drafts: Sequence[CouponDraft], results: list[Outcome]) -> list[Outcome]:
    taken = [
        number
        for number, outcome in enumerate(results)
        if isinstance(outcome, Refused) and outcome.code == _CODE_TAKEN
    ]
    existing = _newest(client) if len(taken) > 1 else {}
    known = {number: coupon for number in taken if (coupon := existing.get(drafts[number].code.lower()))}
    unknown = [number for number in taken if number not in known]
    found = {number: _found(coupon, drafts[number].entitlement) for number, coupon in known.items()}
    looked_up = find_coupons(client, [(drafts[number].code, drafts[number].entitlement) for number in unknown])
    found |= zip(unknown, looked_up, strict=True)
    # The code is somebody else's where it is taken and not by this entitlement.
    return [
        outcome if found.get(number, _NOT_THERE) is _NOT_THERE else found[number]
        for number, outcome in enumerate(results)
    ]


def _newest(client: ShopClient) -> dict[str, CouponState]:
    # An attempt whose answer was lost was most often the last one: one request instead of a hundred.
    try:
        answer = client.get("coupons", {"_fields": _FIELDS, "per_page": client.batch_size})
    except ShopUnavailable as trouble:
        if trouble.status != HTTPStatus.INTERNAL_SERVER_ERROR:
            raise
        return {}
    coupons, _ = parse_each(answer.items(), parse_coupon)
    return {coupon.code: coupon for coupon in coupons}


def _gone_is_done(wc_id: int, outcome: Outcome) -> Outcome:
    return Done(wc_id) if isinstance(outcome, Refused) and outcome.gone else outcome


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
