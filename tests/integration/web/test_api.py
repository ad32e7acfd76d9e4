"""Who may call the API: the store that signed this very call, just now, and nobody else."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import Engine

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.shop.signatures import call_content
from tests.integration.web.conftest import VoiceOf
from tests.integration.web.speaking import StoreVoice, problem_of

PATH = "/v1/programme"


def test_a_signed_call_is_answered(voice: StoreVoice) -> None:
    assert voice.api("GET", PATH).status_code == 200
    assert voice.api("GET", f"{PATH}?from=plugin&b=%20").status_code == 200


def test_the_signature_covers_the_method(voice: StoreVoice) -> None:
    signed = voice.signed(call_content("GET", PATH, b""))

    answer = voice.client.put(PATH, headers={"regulars-store": voice.public_id, **signed})

    assert problem_of(answer) == (401, "signature_invalid")


@pytest.mark.parametrize("other", ["/v1/programme?a=1", "/v1/other", "/v1/programme?", "/v1/PROGRAMME"])
def test_the_signature_covers_path_and_query(voice: StoreVoice, other: str) -> None:
    signed = voice.signed(call_content("GET", other, b""))

    answer = voice.client.get(PATH, headers={"regulars-store": voice.public_id, **signed})

    assert problem_of(answer) == (401, "signature_invalid")


def test_the_signature_covers_the_body(voice: StoreVoice) -> None:
    signed = voice.signed(call_content("PUT", PATH, b'{"version": 1}'))

    answer = voice.client.put(PATH, data=b'{"version": 2}', headers={"regulars-store": voice.public_id, **signed})

    assert problem_of(answer) == (401, "signature_invalid")


def test_a_signed_delivery_is_no_call_and_a_signed_call_no_delivery(voice: StoreVoice) -> None:
    body = json.dumps({"version": 1}).encode()
    headers = {"regulars-store": voice.public_id, **voice.signed(body)}
    assert problem_of(voice.client.put(PATH, data=body, headers=headers)) == (401, "signature_invalid")

    content = call_content("PUT", PATH, body)
    assert problem_of(voice.hooks(content, voice.signed(content))) == (400, "not_json")


def test_a_line_end_in_the_address_cannot_take_from_the_body(voice: StoreVoice) -> None:
    signed = voice.signed(call_content("GET", f"{PATH}?\nx", b""))

    answer = voice.client.get(f"{PATH}%3F%0Ax", headers={"regulars-store": voice.public_id, **signed})

    assert answer.status_code in {401, 404}
    assert problem_of(voice.client.get(PATH, headers=signed)) == (404, "unknown_store")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_an_old_call_and_one_from_the_future_are_refused(voice: StoreVoice, minutes: int) -> None:
    signed = voice.signed(call_content("GET", PATH, b""), sent_at=voice.clock() + timedelta(minutes=minutes))

    answer = voice.client.get(PATH, headers={"regulars-store": voice.public_id, **signed})

    assert problem_of(answer) == (401, "timestamp_out_of_range")


def test_a_call_without_a_signature_is_refused(voice: StoreVoice) -> None:
    answer = voice.client.get(PATH, headers={"regulars-store": voice.public_id})

    assert problem_of(answer) == (401, "signature_invalid")


@pytest.mark.parametrize("named", ["", "st_unknown", "st_test1'--", "é"])
def test_a_store_that_is_not_known_is_refused(voice: StoreVoice, named: str) -> None:
    signed = voice.signed(call_content("GET", PATH, b""))

    answer = voice.client.get(PATH, headers={"regulars-store": named, **signed})

    assert problem_of(answer) == (404, "unknown_store")


def test_one_store_cannot_speak_as_another(voice: StoreVoice, other_store: Store) -> None:
    assert problem_of(voice.api("GET", PATH, **{"regulars-store": other_store.public_id})) == (
        401,
        "signature_invalid",
    )


def test_a_disconnected_store_is_told_so_but_only_if_it_signed(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    with transaction(engine) as connection:
        stores.disconnect(connection, store.id, voice.clock())

    assert problem_of(voice.api("GET", PATH)) == (410, "store_disconnected")
    assert problem_of(voice.client.get(PATH, headers={"regulars-store": voice.public_id})) == (
        401,
        "signature_invalid",
    )


def test_what_is_too_large_is_refused_unread(voice: StoreVoice) -> None:
    assert problem_of(voice.api("PUT", PATH, body=b" " * (1024 * 1024 + 1))) == (413, "body_too_large")


def test_each_store_reads_and_changes_its_own(voice_of: VoiceOf, store: Store, other_store: Store) -> None:
    first, second = voice_of(store), voice_of(other_store)

    first.api("PUT", PATH, {"version": 1, "programme": {"margin": 0.25}})

    assert first.api("GET", PATH).get_json()["programme"]["margin"] == 0.25
    assert second.api("GET", PATH).get_json()["version"] == 1
