"""Reports over the signed API."""

from __future__ import annotations

import csv
import io

import pytest

from tests.integration.web.conftest import VoiceOf
from tests.integration.web.speaking import StoreVoice, order_updated, problem_of

REPORTS = ("liability", "liability.csv", "effect", "value")


@pytest.mark.parametrize("report", REPORTS)
def test_a_report_is_the_signing_store_s_own_and_nobody_else_s(voice: StoreVoice, report: str) -> None:
    path = f"/v1/reports/{report}"
    assert voice.api("GET", path).status_code == 200
    assert problem_of(voice.client.get(path, headers={"regulars-store": voice.public_id}))[0] == 401


def test_a_store_without_points_owes_nothing(voice: StoreVoice) -> None:
    report = voice.api("GET", "/v1/reports/liability").get_json()
    assert (report["outstanding"], report["value"], report["currency"]) == (0, 0, "USD")
    assert report["months"] == []
    assert report["differences"] == {}


def test_tables_are_files_for_a_spreadsheet(voice: StoreVoice) -> None:
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
    ],
)
def test_what_cannot_be_asked_is_refused_by_name(voice: StoreVoice, path: str, field: str) -> None:
    answer = voice.api("GET", f"/v1/reports/{path}")
    assert problem_of(answer) == (422, "validation_failed")
    assert field in answer.get_json(force=True)["errors"]


def test_an_effect_before_anything_was_measured_is_no_effect(voice: StoreVoice) -> None:
    report = voice.api("GET", "/v1/reports/effect?campaign=welcome&days=30").get_json()
    assert report == {
        "campaign": "welcome",
        "horizon_days": 30,
        "currency": "USD",
        "findings": [],
        "campaigns": [],
    }


def test_a_store_without_orders_has_no_value_to_show(voice: StoreVoice, voice_of: VoiceOf) -> None:
    voice.deliver(order_updated())
    report = voice.api("GET", "/v1/reports/value").get_json()
    assert report["cohorts"] == []
    assert report["concentration"] is None
    assert report["figures"]["orders"] == 0
