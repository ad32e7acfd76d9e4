"""Reports over HTTP, for the store that signed the call: points outstanding, effect, value."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify, request
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connector.db import effects, purchases, reports
from connector.db.session import reading
from connector.domain.calendar import local_day
from connector.domain.history import epoch_day
from connector.domain.liability import ageing_csv, months_csv
from connector.domain.store_value import store_value
from connector.web.api import invalid, signed_call

blueprint = Blueprint("reports", __name__)

_TABLES: Final = {"months": months_csv, "ageing": ageing_csv}
_LONGEST_DAYS: Final = 3_650


class _Asked(Schema):
    class Meta:
        unknown = EXCLUDE


class TableSchema(_Asked):
    """Which table of the liability report is wanted as CSV."""

    table = fields.String(load_default="months", validate=validate.OneOf(tuple(_TABLES)))


class EffectSchema(_Asked):
    """Of which campaign (none: the programme as a whole), and within how many days after eligibility."""

    campaign = fields.String(
        load_default=None,
        validate=validate.Regexp(r"[a-z0-9][a-z0-9_-]{0,39}\Z", error="Must be the name of a campaign."),
    )
    days = fields.Integer(load_default=90, validate=validate.Range(1, _LONGEST_DAYS))


class ValueSchema(_Asked):
    """Over how many days up to today."""

    days = fields.Integer(load_default=365, validate=validate.Range(1, _LONGEST_DAYS))


@blueprint.get("/v1/reports/liability")
def show_liability() -> Response:
    """Answer points outstanding, their value, ages and expected breakage, and the roll-forward by month."""
    call = signed_call()
    with reading(call.parts.engine) as connection:
        return jsonify(reports.points_outstanding(connection, call.store, call.now).to_json())


@blueprint.get("/v1/reports/liability.csv")
def show_liability_as_csv() -> Response:
    """Answer one of the tables of the liability report for a spreadsheet."""
    call = signed_call()
    table = _asked(TableSchema())["table"]
    with reading(call.parts.engine) as connection:
        report = reports.points_outstanding(connection, call.store, call.now)
    answer = Response(_TABLES[table](report), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="points-{table}.csv"'
    return answer


@blueprint.get("/v1/reports/effect")
def show_effect() -> Response:
    """Answer what a campaign, or the whole programme, changed in net margin per customer."""
    call = signed_call()
    asked = _asked(EffectSchema())
    with reading(call.parts.engine) as connection:
        found = effects.measure(connection, call.store, asked["campaign"], asked["days"], call.now)
        campaigns = effects.campaigns_of(connection, call.store.id)
    return jsonify(
        campaign=asked["campaign"],
        horizon_days=asked["days"],
        currency=call.store.currency,
        findings=[finding.to_json() for finding in found],
        campaigns=campaigns,
    )


@blueprint.get("/v1/reports/value")
def show_value() -> Response:
    """Answer the store's figures, cohorts, concentration and the time between orders."""
    call = signed_call()
    asked = _asked(ValueSchema())
    with reading(call.parts.engine) as connection:
        bought = purchases.read(connection, call.store.id)
    today = epoch_day(local_day(call.now, call.store.zone))
    return jsonify({"currency": call.store.currency, **store_value(bought, today, asked["days"])})


def _asked(schema: Schema) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = schema.load(request.args.to_dict())
    except ValidationError as error:
        raise invalid(error.messages_dict) from None
    return loaded
