"""Handing out a campaign by hand, over the signed API."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Engine

from connector.db import issues, programmes
from connector.db.session import transaction
from connector.db.stores import Store
from connector.domain.programme.offers import Campaign, Trigger
from tests.integration.web.conftest import RecordingQueue, VoiceOf
from tests.integration.web.speaking import StoreVoice, owed_work, problem_of

PATH = "/v1/campaigns/thanks/issues"
ASKED = {"occasion": "spring-2027", "reason": "you stood by us"}


@pytest.fixture(autouse=True)
def campaign(engine: Engine, store: Store, now: Any) -> None:
    with transaction(engine) as connection:
        latest = programmes.latest(connection, store.id)
        wanted = replace(latest, campaigns=(Campaign("thanks", Trigger.BY_HAND),))
        programmes.save(connection, store.id, wanted, latest.version, None, now)


def row_of(engine: Engine, store: Store, public_id: str) -> Any:
    with transaction(engine) as connection:
        return issues.of(connection, store.id, public_id)


def test_what_is_asked_for_is_a_preview_unless_it_says_otherwise(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue
) -> None:
    answer = voice.api("POST", PATH, ASKED)
    assert answer.status_code == 202
    asked = answer.get_json()
    assert answer.headers["Location"] == f"{PATH}/{asked['id']}"
    assert owed_work(engine) == [(store.id, "issue", asked["id"])]
    assert [job for _, job in queue.offered] == ["issue"]
    assert row_of(engine, store, asked["id"]).preview is True

    real = voice.api("POST", PATH, {**ASKED, "preview": False}).get_json()
    row = row_of(engine, store, real["id"])
    assert (row.preview, row.campaign, row.occasion, row.reason) == (False, "thanks", "spring-2027", ASKED["reason"])


def test_the_same_call_sent_again_is_no_second_issue(voice: StoreVoice, engine: Engine) -> None:
    first, second = (voice.api("POST", PATH, {**ASKED, "preview": False}).get_json() for _ in range(2))
    assert first == second
    assert len(owed_work(engine)) == 1


def test_an_audience_can_be_named_instead_of_the_campaigns_own(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    asked = voice.api("POST", PATH, {**ASKED, "audience": {"segments": ["at_risk"], "minimum_orders": 3}}).get_json()
    audience = row_of(engine, store, asked["id"]).audience
    assert (audience["segments"], audience["minimum_orders"]) == (["at_risk"], 3)


def test_an_issue_says_how_far_it_is_and_what_stopped_the_others(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    public_id = voice.api("POST", PATH, ASKED).get_json()["id"]
    row = row_of(engine, store, public_id)
    with transaction(engine) as connection:
        issues.progress(
            connection, store.id, row.id, 7, 500, 900, {"granted": 300, "already": 10, "live_coupon": 190}, 123_456
        )
    shown = voice.api("GET", f"{PATH}/{public_id}").get_json()
    assert shown == {
        "id": public_id,
        "campaign": "thanks",
        "occasion": "spring-2027",
        "preview": True,
        "state": "running",
        "customers_done": 500,
        "customers_total": 900,
        "granted": 300,
        "had_it_already": 10,
        "suppressed": {"live_coupon": 190},
        "promised": "1234.56",
        "finished_at": None,
    }
    with transaction(engine) as connection:
        issues.finish(connection, store.id, row.id, voice.clock())
    shown = voice.api("GET", f"{PATH}/{public_id}").get_json()
    assert (shown["state"], shown["customers_total"]) == ("done", 500)
    assert shown["finished_at"].endswith("Z")


@pytest.mark.parametrize(
    ("document", "field"),
    [
        ({"reason": "x"}, "occasion"),
        ({**ASKED, "occasion": "Spring 2027"}, "occasion"),
        ({"occasion": "spring"}, "reason"),
        ({**ASKED, "reason": "two\nlines"}, "reason"),
        ({**ASKED, "preview": "no"}, "preview"),
        ({**ASKED, "audience": {"segments": ["whales"]}}, "audience.segments.0"),
        ({**ASKED, "more": 1}, "more"),
    ],
)
def test_what_cannot_be_asked_is_refused_field_by_field(voice: StoreVoice, document: Any, field: str) -> None:
    answer = voice.api("POST", PATH, document)
    assert problem_of(answer) == (422, "validation_failed")
    assert field in answer.get_json(force=True)["errors"]


def test_a_campaign_the_programme_does_not_have_is_not_found(voice: StoreVoice, engine: Engine) -> None:
    assert problem_of(voice.api("POST", "/v1/campaigns/other/issues", ASKED)) == (404, "unknown_campaign")
    assert owed_work(engine) == []


def test_nobody_reads_another_stores_issue_or_one_of_another_campaign(
    voice_of: VoiceOf, store: Store, other_store: Store
) -> None:
    public_id = voice_of(store).api("POST", PATH, ASKED).get_json()["id"]
    assert problem_of(voice_of(other_store).api("GET", f"{PATH}/{public_id}")) == (404, "unknown_issue")
    other = f"/v1/campaigns/other/issues/{public_id}"
    assert problem_of(voice_of(store).api("GET", other)) == (404, "unknown_issue")
    assert problem_of(voice_of(store).client.post(PATH, json=ASKED))[0] in (401, 404)
