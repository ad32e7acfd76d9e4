"""Points given, taken and moved by hand, one by one or from a file."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, Response, jsonify
from marshmallow import fields, validate
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from connector.db import adjustments, bulk_adjustments, refreshes, work
from connector.db.adjustments import Act, KeyReused, NotEnough
from connector.db.bulk_adjustments import Plan
from connector.db.session import reading, transaction
from connector.domain.adjusting import LONGEST_REASON, MOST_POINTS, FileUnreadable
from connector.domain.asking import Request, line
from connector.domain.calendar import local_day
from connector.domain.programme.values import switch, whole
from connector.web.api import Call, idempotency_key, known_customer, signed_call
from connector.web.bodies import invalid
from connector.web.offers import offer
from connector.web.problems import Problem
from connector.web.schemas import said

blueprint = Blueprint("adjustments", __name__)


class ActSchema(Request):
    """Why, and who wants it."""

    reason = line(LONGEST_REASON)
    made_by = line(120)


class AdjustmentSchema(ActSchema):
    """How many points; negative ones are taken."""

    points = fields.Integer(
        required=True,
        strict=True,
        validate=[
            validate.Range(-MOST_POINTS, MOST_POINTS, error=f"Must be from -{MOST_POINTS} to {MOST_POINTS}."),
            validate.NoneOf([0], error="Must not be 0."),
        ],
        error_messages=said("Must be a whole number, negative to take points.", "too_large"),
    )


class MergeSchema(ActSchema):
    """Whose account the points go to."""

    into = whole(1, 2**63 - 1, required=True)


class BulkSchema(Request):
    """A CSV file as text. ``apply`` false: only say what it would do."""

    csv = fields.String(required=True, error_messages=said("Must be the text of a CSV file."))
    made_by = line(120)
    reason = line(LONGEST_REASON, required=False)
    apply = switch()


@blueprint.post("/v1/customers/<int:wc_id>/adjustments")
def adjust(wc_id: int) -> tuple[Response, int]:
    """Give or take points: 201 with the balance. The same key and body change nothing more."""
    call = signed_call()
    asked = call.read(AdjustmentSchema())
    act = Act(asked["reason"], asked["made_by"], idempotency_key())

    def do(connection: Connection) -> tuple[Row[Any], list[int]]:
        customer = known_customer(connection, call.store, wc_id)
        return adjustments.adjust(connection, call.store, customer.id, asked["points"], act, call.now), [wc_id]

    return _done(call, do)


@blueprint.post("/v1/customers/<int:wc_id>/merge")
def merge(wc_id: int) -> tuple[Response, int]:
    """Move all points a customer can spend to another one: 201. The same key and body change nothing more."""
    call = signed_call()
    asked = call.read(MergeSchema())
    act = Act(asked["reason"], asked["made_by"], idempotency_key())
    if asked["into"] == wc_id:
        raise invalid({"into": ["Must be another customer."]})

    def do(connection: Connection) -> tuple[Row[Any], list[int]]:
        giver, taker = (known_customer(connection, call.store, one) for one in (wc_id, asked["into"]))
        return adjustments.move(connection, call.store, giver.id, taker.id, act, call.now), [wc_id, asked["into"]]

    return _done(call, do)


@blueprint.post("/v1/adjustments/bulk")
def adjust_many() -> Response:
    """Say what a file would do, row by row, or do it: all of it or nothing, and once for each content."""
    call = signed_call()
    asked = call.read(BulkSchema())
    text, reason = asked["csv"], asked.get("reason", "")
    try:
        if not asked.get("apply", False):
            with reading(call.parts.engine) as connection:
                return jsonify(_plan(call, bulk_adjustments.preview(connection, call.store, text, reason)))
        try:
            plan, owed = _apply(call, text, reason, asked["made_by"])
        except IntegrityError:
            # Another call was first with this file, and it is done now.
            plan, owed = _apply(call, text, reason, asked["made_by"])
    except FileUnreadable as trouble:
        raise invalid({"csv": [str(trouble)]}) from None
    for job, work_id in owed:
        offer(call.parts.queue, work_id, job)
    return jsonify(_plan(call, plan))


def _apply(call: Call, text: str, reason: str, made_by: str) -> tuple[Plan, list[tuple[str, int]]]:
    with transaction(call.parts.engine) as connection:
        plan = bulk_adjustments.apply(connection, call.store, text, reason, made_by, call.now)
        if not plan.done:
            return plan, []
        concerned = sorted({one.customer_id for one in plan.effects})
        return plan, refreshes.ask(connection, call.store.id, concerned, call.now)


def refreshed(connection: Connection, call: Call, wc_ids: Sequence[int]) -> list[tuple[str, int]]:
    """Ask for the standing of these customers to follow; return the work to offer after the commit."""
    subjects = [f"customer:{wc_id}" for wc_id in wc_ids]
    return [("award", work.want(connection, call.store.id, "award", subject, call.now)) for subject in subjects]


def _done(call: Call, do: Callable[[Connection], tuple[Row[Any], list[int]]]) -> tuple[Response, int]:
    try:
        answer, owed = _act(call, do)
    except IntegrityError:
        # Another customer's call was first with this key, and is there now.
        answer, owed = _act(call, do)
    for job, work_id in owed:
        offer(call.parts.queue, work_id, job)
    return jsonify(answer), 201


def _act(
    call: Call, do: Callable[[Connection], tuple[Row[Any], list[int]]]
) -> tuple[dict[str, Any], list[tuple[str, int]]]:
    try:
        with transaction(call.parts.engine) as connection:
            made, concerned = do(connection)
            balance = adjustments.available(connection, call.store.id, made.customer_id)
            answer = {"id": made.id, "points": made.points, "reason": made.reason, "available": balance}
            return answer, refreshed(connection, call, concerned)
    except NotEnough as refusal:
        raise Problem("points_not_enough", str(refusal)) from None
    except KeyReused:
        raise Problem("idempotency_key_reused", "This Idempotency-Key was used for something else.") from None


def _plan(call: Call, plan: Plan) -> dict[str, Any]:
    return {
        "done": plan.done,
        "done_earlier_on": plan.earlier and local_day(plan.earlier, call.store.zone).isoformat(),
        "rows": [
            {
                "line": one.line,
                "customer": one.customer,
                "points": one.points,
                "reason": one.reason,
                "before": one.before,
                "after": one.after,
            }
            for one in plan.effects
        ],
        "mistakes": [{"line": one.line, "sentence": one.sentence} for one in plan.mistakes],
        "points": sum(one.points for one in plan.effects),
    }
