"""Simulations over HTTP: propose a programme, watch it tried on the store's own history, read what came of it."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, url_for
from sqlalchemy import Row

from connector.db import simulations, work
from connector.db.session import reading, transaction
from connector.domain.programme.document import ProgrammeInvalid, proposed, to_document
from connector.web.api import iso, signed_call
from connector.web.bodies import invalid
from connector.web.offers import offer
from connector.web.problems import Problem
from connector.web.programme import ProposalSchema

blueprint = Blueprint("simulations", __name__)

_PROPOSAL: Final = ProposalSchema()


@blueprint.post("/v1/programme/simulations")
def ask() -> tuple[Response, int, dict[str, str]]:
    """Take a proposed programme, as `PUT /v1/programme` would. Asked again before it is done, it is the same one."""
    call = signed_call()
    try:
        programme = proposed(call.read(_PROPOSAL)["programme"])
    except ProgrammeInvalid as refusal:
        raise invalid({_path(path): said for path, said in refusal.errors.items()}) from None
    with transaction(call.parts.engine) as connection:
        public_id = simulations.ask(connection, call.store.id, to_document(programme), call.now)
        work_id = work.want(connection, call.store.id, "simulate", public_id, call.now)
    offer(call.parts.queue, work_id, "simulate")
    address = url_for("simulations.show", public_id=public_id)
    return jsonify(id=public_id, state=simulations.WAITING), 202, {"Location": address}


@blueprint.get("/v1/programme/simulations/<public_id>")
def show(public_id: str) -> Response:
    """Answer how far a simulation is, and its result once it is done."""
    call = signed_call()
    with reading(call.parts.engine) as connection:
        row = simulations.of(connection, call.store.id, public_id)
    if row is None:
        raise Problem("unknown_simulation", "No simulation of this store has this id. They are kept for 30 days.")
    return jsonify(_answer(row))


def _path(path: str) -> str:
    return path if path == "programme" else f"programme.{path}"


def _answer(row: Row[Any]) -> dict[str, Any]:
    finished = row.finished_at
    return {
        "id": row.public_id,
        "state": row.state,
        "customers_done": row.done,
        "customers_total": row.total,
        "finished_at": finished and iso(finished),
        "result": row.result,
    }
