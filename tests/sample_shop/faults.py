"""Ways in which a store fails, switched on for the next so many requests."""

import json
import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.sample_shop.wire import Response

KINDS = (
    "status",
    "html",
    "not_json",
    "redirect",
    "stall",
    "drop",
    "drop_after_commit",
    "partial_batch",
    "empty",
)
_REASONS = {
    403: ("rest_forbidden", "Sorry, you are not allowed to do that."),
    429: ("rest_too_many_requests", "Too many requests."),
    500: ("internal_server_error", "There has been a critical error on this website."),
    503: ("service_unavailable", "Briefly unavailable for scheduled maintenance. Check back in a minute."),
}
_PAGE = b"<!DOCTYPE html><html><head><title>One moment</title></head><body>Checking your browser</body></html>"


@dataclass
class Fault:
    """One way to fail, for some requests: ``times`` uses are left."""

    kind: str
    times: int
    method: str | None
    route: str | None
    options: dict[str, Any] = field(default_factory=dict)

    def fits(self, method: str, route: str, target: str, body: bytes) -> bool:
        """Whether this fault is for that request."""
        batch = self.kind != "partial_batch" or route.endswith("/batch")
        about = self.options.get("about", "").encode() in target.encode() + b" " + body
        large = "more_than" not in self.options or _size(target, body) > self.options["more_than"]
        named = self.method in {None, method} and self.route in {None, route}
        return self.times > 0 and batch and named and about and large

    def answer(self, now: datetime, url: str, path: str) -> Response:
        """What is answered instead of the truth (kinds status, html, redirect and empty)."""
        if self.kind == "html":
            return Response(status=200, headers={"Content-Type": "text/html; charset=UTF-8"}, raw=_PAGE)
        if self.kind == "empty":
            return Response(raw=b"")
        if self.kind == "redirect":
            location = self.options.get("location") or url.replace("http://", "https://") + path
            return Response(status=self.options.get("status", 301), headers={"Location": location}, raw=b"")
        status = self.options.get("status", 500)
        code, sentence = _REASONS.get(status, _REASONS[500])
        body = {"code": code, "message": sentence, "data": {"status": status}}
        return Response(body, status, self._retry_after(now))

    def _retry_after(self, now: datetime) -> dict[str, str]:
        seconds = self.options.get("retry_after")
        if seconds is None:
            return {}
        if self.options.get("retry_after_date"):
            return {"Retry-After": format_datetime(now + timedelta(seconds=seconds), usegmt=True)}
        return {"Retry-After": str(seconds)}


def _size(target: str, body: bytes) -> int:
    """How many items a request is about: a batch's, or those of the page it asks for."""
    if body:
        return sum(len(items) for items in json.loads(body).values() if isinstance(items, list))
    return int(dict(parse_qsl(urlsplit(target).query)).get("per_page", 1))


class Faults:
    """The faults that are switched on, newest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._released = threading.Event()

    def add(
        self, kind: str, times: int = 1, method: str | None = None, route: str | None = None, **options: Any
    ) -> None:
        """Let the next ``times`` fitting wc/v3 requests fail in that way.

        ``route`` is a counter's name, as ``/wc/v3/customers/batch``. Options of every kind: ``about``, a text in
        the address or the body, and ``more_than``, a number of items of a page or batch. With ``after_commit`` a
        status is answered though all was done. Raises ValueError for an unknown kind.
        """
        if kind not in KINDS:
            raise ValueError(f"There is no fault {kind!r}; there are {', '.join(KINDS)}.")
        with self._lock:
            self._released.clear()
            self._faults.insert(0, Fault(kind, times, method, route, options))

    def take(self, method: str, route: str, target: str = "", body: bytes = b"") -> Fault | None:
        """Use the newest fault that fits a request, if any."""
        with self._lock:
            for fault in self._faults:
                if fault.fits(method, route, target, body):
                    fault.times -= 1
                    return fault
        return None

    def pending(self) -> int:
        """How many uses are left in all."""
        with self._lock:
            return sum(fault.times for fault in self._faults)

    def clear(self) -> None:
        """Switch all off, and let go of what stalls."""
        with self._lock:
            self._faults.clear()
        self.release()

    def release(self) -> None:
        """Let stalled requests go: their connections are closed without an answer."""
        self._released.set()

    def stall(self) -> None:
        """Wait until released."""
        self._released.wait()
