"""Proposing a programme and reading what it would do, over the signed API."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import Engine

from connector.db import simulations
from connector.db.session import transaction
from connector.db.stores import Store
from tests.integration.web.conftest import RecordingQueue, VoiceOf
from tests.integration.web.speaking import StoreVoice, owed_work, problem_of

PATH = "/v1/programme/simulations"


def test_a_proposal_is_taken_and_owed_to_the_workers(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue
) -> None:
    answer = voice.api("POST", PATH, {"programme": {"earning": {"rate": "2"}}})
    assert answer.status_code == 202
    asked = answer.get_json()
    assert asked["state"] == "waiting"
    assert answer.headers["Location"] == f"{PATH}/{asked['id']}"
    assert owed_work(engine) == [(store.id, "simulate", asked["id"])]
    assert [job for _, job in queue.offered] == ["simulate"]


def test_the_same_proposal_sent_again_is_no_second_one(voice: StoreVoice, engine: Engine) -> None:
    first, second = (voice.api("POST", PATH, {"programme": {}}).get_json() for _ in range(2))
    assert first == second
    assert len(owed_work(engine)) == 1


def test_a_simulation_says_how_far_it_is_and_in_the_end_what_came_of_it(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    public_id = voice.api("POST", PATH, {"programme": {}}).get_json()["id"]
    shown = voice.api("GET", f"{PATH}/{public_id}").get_json()
    assert (shown["state"], shown["customers_done"], shown["result"]) == ("waiting", 0, None)
    with transaction(engine) as connection:
        row = simulations.of(connection, store.id, public_id)
        assert row is not None
        simulations.progress(connection, store.id, row.id, 500, 1200)
    shown = voice.api("GET", f"{PATH}/{public_id}").get_json()
    assert (shown["state"], shown["customers_done"], shown["customers_total"]) == ("running", 500, 1200)
    with transaction(engine) as connection:
        simulations.finish(connection, store.id, row.id, {"customers": 1200}, voice.clock())
    shown = voice.api("GET", f"{PATH}/{public_id}").get_json()
    assert (shown["state"], shown["result"]) == ("done", {"customers": 1200})
    assert shown["finished_at"].endswith("Z")


@pytest.mark.parametrize(
    ("document", "path"),
    [
        ({"programme": {"earning": {"rate": "much"}}}, "programme.earning.rate"),
        ({"programme": []}, "programme"),
        ({}, "programme"),
        ({"programme": {}, "program": {"earning": {"rate": "2"}}}, "program"),
    ],
)
def test_what_is_no_programme_is_refused_field_by_field(voice: StoreVoice, document: Any, path: str) -> None:
    answer = voice.api("POST", PATH, document)
    assert problem_of(answer) == (422, "validation_failed")
    assert path in answer.get_json(force=True)["errors"]


def test_nobody_reads_another_store_s_simulation(voice_of: VoiceOf, store: Store, other_store: Store) -> None:
    public_id = voice_of(store).api("POST", PATH, {"programme": {}}).get_json()["id"]
    assert problem_of(voice_of(other_store).api("GET", f"{PATH}/{public_id}")) == (404, "unknown_simulation")
    assert problem_of(voice_of(store).client.post(PATH))[0] in (401, 404)
