"""Campaigns over HTTP: issue one by hand, see beforehand what that would do, and read what became of it."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, url_for
from sqlalchemy import Row

from connector.db import issues, programmes, work
from connector.db.issues import Asked
from connector.db.session import reading, transaction
from connector.domain.asking import IssueSchema
from connector.domain.money import format_amount
from connector.domain.programme.offer_schema import AudienceSchema
from connector.web.api import Call, iso, signed_call
from connector.web.offers import offer
from connector.web.problems import Problem

blueprint = Blueprint("campaigns", __name__)

_ISSUE: Final = IssueSchema()


@blueprint.post("/v1/campaigns/<name>/issues")
def ask(name: str) -> tuple[Response, int, dict[str, str]]:
    """Take an issue, which is a preview unless it says ``"preview": false``. It is worked on: ask how far it is."""
    call = signed_call()
    wanted = call.read(_ISSUE)
    audience = AudienceSchema().dump(wanted["audience"]) if "audience" in wanted else {}
    asked = Asked(name, wanted["occasion"], wanted["reason"], "the store", audience, wanted.get("preview", True))
    with transaction(call.parts.engine) as connection:
        if programmes.current(connection, call.store.id, call.now).campaign(name) is None:
            raise Problem("unknown_campaign", f"The programme has no campaign {name[:40]!r}.")
        public_id = issues.ask(connection, call.store.id, asked, call.now)
        work_id = work.want(connection, call.store.id, "issue", public_id, call.now)
    offer(call.parts.queue, work_id, "issue")
    address = url_for("campaigns.show", name=name, public_id=public_id)
    return jsonify(id=public_id, state=issues.WAITING), 202, {"Location": address}


@blueprint.get("/v1/campaigns/<name>/issues/<public_id>")
def show(name: str, public_id: str) -> Response:
    """Answer how far an issue is, how many got it, and which rules stopped how many others."""
    call = signed_call()
    with reading(call.parts.engine) as connection:
        row = issues.of(connection, call.store.id, public_id)
    if row is None or row.campaign != name:
        raise Problem("unknown_issue", "This campaign has no issue of this id. Previews are kept for 30 days.")
    return jsonify(_answer(row, call))


def _answer(row: Row[Any], call: Call) -> dict[str, Any]:
    finished = row.finished_at
    return {
        "id": row.public_id,
        "campaign": row.campaign,
        "occasion": row.occasion,
        "preview": row.preview,
        "state": row.state,
        "customers_done": row.done,
        "customers_total": row.total,
        "granted": row.tally.get("granted", 0),
        "had_it_already": row.tally.get("already", 0),
        "suppressed": {rule: count for rule, count in row.tally.items() if rule not in ("granted", "already")},
        "promised": format_amount(row.promised, call.store.currency),
        "finished_at": finished and iso(finished),
    }
