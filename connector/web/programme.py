"""The programme over HTTP: read it, and save it as the next version."""

from datetime import datetime
from typing import Any, Final

from flask import Blueprint, Response, jsonify
from marshmallow import ValidationError, fields, validate
from sqlalchemy import Connection

from connector.db import backfills, programmes, work
from connector.db.programmes import StaleVersion
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.asking import Request
from connector.domain.programme import Programme
from connector.domain.programme.document import ProgrammeInvalid, proposed, to_document
from connector.web.api import Call, iso, signed_call
from connector.web.bodies import invalid
from connector.web.offers import offer
from connector.web.problems import Problem
from connector.web.schemas import said

blueprint = Blueprint("programme", __name__)

_MOMENT: Final = "Must be a time such as 2026-12-01T00:00:00Z, or null to cover the past too."
_VERSION: Final = "Must be the version that was read."
_PROGRAMME: Final = "Must be the programme."


def _in_this_era(moment: datetime) -> None:
    if not 2000 <= moment.year < 3000:
        raise ValidationError(_MOMENT)


class ProposalSchema(Request):
    """A programme, to be read by `proposed`."""

    programme = fields.Raw(required=True, error_messages={"required": _PROGRAMME, "null": _PROGRAMME})


class SavingSchema(ProposalSchema):
    """``effective_from``: left out it is now, so that no points move that were earned before."""

    version = fields.Integer(
        required=True,
        strict=True,
        validate=validate.Range(1, 2**31 - 1, error=_VERSION),
        error_messages={**said("Must be a whole number.", "too_large"), "required": _VERSION},
    )
    effective_from = fields.AwareDateTime(
        format="iso",
        allow_none=True,
        validate=_in_this_era,
        error_messages=said(_MOMENT, "invalid_awareness"),
    )


_SAVING: Final = SavingSchema()


@blueprint.get("/v1/programme")
def show() -> Response:
    """Answer the newest version, in force or to come, with the number to save the next one by."""
    call = signed_call()
    with reading(call.parts.engine) as connection:
        return jsonify(_answer(programmes.latest(connection, call.store.id)))


@blueprint.put("/v1/programme")
def save() -> Response:
    """Save the next version. Sent again, the same call is refused: its version is no longer the newest.

    Whoever read an older version gets 409 and loses nothing; wrong settings get 422, each with its path.
    """
    call = signed_call()
    version, effective_from, wanted = _wanted(call)
    try:
        with transaction(call.parts.engine) as connection:
            saved = programmes.save(connection, call.store.id, wanted, version, effective_from, call.now)
            owed = _consequences(connection, call.store, saved, call.now)
    except StaleVersion as stale:
        raise Problem(
            "version_conflict",
            f"The programme was changed meanwhile; it is at version {stale.latest} now. Read it and change that one.",
            errors={"version": [f"Version {stale.latest} is the newest."]},
        ) from None
    for job, work_id in owed.items():
        offer(call.parts.queue, work_id, job)
    return jsonify(_answer(saved))


def _wanted(call: Call) -> tuple[int, datetime | None, Programme]:
    asked = call.read(_SAVING)
    try:
        wanted = proposed(asked["programme"])
    except ProgrammeInvalid as refusal:
        raise invalid(refusal.errors) from None
    return asked["version"], asked.get("effective_from", call.now), wanted


def _consequences(connection: Connection, store: Store, saved: Programme, now: datetime) -> dict[str, int]:
    """Ask for what follows: orders counted anew, points, and everybody's standing once there is a history.

    What orders count for changes when the version begins to hold; it is recounted then.
    """
    owed = {}
    if any(one.counting != saved.counting for one in programmes.every(connection, store.id)):
        begins = max(now, saved.effective_from or now)
        owed["recount"] = work.want(connection, store.id, "recount", f"version {saved.version}", begins)
    if backfills.is_complete(connection, store.id):
        owed |= {job: work.want(connection, store.id, job, "", now) for job in ("settle_due", "score")}
    return owed


def _answer(programme: Programme) -> dict[str, Any]:
    begins = programme.effective_from
    return {
        "version": programme.version,
        "effective_from": begins and iso(begins),
        "programme": to_document(programme),
    }
