"""Something in the connector's place that only records what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections import deque
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

SECRET = "whsec_" + "c2VjcmV0" * 4
NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@dataclass
class Listener:
    """Takes the connector's place: `requests` are (path, headers, body), `answers` the statuses to come."""

    url: str = ""
    requests: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)
    answers: deque[int] = field(default_factory=deque)

    def answer(self, path: str) -> tuple[int, dict[str, Any]]:
        status = self.answers.popleft() if self.answers else 201 if path == "/v1/pair" else 202
        if status == 201:
            return status, {"store_id": "st_1", "signing_secret": SECRET}
        return status, {"status": "accepted"} if status < 300 else {"code": "refused"}


def standard_signature(headers: dict[str, str], body: bytes) -> str:
    """The signature that the Standard Webhooks scheme asks for."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
