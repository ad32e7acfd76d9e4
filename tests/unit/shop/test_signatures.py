import base64
import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.shop import signatures
from connector.shop.signatures import SignatureError, SignatureInvalid, TimestampOutOfRange

# The example of the Standard Webhooks specification's own libraries.
KNOWN_SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
KNOWN_ID = "msg_p5jXN8AQM9LWM0D4loKWxJek"
KNOWN_TIME = 1614265330
KNOWN_BODY = b'{"test": 2432232314}'
KNOWN_SIGNATURE = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="

NOW = datetime.fromtimestamp(KNOWN_TIME, UTC)


def check(**changes: object) -> None:
    arguments: dict[str, object] = {
        "message_id": KNOWN_ID,
        "timestamp": str(KNOWN_TIME),
        "signature": KNOWN_SIGNATURE,
        "body": KNOWN_BODY,
        "now": NOW,
    }
    signatures.verify(KNOWN_SECRET, **(arguments | changes))  # type: ignore[arg-type]


def test_the_published_example_is_signed_as_published() -> None:
    assert signatures.sign(KNOWN_SECRET, KNOWN_ID, KNOWN_TIME, KNOWN_BODY) == KNOWN_SIGNATURE


def test_the_published_example_is_accepted() -> None:
    check()


@pytest.mark.parametrize(
    "changes",
    [
        {"body": KNOWN_BODY + b" "},
        {"message_id": "msg_other"},
        {"timestamp": str(KNOWN_TIME + 1)},
        {"signature": "v1,AAAA"},
        {"signature": KNOWN_SIGNATURE.removeprefix("v1,")},
        {"signature": KNOWN_SIGNATURE.replace("v1,", "v2,")},
        {"signature": "v1,\xe9"},
        {"signature": " "},
        {"signature": None},
        {"message_id": None},
        {"message_id": ""},
        {"timestamp": None},
        {"timestamp": "now"},
        {"timestamp": f" {KNOWN_TIME}"},
        {"timestamp": f"+{KNOWN_TIME}"},
        {"timestamp": "1_614_265_330"},
        {"timestamp": "9" * 40},
        {"signature": KNOWN_SIGNATURE + " v1,AAAA" * 10_000},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_an_altered_delivery_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(SignatureInvalid):
        check(**changes)


def test_one_right_signature_among_several_is_enough() -> None:
    check(signature=f"v1,AAAA v1a,unknown {KNOWN_SIGNATURE}")
    check(signature=f"{KNOWN_SIGNATURE} v1,AAAA")


def test_another_stores_secret_is_refused() -> None:
    with pytest.raises(SignatureInvalid):
        signatures.verify(
            signatures.new_secret(),
            message_id=KNOWN_ID,
            timestamp=str(KNOWN_TIME),
            signature=KNOWN_SIGNATURE,
            body=KNOWN_BODY,
            now=NOW,
        )


@pytest.mark.parametrize("seconds", [-300, 300])
def test_five_minutes_either_way_are_accepted(seconds: int) -> None:
    check(now=NOW + timedelta(seconds=seconds))


@pytest.mark.parametrize("seconds", [-301, 301])
def test_a_replay_after_five_minutes_is_told_apart_from_a_forgery(seconds: int) -> None:
    with pytest.raises(TimestampOutOfRange) as refused:
        check(now=NOW + timedelta(seconds=seconds))
    assert refused.value.code == "timestamp_out_of_range"
    with pytest.raises(SignatureInvalid) as forged:
        check(now=NOW + timedelta(seconds=seconds), body=b"{}")
    assert forged.value.code == "signature_invalid"


def test_the_border_between_id_and_time_cannot_be_moved() -> None:
    body = b"1614265330.{}"
    signature = signatures.sign(KNOWN_SECRET, "msg_a", 1614265330, body)
    with pytest.raises(SignatureInvalid):
        check(message_id="msg_a.1614265330", timestamp="1614265330", body=b"{}", signature=signature)


@settings(deadline=None)
@given(st.binary(max_size=200), st.integers(0, 10**11))
def test_whatever_is_signed_verifies(body: bytes, timestamp: int) -> None:
    secret, message_id = signatures.new_secret(), "msg_a"
    signatures.verify(
        secret,
        message_id=message_id,
        timestamp=str(timestamp),
        signature=signatures.sign(secret, message_id, timestamp, body),
        body=body,
        now=datetime.fromtimestamp(timestamp, UTC),
    )


def test_a_new_secret_is_32_letters_and_digits_that_decode() -> None:
    secrets = {signatures.new_secret() for _ in range(100)}
    assert len(secrets) == 100
    for secret in secrets:
        text = secret.removeprefix("whsec_")
        assert len(text) == 32
        assert text.isascii()
        assert text.isalnum()
        assert len(base64.b64decode(text, validate=True)) == 24


def test_a_secret_of_another_form_is_a_mistake_of_ours() -> None:
    with pytest.raises(ValueError, match="whsec_"):
        signatures.sign("plain", "msg_a", 1, b"{}")


def test_a_native_webhook_signed_as_woocommerce_does_is_accepted() -> None:
    body = b'{"id":7}'
    theirs = base64.b64encode(hmac.digest(KNOWN_SECRET.encode(), body, hashlib.sha256)).decode()
    signatures.verify_native(KNOWN_SECRET, theirs, body)
    assert signatures.sign_native(KNOWN_SECRET, body) == theirs


@pytest.mark.parametrize("signature", [None, "", "AAAA", "\xff", KNOWN_SIGNATURE])
def test_a_native_webhook_with_another_signature_is_refused(signature: str | None) -> None:
    with pytest.raises(SignatureError):
        signatures.verify_native(KNOWN_SECRET, signature, b'{"id":7}')
