"""A shop, and something in the connector's place that only records what it is sent."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from woocommerce import API

from tests.sample_shop import SampleShop
from tests.sample_shop.listener import NOW, Listener


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
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005}, daemon=True)
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
    return API(shop.url, shop.consumer_key, shop.consumer_secret, version="wc/v3", timeout=60)
