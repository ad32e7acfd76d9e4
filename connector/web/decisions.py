"""What a person decides about a customer: to block them, or to give them a tier for a while."""

from datetime import date
from typing import Any

from flask import Blueprint, Response, jsonify, request
from marshmallow import fields
from sqlalchemy import Connection, Row

from connector.db import blocks, calls, customers, programmes, tier_overrides
from connector.db.session import transaction
from connector.domain.asking import line
from connector.domain.calendar import local_day
from connector.domain.tiers import Override, wrong_last_day
from connector.web.adjustments import ActSchema, refreshed
from connector.web.api import Call, known_customer, signed_call
from connector.web.bodies import invalid
from connector.web.offers import offer
from connector.web.schemas import said

blueprint = Blueprint("decisions", __name__)


class TierSchema(ActSchema):
    """Which tier, and its last day (None: until it is ended)."""

    tier = line(24)
    until = fields.Date(
        allow_none=True,
        load_default=None,
        error_messages=said("Must be a date such as 2026-12-31, or null for as long as nobody ends it."),
    )


@blueprint.post("/v1/customers/<int:wc_id>/blocks")
def block(wc_id: int) -> Response:
    """Let a customer earn and redeem nothing from now on. Who is blocked already stays so."""
    call = signed_call()
    asked = call.read(ActSchema())
    with transaction(call.parts.engine) as connection:
        customer = _locked(connection, call, wc_id)
        if calls.is_first(connection, call.store.id, request.headers["webhook-id"], call.now):
            blocks.begin(connection, call.store.id, customer.id, asked["reason"], asked["made_by"], call.now)
        owed = refreshed(connection, call, [wc_id])
        answer = _blocked(connection, call, customer)
    return _answered(call, answer, owed)


@blueprint.delete("/v1/customers/<int:wc_id>/blocks")
def unblock(wc_id: int) -> Response:
    """Let a customer earn and redeem again. What they ordered meanwhile stays without points."""
    call = signed_call()
    with transaction(call.parts.engine) as connection:
        customer = _locked(connection, call, wc_id)
        if calls.is_first(connection, call.store.id, request.headers["webhook-id"], call.now):
            blocks.end(connection, call.store.id, customer.id, call.now)
        owed = refreshed(connection, call, [wc_id])
        answer = _blocked(connection, call, customer)
    return _answered(call, answer, owed)


@blueprint.put("/v1/customers/<int:wc_id>/tier-override")
def give_tier(wc_id: int) -> Response:
    """Give a customer a tier from today on: nobody falls below it while it lasts."""
    call = signed_call()
    asked = call.read(TierSchema())
    today = local_day(call.now, call.store.zone)
    with transaction(call.parts.engine) as connection:
        customer = _locked(connection, call, wc_id)
        names = [tier.name for tier in programmes.current(connection, call.store.id, call.now).tiers]
        if asked["tier"] not in names:
            raise invalid({"tier": [f"There is no such tier. There are: {', '.join(names)}."]})
        if refusal := wrong_last_day(asked["until"], today):
            raise invalid({"until": [refusal]})
        given = Override(asked["tier"], today, asked["until"])
        if calls.is_first(connection, call.store.id, request.headers["webhook-id"], call.now):
            tier_overrides.give(connection, call.store.id, customer.id, given, asked["reason"], asked["made_by"])
        owed = refreshed(connection, call, [wc_id])
        answer = _given(connection, call, customer, today)
    return _answered(call, answer, owed)


@blueprint.delete("/v1/customers/<int:wc_id>/tier-override")
def end_tier(wc_id: int) -> Response:
    """End what a person gave: from today on the tier is the one that is earned."""
    call = signed_call()
    today = local_day(call.now, call.store.zone)
    with transaction(call.parts.engine) as connection:
        customer = _locked(connection, call, wc_id)
        if calls.is_first(connection, call.store.id, request.headers["webhook-id"], call.now):
            tier_overrides.end(connection, call.store.id, customer.id, today)
        owed = refreshed(connection, call, [wc_id])
        answer = _given(connection, call, customer, today)
    return _answered(call, answer, owed)


def _locked(connection: Connection, call: Call, wc_id: int) -> Row[Any]:
    customer = known_customer(connection, call.store, wc_id)
    customers.lock(connection, call.store.id, [customer.id])
    return customer


def _blocked(connection: Connection, call: Call, customer: Row[Any]) -> dict[str, Any]:
    held = blocks.of_customers(connection, call.store.id, [customer.id])
    return {"blocked": any(one.covers(customer.id, call.now) for one in held)}


def _given(connection: Connection, call: Call, customer: Row[Any], today: date) -> dict[str, Any]:
    given = tier_overrides.holding(connection, call.store.id, customer.id, today)
    if given is None:
        return {"tier": None, "from": None, "until": None}
    return {"tier": given.tier, "from": given.from_day, "until": given.until_day}


def _answered(call: Call, answer: dict[str, Any], owed: list[tuple[str, int]]) -> Response:
    told = {name: value.isoformat() if isinstance(value, date) else value for name, value in answer.items()}
    for job, work_id in owed:
        offer(call.parts.queue, work_id, job)
    return jsonify(told)
