"""Reports over HTTP, for the store that signed the call: points outstanding, effect, value.

A report is about a whole store, which no request could read in time. So it is answered as a job has last made it, and
made anew when it is an hour old. One that was never made is answered 202 until it is there.
"""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from marshmallow import Schema, fields, validate
from sqlalchemy import Row

from connector.db import store_reports, work
from connector.db.session import StorageUnavailable, reading, transaction
from connector.domain.asking import Request
from connector.domain.liability import Liability, ageing_csv, months_csv
from connector.domain.programme.values import matching
from connector.web.api import Call, iso, signed_call
from connector.web.bodies import load
from connector.web.offers import offer
from connector.web.schemas import known, said

blueprint = Blueprint("reports", __name__)

_TABLES: Final = {"months": months_csv, "ageing": ageing_csv}
_LONGEST_DAYS: Final = 3_650
# Seconds after which it is worth asking again for a report that is being made.
_SOON: Final = 10
_DAYS: Final = f"Must be a whole number from 1 to {_LONGEST_DAYS}."


def _days(default: int) -> fields.Integer:
    return fields.Integer(
        load_default=default,
        validate=validate.Range(1, _LONGEST_DAYS, error=_DAYS),
        error_messages=said(_DAYS, "too_large"),
    )


class _Asked(Request):
    error_messages = {"unknown": "There is no such parameter."}  # noqa: RUF012 - declared so by the base class


class TableSchema(_Asked):
    """Which table of the liability report is wanted as CSV."""

    table = known(tuple(_TABLES))


class EffectSchema(_Asked):
    """Of which campaign (none: the programme as a whole), and within how many days after eligibility."""

    campaign = matching(r"[a-z0-9][a-z0-9_-]{0,39}", "Must be the name of a campaign.")
    days = _days(90)


class ValueSchema(_Asked):
    """Over how many days up to today."""

    days = _days(365)


@blueprint.get("/v1/reports/liability")
def show_liability() -> Response:
    """Answer points outstanding, their value, ages and expected breakage, and the roll-forward by month."""
    call = signed_call()
    _asked(_Asked())
    return _answer(_latest(call, store_reports.LIABILITY))


@blueprint.get("/v1/reports/liability.csv")
def show_liability_as_csv() -> Response:
    """Answer one of the tables of the liability report for a spreadsheet."""
    call = signed_call()
    table = _asked(TableSchema()).get("table", "months")
    report = _latest(call, store_reports.LIABILITY)
    if report is None:
        return _answer(None)
    answer = Response(_TABLES[table](Liability.from_json(report.content)), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="points-{table}.csv"'
    return answer


@blueprint.get("/v1/reports/effect")
def show_effect() -> Response:
    """Answer what a campaign, or the whole programme, changed in net margin per customer."""
    call = signed_call()
    asked = _asked(EffectSchema())
    return _answer(_latest(call, store_reports.effect(asked.get("campaign"), asked["days"])))


@blueprint.get("/v1/reports/value")
def show_value() -> Response:
    """Answer the store's figures, cohorts, concentration and the time between orders."""
    call = signed_call()
    return _answer(_latest(call, store_reports.value(_asked(ValueSchema())["days"])))


def _latest(call: Call, name: str) -> Row[Any] | None:
    """Return the caller's report as it was last made, and let it be made where it is missing or old."""
    with reading(call.parts.engine) as connection:
        report = store_reports.of(connection, call.store.id, name, call.now)
        on_its_way = work.is_owed(connection, call.store.id, "report", name)
    if not on_its_way and not store_reports.is_fresh(report, call.now):
        try:
            _let_make(call, name)
        except StorageUnavailable:
            # The next reader asks again.
            if report is None:
                raise
    return report


def _let_make(call: Call, name: str) -> None:
    with transaction(call.parts.engine) as connection:
        work_id = work.want(connection, call.store.id, "report", name, call.now)
    offer(call.parts.queue, work_id, "report")


def _answer(report: Row[Any] | None) -> Response:
    if report is None:
        answer = jsonify(as_of=None)
        answer.status_code, answer.headers["Retry-After"] = 202, str(_SOON)
        return answer
    return jsonify({**report.content, "as_of": iso(report.as_of)})


def _asked(schema: Schema) -> dict[str, Any]:
    return load(schema, request.args.to_dict())
