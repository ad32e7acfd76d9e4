"""Reading and saving the programme."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Engine

from connector.db import backfills, programmes
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.programme import Programme
from connector.domain.programme.document import to_document
from tests.integration.web.conftest import RecordingQueue
from tests.integration.web.speaking import StoreVoice, owed_work, problem_of

PATH = "/v1/programme"


def versions(engine: Engine, store: Store) -> list[Programme]:
    with reading(engine) as connection:
        return programmes.every(connection, store.id)


@pytest.fixture
def with_history(engine: Engine, store: Store, now: datetime) -> None:
    with transaction(engine) as connection:
        backfill = backfills.start(connection, store.id, now)
        backfills.checkpoint(connection, store.id, backfill, now, state=backfills.DONE, finished_at=now)


def test_a_new_store_reads_the_default_programme(voice: StoreVoice) -> None:
    assert voice.api("GET", PATH).get_json() == {
        "version": 1,
        "effective_from": None,
        "programme": to_document(Programme()),
    }


def test_what_is_saved_is_the_next_version_and_holds_from_now_on(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    answer = voice.api("PUT", PATH, {"version": 1, "programme": {"earning": {"rate": "2.5"}}})

    assert answer.status_code == 200
    assert answer.get_json()["version"] == 2
    assert answer.get_json()["effective_from"] == "2026-11-22T09:30:00Z"
    assert answer.get_json()["programme"]["earning"]["rate"] == "2.5"
    assert voice.api("GET", PATH).get_json() == answer.get_json()
    assert [one.effective_from for one in versions(engine, store)] == [None, now]


@pytest.mark.parametrize(
    ("asked", "begins"),
    [(None, None), ("2026-12-01T00:00:00+01:00", datetime(2026, 11, 30, 23, tzinfo=UTC))],
)
def test_a_version_may_cover_the_past_or_begin_later(
    voice: StoreVoice, engine: Engine, store: Store, asked: str | None, begins: datetime | None
) -> None:
    voice.api("PUT", PATH, {"version": 1, "effective_from": asked, "programme": {}})

    assert versions(engine, store)[1].effective_from == begins


def test_the_same_call_again_is_refused_and_changes_nothing(voice: StoreVoice, engine: Engine, store: Store) -> None:
    saving = {"version": 1, "programme": {"margin": 0.5}}
    voice.api("PUT", PATH, saving)

    answer = voice.api("PUT", PATH, saving)

    assert problem_of(answer) == (409, "version_conflict")
    assert answer.get_json(force=True)["errors"] == {"version": ["Version 2 is the newest."]}
    assert len(versions(engine, store)) == 2


@pytest.mark.parametrize(
    ("document", "errors"),
    [
        (
            {"version": 1, "programme": {"ladder": {"tiers": [{"name": "a", "threshold": 0}, {"name": "b"}]}}},
            {"ladder.tiers.1.threshold": ["Must not be missing."]},
        ),
        ({"version": 1, "programme": {"tiers": []}}, {"tiers": ["There is no such setting."]}),
        ({"version": 1, "programme": []}, {"programme": ["Must hold settings by name."]}),
        ({"version": 1}, {"programme": ["Must be the programme."]}),
        ({"programme": {}}, {"version": ["Must be the version that was read."]}),
        ({"version": "1", "programme": {}}, {"version": ["Must be a whole number."]}),
        ({"version": 1, "programme": {}, "force": True}, {"force": ["There is no such field."]}),
        (
            {"version": 1, "programme": {}, "effective_from": "2026-12-01"},
            {"effective_from": ["Must be a time such as 2026-12-01T00:00:00Z, or null to cover the past too."]},
        ),
    ],
)
def test_what_is_wrong_is_said_field_by_field_and_nothing_is_saved(
    voice: StoreVoice, engine: Engine, store: Store, document: dict[str, Any], errors: dict[str, list[str]]
) -> None:
    answer = voice.api("PUT", PATH, document)

    assert problem_of(answer) == (422, "validation_failed")
    assert answer.get_json(force=True)["errors"] == errors
    assert len(versions(engine, store)) == 1


def test_each_sentence_comes_with_a_code_and_values_to_say_it_in_another_language(voice: StoreVoice) -> None:
    wanted = {"redeeming": {"step": 300}, "earning": {"rounding": "up"}}

    answer = voice.api("PUT", PATH, {"version": "1", "programme": wanted}).get_json(force=True)
    assert "reasons" not in answer
    answer = voice.api("PUT", PATH, {"version": 1, "programme": wanted}).get_json(force=True)
    assert answer["errors"] == {"redeeming.minimum": ["Must be a multiple of the step, which is 300 points."]}
    assert answer["reasons"] == {"redeeming.minimum": [{"code": "not_in_steps", "values": {"step": 300}}]}


def test_many_mistakes_are_all_told_but_not_all_named_in_the_sentence(voice: StoreVoice) -> None:
    answer = voice.api("PUT", PATH, {"version": 1, "programme": {f"s{n}": 1 for n in range(10)}})

    assert len(answer.get_json(force=True)["errors"]) == 10
    assert answer.get_json(force=True)["detail"].endswith("s7 and 2 more.")


@pytest.mark.usefixtures("with_history")
def test_standings_follow_a_new_programme(voice: StoreVoice, engine: Engine, queue: RecordingQueue) -> None:
    voice.api("PUT", PATH, {"version": 1, "programme": {}})

    assert [job for _, job, _ in owed_work(engine)] == ["settle_due", "score"]
    assert [job for _, job in queue.offered] == ["settle_due", "score"]


def test_before_the_history_is_read_nothing_has_to_follow(voice: StoreVoice, engine: Engine) -> None:
    voice.api("PUT", PATH, {"version": 1, "programme": {}})

    assert owed_work(engine) == []


def test_orders_are_counted_anew_when_the_programme_counts_others(
    voice: StoreVoice, engine: Engine, store: Store
) -> None:
    voice.api("PUT", PATH, {"version": 1, "programme": {"counting": {"statuses": ["completed"]}}})

    assert owed_work(engine) == [(store.id, "recount", "version 2")]
