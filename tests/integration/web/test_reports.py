"""Reports over the signed API."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from connector.db import store_reports
from connector.db.session import transaction
from connector.db.stores import Store
from connector.domain.liability import Balances, liability
from tests.clock import Clock
from tests.integration.web.conftest import RecordingQueue
from tests.integration.web.speaking import StoreVoice, owed_work, problem_of

REPORTS = {
    "liability": "liability",
    "liability.csv": "liability",
    "effect": "effect:90:",
    "effect?campaign=welcome&days=30": "effect:30:welcome",
    "value": "value:365",
    "value?days=30": "value:30",
}
OWED = liability([], [], Balances(0, 0, 0, 0), 100, "USD")


def keep(engine: Engine, store_id: int, name: str, content: dict[str, Any], as_of: datetime) -> None:
    with transaction(engine) as connection:
        store_reports.save(connection, store_id, name, content, as_of)


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_that_was_never_made_is_made_by_the_workers_and_asked_for_again(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue, report: str
) -> None:
    for _ in range(2):
        answer = voice.api("GET", f"/v1/reports/{report}")
        assert (answer.status_code, answer.headers["Retry-After"]) == (202, "10")
        assert answer.get_json() == {"as_of": None}
    # Asking while it is on its way makes no second one.
    assert owed_work(engine) == [(store.id, "report", REPORTS[report])]
    assert [job for _, job in queue.offered] == ["report"]


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_the_signing_store_s_own_and_nobody_else_s(
    voice: StoreVoice, other_store: Store, engine: Engine, report: str
) -> None:
    path = f"/v1/reports/{report}"
    keep(engine, other_store.id, REPORTS[report], OWED.to_json(), voice.clock())
    assert voice.api("GET", path).status_code == 202
    assert problem_of(voice.client.get(path, headers={"regulars-store": voice.public_id}))[0] == 401


@pytest.mark.parametrize("report", [name for name in REPORTS if not name.endswith(".csv")])
def test_a_report_is_read_with_its_moment_and_made_anew_when_it_is_an_hour_old(
    voice: StoreVoice, store: Store, engine: Engine, clock: Clock, report: str
) -> None:
    keep(engine, store.id, REPORTS[report], {"currency": "USD"}, clock())
    kept = {"currency": "USD", "as_of": f"{clock():%Y-%m-%dT%H:%M:%SZ}"}
    clock.advance(minutes=59)
    assert voice.api("GET", f"/v1/reports/{report}").get_json() == kept
    assert owed_work(engine) == []
    clock.advance(minutes=1)
    answer = voice.api("GET", f"/v1/reports/{report}")
    assert (answer.status_code, answer.get_json()) == (200, kept)
    assert owed_work(engine) == [(store.id, "report", REPORTS[report])]


def test_a_report_of_more_than_a_month_ago_is_made_first(
    voice: StoreVoice, store: Store, engine: Engine, clock: Clock
) -> None:
    keep(engine, store.id, store_reports.LIABILITY, OWED.to_json(), clock())
    clock.advance(days=30)
    assert voice.api("GET", "/v1/reports/liability").status_code == 200
    clock.advance(seconds=1)
    assert voice.api("GET", "/v1/reports/liability").status_code == 202


def test_tables_are_files_for_a_spreadsheet(voice: StoreVoice, store: Store, engine: Engine) -> None:
    keep(engine, store.id, store_reports.LIABILITY, OWED.to_json(), voice.clock())
    answer = voice.api("GET", "/v1/reports/liability.csv?table=ageing")
    assert answer.content_type == "text/csv; charset=utf-8"
    assert "points-ageing.csv" in answer.headers["Content-Disposition"]
    assert len(list(csv.DictReader(io.StringIO(answer.text)))) == 5


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("liability.csv?table=secrets", "table"),
        ("effect?days=0", "days"),
        ("effect?days=soon", "days"),
        (f"effect?campaign={'x' * 41}", "campaign"),
        ("effect?campaign=%00", "campaign"),
        ("effect?campaign=%ED%A0%80", "campaign"),
        ("effect?campaign=Welcome", "campaign"),
        ("effect?campaign=", "campaign"),
        ("value?days=-1", "days"),
        ("effect?campagne=welcome", "campagne"),
        ("value?day=30", "day"),
        ("liability?table=ageing", "table"),
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(voice: StoreVoice, path: str, field: str) -> None:
    answer = voice.api("GET", f"/v1/reports/{path}")
    assert problem_of(answer) == (422, "validation_failed")
    assert field in answer.get_json(force=True)["errors"]
