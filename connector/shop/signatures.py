"""Signing and checking what travels between plugin and connector, and what WooCommerce's own webhooks carry."""

import hmac
import secrets
import string
from base64 import b64decode, b64encode
from datetime import UTC, datetime, timedelta
from hashlib import sha256

TOLERANCE = timedelta(minutes=5)
"""How far a delivery's timestamp may be from our clock, either way."""

_PREFIX = "whsec_"
_LETTERS = string.ascii_letters + string.digits
_LONGEST_HEADER = 4096


class SignatureError(Exception):
    """A delivery is not to be trusted. ``code`` is what the sender is told."""

    code = "signature_invalid"


class SignatureInvalid(SignatureError):
    """The signature is missing, malformed, or not made with this store's secret over this body."""


class TimestampOutOfRange(SignatureError):
    """The signature is right but its time is not: a replay, or a clock that is off."""

    code = "timestamp_out_of_range"


def new_secret() -> str:
    """Return a new signing secret: ``whsec_`` and 32 letters and digits, 190 bits.

    Letters and digits only, because WordPress unescapes a native webhook's secret before it signs with it.
    """
    return _PREFIX + "".join(secrets.choice(_LETTERS) for _ in range(32))


def sign(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    """Return the ``webhook-signature`` header of a body by the Standard Webhooks scheme (``v1,<base64>``).

    ``timestamp`` is in seconds since 1970. Raises ValueError for a secret that is not ``whsec_<base64>``.
    """
    return "v1," + _signature(secret, message_id, str(timestamp), body)


def call_content(method: str, path: str, body: bytes) -> bytes:
    """Return what a call's signature covers: ``PUT /v1/programme?a=b``, a line end, and the body.

    ``path`` is the one below the connector's address, not percent-encoded, with its query as it is sent. No delivery
    begins like this, so neither can stand in for the other.
    """
    return f"{method} {path}\n".encode() + body


def verify(
    secret: str,
    *,
    message_id: str | None,
    timestamp: str | None,
    signature: str | None,
    body: bytes,
    now: datetime,
) -> None:
    """Return quietly if one of the signatures in the header is this body's and its time is within ``TOLERANCE``.

    Takes the three ``webhook-…`` headers as they came. Raises SignatureInvalid, or TimestampOutOfRange where only the
    time is wrong, so that an honest store with a wrong clock can be told.
    """
    if not message_id or not timestamp or not signature or len(signature) > _LONGEST_HEADER:
        raise SignatureInvalid("A signature header is missing.")
    # A dot in the id could move the borders between id, time and body.
    if "." in message_id or not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise SignatureInvalid("A signature header is malformed.")
    expected = _signature(secret, message_id, timestamp, body).encode()
    offered = (one.removeprefix("v1,") for one in signature.split() if one.startswith("v1,"))
    # No short cut: every signature offered is compared.
    if not sum([hmac.compare_digest(expected, one.encode()) for one in offered]):
        raise SignatureInvalid("The signature is not this store's.")
    if abs(now.astimezone(UTC).timestamp() - int(timestamp)) > TOLERANCE.total_seconds():
        raise TimestampOutOfRange("The delivery's time is more than five minutes off.")


def sign_native(secret: str, body: bytes) -> str:
    """Return ``X-WC-Webhook-Signature`` of a body as WooCommerce makes it: the key is the whole secret string."""
    return b64encode(hmac.new(secret.encode(), body, sha256).digest()).decode()


def verify_native(secret: str, signature: str | None, body: bytes) -> None:
    """Return quietly if a native webhook's signature is right, else raise SignatureInvalid.

    It covers neither time nor topic, so it proves that the store once said this, and nothing more.
    """
    expected = sign_native(secret, body).encode()
    if not signature or not hmac.compare_digest(expected, signature.strip().encode()):
        raise SignatureInvalid("The webhook's signature is not this store's.")


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    if not secret.startswith(_PREFIX):
        raise ValueError("a signing secret begins with whsec_")
    key = b64decode(secret.removeprefix(_PREFIX), validate=True)
    content = f"{message_id}.{timestamp}.".encode() + body
    return b64encode(hmac.new(key, content, sha256).digest()).decode()
