"""What a shopper has, and turning points into a coupon, asked for by the store."""

import json
from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from marshmallow import fields
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from connector.db import accounts, outbox, programmes, redeeming, redemptions, standings, work
from connector.db.redeeming import KeyReused, NoAddress
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.asking import Request
from connector.domain.money import format_amount
from connector.domain.programme.values import ALWAYS
from connector.domain.redemption import Refused, limits
from connector.domain.storefront import expiring, redeemable
from connector.shop.coupons import CouponDraft, new_coupon
from connector.web.api import Call, idempotency_key, iso, known_customer, signed_call
from connector.web.offers import offer
from connector.web.problems import Problem

blueprint = Blueprint("redemptions", __name__)


class RedemptionSchema(Request):
    """How many points; what is no whole number is told apart from what is missing."""

    points = fields.Raw(required=True, allow_none=True, error_messages=ALWAYS)


_REDEMPTION: Final = RedemptionSchema()


@blueprint.get("/v1/customers/<int:wc_id>/rewards")
def show_rewards(wc_id: int) -> Response:
    """Answer a customer's balances, tier and what can be redeemed."""
    call = signed_call()
    with reading(call.parts.engine) as connection:
        return jsonify(_rewards(connection, call.store, known_customer(connection, call.store, wc_id), call.now))


@blueprint.post("/v1/customers/<int:wc_id>/redemptions")
def redeem(wc_id: int) -> tuple[Response, int]:
    """Turn points into a coupon: 201 with its terms. The same key and body get the same answer again.

    The key is the call's ``webhook-id`` as well, which the signature covers: a call that somebody sends again within
    the five minutes in which its signature holds cannot take points again under another key.
    """
    call = signed_call()
    key = idempotency_key()
    points = call.read(_REDEMPTION)["points"]
    try:
        answer, wanted = _redeem(call, wc_id, points, key)
    except IntegrityError:
        # Another customer's call was first with this key, and is there now.
        answer, wanted = _redeem(call, wc_id, points, key)
    for job, work_id in wanted.items():
        offer(call.parts.queue, work_id, job)
    return jsonify(answer), 201


def _redeem(call: Call, wc_id: int, points: object, key: str) -> tuple[dict[str, Any], dict[str, int]]:
    with transaction(call.parts.engine) as connection:
        store, now = call.store, call.now
        customer = known_customer(connection, store, wc_id)
        try:
            made = redeeming.redeem(connection, store, customer, points, key, now)
        except KeyReused:
            raise Problem("idempotency_key_reused", "This Idempotency-Key was used for something else.") from None
        except NoAddress:
            raise Problem("no_email", "The customer's account has no e-mail address.") from None
        if isinstance(made, Refused):
            raise Problem(made.code, made.sentence)
        wanted = {
            "award": work.want(connection, store.id, "award", f"customer:{wc_id}", now),
            "write_back": work.want(connection, store.id, "write_back", "", now),
        }
        return _answer(connection, store, customer, made), wanted


def _answer(connection: Connection, store: Store, customer: Row[Any], made: Row[Any]) -> dict[str, Any]:
    """Return what was agreed, by the rules it was agreed under: the same again whenever it is asked."""
    versions = {one.version: one for one in programmes.every(connection, store.id)}
    rules = versions[made.rule_version].redeeming
    left = limits(rules, made.balance_after, store.currency)
    return {
        **_redemption(made),
        "coupon": new_coupon(CouponDraft.from_json(redemptions.coupon(made, customer.email))),
        "balance": made.balance_after,
        "redeeming": redeemable(left, rules, store.currency),
    }


def _redemption(row: Row[Any]) -> dict[str, Any]:
    return {
        "code": row.code,
        "points": row.points,
        "amount": format_amount(row.amount, row.currency),
        "currency": row.currency,
        "reserved_at": iso(row.reserved_at),
        "expires_at": iso(row.expires_at),
    }


def _rewards(connection: Connection, store: Store, customer: Row[Any], now: datetime) -> dict[str, Any]:
    account = accounts.of(connection, store.id, customer.id)
    standing = standings.of(connection, store.id, customer.id)
    held = redeeming.purse(connection, store, customer.id, now)
    return {
        "customer_id": customer.wc_id,
        "currency": store.currency,
        "balance": {
            name: getattr(account, name) if account is not None else 0 for name in ("available", "pending", "owed")
        },
        "expiring": account and expiring(account.expiring, account.expiring_at, store.zone),
        "tier": standing and standing.tier,
        "progress": _progress(connection, store, customer.id),
        "redeeming": redeemable(held.limits(store.currency), held.programme.redeeming, store.currency),
        "redemptions": [_redemption(row) for row in redemptions.live_of(connection, store.id, [customer.id])],
    }


def _progress(connection: Connection, store: Store, customer_id: int) -> dict[str, Any] | None:
    """Return what is still to do for tiers, as the shopper is told; None before there is a standing."""
    told = outbox.held(connection, store.id, outbox.CUSTOMER, [customer_id]).get(customer_id)
    written = told.desired.get("regulars_progress") if told is not None else None
    progress: dict[str, Any] | None = json.loads(written) if written else None
    return progress
