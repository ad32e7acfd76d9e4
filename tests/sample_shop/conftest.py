"""A shop, and something in the connector's place that only records what it is sent."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from woocommerce import API

from tests.sample_shop import SampleShop

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


@pytest.fixture
def connector() -> Iterator[Listener]:
    listener = Listener()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            listener.requests.append((self.path, {name.lower(): text for name, text in self.headers.items()}, body))
            status, content = listener.answer(self.path)
            payload = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(payload)))
            self.end_headers()
            self.wfile.write(payload)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listener.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    yield listener
    server.shutdown()
    server.server_close()


@pytest.fixture
def shop() -> Iterator[SampleShop]:
    with SampleShop(timezone="Europe/Berlin", clock=lambda: NOW) as shop:
        yield shop


@pytest.fixture
def paired(shop: SampleShop, connector: Listener) -> SampleShop:
    shop.pair(connector.url, "ABCD-EFGH-JKMN")
    connector.requests.clear()
    return shop


@pytest.fixture
def api(shop: SampleShop) -> API:
    return API(shop.url, shop.consumer_key, shop.consumer_secret, version="wc/v3", timeout=5)


def standard_signature(headers: dict[str, str], body: bytes) -> str:
    """The signature that the Standard Webhooks scheme asks for."""
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
