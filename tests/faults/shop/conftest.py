"""A store on a real socket that breaks in a chosen way, and keeps what it did before it broke."""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from connector.shop.client import RetryPolicy, ShopClient

KEY, SECRET = "ck_key", "cs_secret"

Reply = Callable[["Handler"], None]


@dataclass
class BreakingStore:
    """What the next requests will meet, what was asked, and the coupons and meta that were kept."""

    replies: list[Reply] = field(default_factory=list)
    asked: list[tuple[str, str, dict[str, str], Any]] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    coupons: dict[str, dict[str, Any]] = field(default_factory=dict)
    meta: dict[int, dict[str, str]] = field(default_factory=dict)
    unknown_customers: set[int] = field(default_factory=set)
    stalling: threading.Event = field(default_factory=threading.Event)
    released: threading.Event = field(default_factory=threading.Event)
    url: str = ""

    def next(self, *replies: Reply) -> None:
        self.replies += replies

    def work(self, path: str, params: dict[str, str], body: Any) -> object:
        """Do what WooCommerce does, as far as these tests go."""
        if path.endswith("/coupons/batch"):
            return {"create": [self._create(draft) for draft in body["create"]]}
        if path.endswith("/coupons"):
            coupon = self.coupons.get(params["code"].lower())
            return [] if coupon is None else [coupon]
        if path.endswith("/customers/batch"):
            return {"update": [self._write_meta(item) for item in body["update"]]}
        return {"code": "USD"}

    def _create(self, draft: dict[str, Any]) -> dict[str, Any]:
        code = draft["code"].lower()
        if code in self.coupons:
            taken = {"code": "woocommerce_rest_coupon_code_already_exists", "message": "", "data": {"status": 400}}
            return {"id": 0, "error": taken}
        self.coupons[code] = {**draft, "id": 100 + len(self.coupons)}
        return self.coupons[code]

    def _write_meta(self, item: dict[str, Any]) -> dict[str, Any]:
        if item["id"] in self.unknown_customers:
            unknown = {"code": "wc_user_invalid_id", "message": "Invalid user ID.", "data": {"status": 404}}
            return {"id": item["id"], "error": unknown}
        self.meta.setdefault(item["id"], {}).update({one["key"]: one["value"] for one in item["meta_data"]})
        return {"id": item["id"]}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: StoreServer
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        self._handle(None)

    def do_POST(self) -> None:
        self._handle(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _handle(self, body: Any) -> None:
        store = self.server.store
        parts = urlsplit(self.path)
        self.asked = (parts.path, dict(parse_qsl(parts.query)), body)
        store.asked.append((self.command, *self.asked))
        store.connections.add(self.client_address)
        reply = store.replies.pop(0) if store.replies else works
        reply(self)

    def work(self) -> bytes:
        return json.dumps(self.server.store.work(*self.asked)).encode()

    def reply(self, status: int, body: bytes, **headers: str) -> None:
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name.replace("_", "-"), text)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """Reset the connection: the other side sees it at once."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    def log_message(self, *args: object) -> None:
        """Keep quiet."""


class StoreServer(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, store: BreakingStore) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.store = store

    def handle_error(self, request: object, client_address: object) -> None:
        """A broken connection is what was asked for."""


def works(handler: Handler) -> None:
    handler.reply(200, handler.work(), Content_Type="application/json")


@pytest.fixture
def store() -> Iterator[BreakingStore]:
    breaking = BreakingStore()
    server = StoreServer(breaking)
    breaking.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield breaking
    breaking.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def pauses() -> list[float]:
    return []


@pytest.fixture
def client(store: BreakingStore, pauses: list[float]) -> Iterator[ShopClient]:
    retry = RetryPolicy(pause=pauses.append)
    with ShopClient(f"{store.url}/wp-json/", KEY, SECRET, retry=retry) as made:
        yield made


@pytest.fixture
def impatient_client(store: BreakingStore, pauses: list[float]) -> Iterator[ShopClient]:
    """A client that gives a silent store a fifth of a second."""
    retry = RetryPolicy(pause=pauses.append)
    with ShopClient(f"{store.url}/wp-json/", KEY, SECRET, timeout=(2.0, 0.2), retry=retry) as made:
        yield made
