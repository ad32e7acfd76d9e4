"""Forged, replayed, altered and misdirected deliveries: refused with the code that says why, and nothing stored."""

import base64
import hmac
import itertools
import json
from collections.abc import Iterator
from datetime import timedelta
from hashlib import sha256

import pytest
from sqlalchemy import Engine

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.shop.signatures import sign
from tests.clock import Clock
from tests.integration.web.conftest import RecordingQueue, VoiceOf
from tests.integration.web.speaking import StoreVoice, inbox_rows, order_updated, owed_work, problem_of

BODY = json.dumps(order_updated()).encode()


@pytest.fixture(autouse=True)
def nothing_is_stored(engine: Engine, queue: RecordingQueue) -> Iterator[None]:
    """Every test of this file ends with an empty inbox, nothing owed and nothing offered."""
    yield
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []
    assert queue.offered == []


@pytest.mark.parametrize(
    "public_id", ["st_nobody", "ST_TEST1", "st_test1%00", "st_t\u00ebst1", "x" * 500, "%27%20OR%201=1--"]
)
def test_an_unknown_store_is_404_however_well_it_signs(voice: StoreVoice, public_id: str) -> None:
    assert problem_of(voice.hooks(BODY, voice.signed(BODY), public_id)) == (404, "unknown_store")


def test_a_disconnected_store_is_410(voice: StoreVoice, store: Store, engine: Engine, clock: Clock) -> None:
    with transaction(engine) as connection:
        stores.disconnect(connection, store.id, clock())

    assert problem_of(voice.hooks(BODY, voice.signed(BODY))) == (410, "store_disconnected")
    assert problem_of(voice.native({"id": 4711})) == (410, "store_disconnected")
    assert problem_of(voice.hooks(BODY, {})) == (410, "store_disconnected")


@pytest.mark.parametrize(
    "present",
    [
        subset
        for size in range(3)
        for subset in itertools.combinations(("webhook-id", "webhook-timestamp", "webhook-signature"), size)
    ],
)
def test_all_three_headers_are_needed(voice: StoreVoice, present: tuple[str, ...]) -> None:
    headers = {name: value for name, value in voice.signed(BODY).items() if name in present}

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("webhook-id", "msg_other"),
        ("webhook-id", ""),
        ("webhook-id", "msg_" + "x" * 125),
        ("webhook-id", "msg 1"),
        ("webhook-id", "msg_\u00e4"),
        ("webhook-id", "msg_1.1795339800"),
        ("webhook-timestamp", "1795339801"),
        ("webhook-timestamp", "-1795339800"),
        ("webhook-timestamp", "1795339800.0"),
        ("webhook-timestamp", "\u0661"),
        ("webhook-timestamp", "9" * 4000),
        ("webhook-timestamp", "now"),
        ("webhook-signature", ""),
        ("webhook-signature", "v1,"),
        ("webhook-signature", "v1," + "A" * 43 + "="),
        ("webhook-signature", "v1,\u00e4\u00f6\u00fc"),
        ("webhook-signature", "v1," * 4000),
    ],
)
def test_any_header_that_is_not_the_signed_one_is_401(voice: StoreVoice, name: str, value: str) -> None:
    headers = {**voice.signed(BODY), name: value}
    assert headers != voice.signed(BODY)

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")


@pytest.mark.parametrize("message_id", ["x" * 129, "msg 1", "msg_\u00e4", "msg.1", "msg\t1"])
def test_an_id_that_could_not_be_kept_is_401_even_where_it_is_signed(voice: StoreVoice, message_id: str) -> None:
    # A server hands headers over as Latin-1, which is how the text to be signed is put together again.
    assert problem_of(voice.hooks(BODY, voice.signed(BODY, message_id))) == (401, "signature_invalid")


@pytest.mark.parametrize("scheme", ["v1a", "v2", "V1", "", "sha256"])
def test_the_right_digest_under_another_scheme_is_401(voice: StoreVoice, scheme: str) -> None:
    headers = voice.signed(BODY)
    headers["webhook-signature"] = headers["webhook-signature"].replace("v1", scheme, 1)

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")


def test_a_truncated_signature_is_401(voice: StoreVoice) -> None:
    headers = voice.signed(BODY)
    headers["webhook-signature"] = headers["webhook-signature"][:-1]

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")


@pytest.mark.parametrize("altered", [BODY.replace(b"120.00", b"920.00"), BODY + b" ", BODY[:-1], b"", b" " + BODY])
def test_an_altered_body_is_401(voice: StoreVoice, altered: bytes) -> None:
    assert problem_of(voice.hooks(altered, voice.signed(BODY))) == (401, "signature_invalid")


@pytest.mark.parametrize(
    "off", [timedelta(seconds=-301), timedelta(seconds=301), timedelta(days=-3), timedelta(days=400)]
)
def test_a_timestamp_over_five_minutes_off_is_401(voice: StoreVoice, clock: Clock, off: timedelta) -> None:
    headers = voice.signed(BODY, sent_at=clock() + off)

    assert problem_of(voice.hooks(BODY, headers)) == (401, "timestamp_out_of_range")


