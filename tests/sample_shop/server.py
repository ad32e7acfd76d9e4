"""The socket: reads requests, asks the shop, and writes answers, or breaks off where a fault says so."""

import socket
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol

from tests.sample_shop.wire import Response

_JSON = "application/json; charset=UTF-8"


class BrokenOffError(Exception):
    """The connection is to be closed without an answer."""


class Answering(Protocol):
    """What the server asks: the shop."""

    def respond(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Response:
        """The answer to a raw request. Raises BrokenOffError to close the connection without one."""

    def http_date(self) -> str:
        """The shop's clock, for the Date header."""


class ShopServer(ThreadingHTTPServer):
    """A server on loopback with a thread a connection."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 128

    def __init__(self, port: int, shop: Answering) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.shop = shop
        self._open: set[socket.socket] = set()

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that it ends with the server however long its client would keep it."""
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection."""
        self._open.discard(request)
        super().shutdown_request(request)

    def server_close(self) -> None:
        """Close the socket and every connection."""
        super().server_close()
        for connection in list(self._open):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that went away is no error of ours; anything else is."""
        import sys

        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "SampleShop"
    sys_version = ""
    wbufsize = -1
    disable_nagle_algorithm = True
    server: ShopServer

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in self.headers.items()}
        try:
            response = self.server.shop.respond(self.command, self.path, headers, body)
        except BrokenOffError:
            self.close_connection = True
            return
        payload = response.payload()
        self.send_response(response.status)
        for name, value in self._headers(response, len(payload)).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        self.wfile.flush()

    def __getattr__(self, name: str) -> Any:
        """Every method of HTTP is served the same way."""
        if name.startswith("do_"):
            return self._serve
        raise AttributeError(name)

    def _headers(self, response: Response, length: int) -> dict[str, str]:
        fixed = {
            "Content-Type": _JSON,
            "X-Robots-Tag": "noindex",
            "X-Content-Type-Options": "nosniff",
            "Access-Control-Expose-Headers": "X-WP-Total, X-WP-TotalPages, Link",
            "Cache-Control": "no-cache, must-revalidate, max-age=0, no-store, private",
        }
        return fixed | response.headers | {"Content-Length": str(length)}

    def date_time_string(self, timestamp: float | None = None) -> str:
        """The Date header tells the shop's clock."""
        return self.server.shop.http_date()

    def log_message(self, *_: Any) -> None:
        """The shop counts its requests; it writes no log."""
