"""Report: work out what somebody asked to read about a whole store, and keep it with its moment."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection

from connector.db import effects, purchases, reports, standings, store_reports, stores, work
from connector.db.session import reading, transaction
from connector.db.store_reports import EFFECT, LIABILITY, VALUE
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.calendar import local_day
from connector.domain.history import epoch_day
from connector.domain.store_value import store_value
from jobs.context import Context


def run(context: Context, claim: Claim) -> None:
    """Make the report that the claim names, on one view of the store, unless it was made a moment ago."""
    with reading(context.engine) as connection:
        now = context.clock()
        store = stores.by_id(connection, claim.store_id)
        made = None
        if not store_reports.is_fresh(store_reports.of(connection, store.id, claim.subject, now), now):
            made = _make(connection, store, claim.subject, now)
    with transaction(context.engine) as connection:
        if made is not None:
            store_reports.save(connection, store.id, claim.subject, made, now)
        again = work.finish(connection, claim, context.clock())
    if again:
        context.offer({"report": claim.id})


def _make(connection: Connection, store: Store, name: str, now: datetime) -> dict[str, Any]:
    kind, *about = name.split(":")
    return {"currency": store.currency, **_KINDS[kind](connection, store, now, *about)}


def _liability(connection: Connection, store: Store, now: datetime) -> dict[str, Any]:
    return reports.points_outstanding(connection, store, now).to_json()


def _value(connection: Connection, store: Store, now: datetime, days: str) -> dict[str, Any]:
    bought = purchases.read(connection, store.id)
    moved = [
        {"from": row.previous_segment, "to": row.segment or None, "customers": row.customers}
        for row in standings.movements(connection, store.id)
    ]
    return {**store_value(bought, epoch_day(local_day(now, store.zone)), int(days)), "movements": moved}


def _effect(connection: Connection, store: Store, now: datetime, days: str, campaign: str) -> dict[str, Any]:
    found = effects.measure(connection, store, campaign or None, int(days), now)
    return {
        "campaign": campaign or None,
        "horizon_days": int(days),
        "findings": [finding.to_json() for finding in found],
        "campaigns": effects.campaigns_of(connection, store.id),
    }


_KINDS: Final[dict[str, Callable[..., dict[str, Any]]]] = {LIABILITY: _liability, VALUE: _value, EFFECT: _effect}