def test_a_delivery_captured_and_replayed_later_is_401(voice: StoreVoice, clock: Clock) -> None:
    captured = voice.signed(BODY)
    clock.advance(minutes=5, seconds=1)

    assert problem_of(voice.hooks(BODY, captured)) == (401, "timestamp_out_of_range")


def test_a_captured_delivery_cannot_be_given_a_new_id_or_time(voice: StoreVoice, clock: Clock) -> None:
    captured = voice.signed(BODY)
    clock.advance(minutes=6)
    freshened = {**captured, "webhook-timestamp": str(int(clock().timestamp()))}

    assert problem_of(voice.hooks(BODY, {**captured, "webhook-id": "msg_2"})) == (401, "signature_invalid")
    assert problem_of(voice.hooks(BODY, freshened)) == (401, "signature_invalid")


def test_one_store_cannot_write_into_the_inbox_of_another(
    voice: StoreVoice, voice_of: VoiceOf, other_store: Store
) -> None:
    other = voice_of(other_store)
    native = voice.signed_natively(BODY)

    assert problem_of(voice.hooks(BODY, voice.signed(BODY), other.public_id)) == (401, "signature_invalid")
    assert problem_of(voice.hooks(BODY, native, other.public_id)) == (401, "signature_invalid")
    assert problem_of(other.hooks(BODY, other.signed(BODY), voice.public_id)) == (401, "signature_invalid")


def test_a_secret_that_was_replaced_by_pairing_again_signs_nothing_any_more(
    voice: StoreVoice, new_store: object, store: Store, engine: Engine
) -> None:
    assert callable(new_store)
    new_store(1, signing_secret="whsec_" + "N" * 32)

    assert problem_of(voice.hooks(BODY, voice.signed(BODY))) == (401, "signature_invalid")


def test_an_unsigned_delivery_is_401(voice: StoreVoice) -> None:
    assert problem_of(voice.hooks(BODY, {})) == (401, "signature_invalid")


def test_the_key_must_be_the_decoded_secret_not_its_text(voice: StoreVoice, clock: Clock) -> None:
    timestamp = str(int(clock().timestamp()))
    digest = hmac.new(voice.secret.encode(), f"msg_1.{timestamp}.".encode() + BODY, sha256).digest()
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{base64.b64encode(digest).decode()}",
    }

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")


def test_the_headers_of_the_plugin_are_not_forgiven_by_a_native_signature(voice: StoreVoice) -> None:
    """A captured native body must not pass as a delivery that is trusted."""
    headers = {**voice.signed_natively(BODY), "webhook-id": "msg_1"}

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")


@pytest.mark.parametrize(
    "body",
    [b"", b"webhook_id=1", b"<html>", b'{"type": "order.updated"', b'{"a": NaN}', b"\xff\xfe{}", b"[" * 100_000],
)
def test_signed_bytes_that_are_not_json_are_400(voice: StoreVoice, body: bytes) -> None:
    assert problem_of(voice.hooks(body, voice.signed(body))) == (400, "not_json")


@pytest.mark.parametrize("body", [b"null", b"[]", b"{}", b'"order.updated"', b"5", b"true"])
def test_signed_json_that_is_no_delivery_is_400(voice: StoreVoice, body: bytes) -> None:
    assert problem_of(voice.hooks(body, voice.signed(body))) == (400, "payload_invalid")


@pytest.mark.parametrize("kind", ["connection.status", "connection.closed"])
def test_a_signed_call_cannot_be_replayed_as_a_delivery(voice: StoreVoice, kind: str) -> None:
    body = json.dumps({"type": kind}).encode()

    assert problem_of(voice.hooks(body, voice.signed(body))) == (400, "payload_invalid")


def test_a_get_is_405(voice: StoreVoice) -> None:
    assert problem_of(voice.client.get(f"/v1/hooks/{voice.public_id}")) == (405, "method_not_allowed")


def test_every_signature_is_compared_in_constant_time(voice: StoreVoice, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[bytes] = []
    genuine = hmac.compare_digest

    def recording(one: bytes, other: bytes) -> bool:
        compared.append(other)
        return genuine(one, other)

    monkeypatch.setattr(hmac, "compare_digest", recording)
    right = sign("whsec_" + "Z" * 32, "msg_1", int(voice.clock().timestamp()), BODY)
    headers = {**voice.signed(BODY), "webhook-signature": f"v1,first {right} v1,last"}

    assert problem_of(voice.hooks(BODY, headers)) == (401, "signature_invalid")
    assert compared == [b"first", right.removeprefix("v1,").encode(), b"last"]
    compared.clear()
    assert problem_of(voice.hooks(BODY, {**voice.signed_natively(b"other")})) == (401, "signature_invalid")
    assert len(compared) == 1
