"""One store's REST API over one pooled connection: signed, timed out, never redirected, repeated only where safe."""

import json
import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any
from urllib.parse import urlsplit

import requests

from connector.domain.troubles import say
from connector.shop.answers import Json, count, http_date, judge, read_body
from connector.shop.auth import WooCommerceAuth
from connector.shop.errors import ShopRefused, ShopUnavailable
from connector.shop.session import StoreSession

Param = str | int | bool
MOST_AT_ONCE = 100
"""Items that WooCommerce gives in one page, and takes in one batch."""

_GATEWAY_TROUBLE = {502, 503, 504}


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a read is sent, and the pauses between, in seconds; ``pause`` does the waiting."""

    attempts: int = 3
    first_pause: float = 0.5
    longest_pause: float = 10.0
    pause: Callable[[float], None] = time.sleep


@dataclass(frozen=True, slots=True)
class Answer:
    """What the store answered. ``total`` and ``pages`` are X-WP-Total and X-WP-TotalPages, None where missing.

    ``store_time`` is the Date header in UTC (whole seconds), None where the web server sends none.
    """

    json: Json
    total: int | None
    pages: int | None
    store_time: datetime | None

    def items(self) -> list[Any]:
        """Return the list that was asked for. Raises ShopUnavailable where something else came, as from a cache."""
        if not isinstance(self.json, list):
            raise _something_else()
        return self.json

    def record(self) -> dict[str, Any]:
        """Return the object that was asked for. Raises ShopUnavailable where something else came."""
        if not isinstance(self.json, dict):
            raise _something_else()
        return self.json


def _something_else() -> ShopUnavailable:
    return ShopUnavailable(say("answer_unreadable"), reason="broken_answer")


def utc_now() -> datetime:
    """Return this machine's clock in UTC."""
    return datetime.now(UTC)


class ShopClient:
    """Speaks wc/v3 with one store. Make one for each store and job; it is not for sharing across a fork.

    ``rest_url`` is the store's REST root (``https://shop.example/wp-json/``). ``timeout`` is (connect, silence
    between bytes) in seconds. Every method raises ShopUnavailable or ShopRefused and nothing else.

    Reads are repeated here when the store could not be reached, asked for fewer requests, or a gateway failed, with
    growing pauses or the one Retry-After asks for; a longer one is raised for the caller to keep. urllib3's own Retry
    is off because it would send the same OAuth nonce twice, which WooCommerce refuses. Writes are sent once.
    """

    def __init__(
        self,
        rest_url: str,
        consumer_key: str,
        consumer_secret: str,
        *,
        timeout: tuple[float, float] = (3.0, 20.0),
        session: StoreSession | None = None,
        retry: RetryPolicy | None = None,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._root = _rest_root(rest_url) + "wc/v3/"
        self._auth = WooCommerceAuth(consumer_key, consumer_secret)
        self._timeout = timeout
        self._session = session or StoreSession()
        self._retry = retry or RetryPolicy()
        self._clock = clock
        self.requests_made = 0
        """HTTP requests sent so far, repeated ones included."""
        self.clock_skew: timedelta | None = None
        """The store's clock minus ours, by the last answer's Date header (whole seconds); None before the first."""
        self.batch_size = MOST_AT_ONCE
        """How many items a page or a batch should hold for the store to answer in time."""
        self._slowest = 0.0
        self._filled = False

    def __enter__(self) -> "ShopClient":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the pooled connections."""
        self._session.close()

    def narrow(self, tried: int) -> None:
        """Remember that this many items at once were too much for the store."""
        self.batch_size = max(1, min(self.batch_size, tried // 2))

    def took(self, items: int) -> None:
        """Remember that the store answered a page or a batch of so many."""
        self._filled = self._filled or items >= self.batch_size

    @property
    def next_batch_size(self) -> int:
        """How many items to begin with next time: twice as many where a page or batch was full and all went soon."""
        widens = self._filled and self._slowest < self._timeout[1] / 4
        return min(self.batch_size * 2, MOST_AT_ONCE) if widens else self.batch_size

    def get(self, path: str, params: Mapping[str, Param] | None = None) -> Answer:
        """Read ``path`` (under ``wc/v3/``); lists go into one parameter, separated by commas."""
        attempt = 1
        while True:
            try:
                return self._send("GET", path, params=params)
            except ShopUnavailable as trouble:
                wait = self._pause_before_next(attempt, trouble)
                if wait is None:
                    raise
                self._retry.pause(wait)
                attempt += 1

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """Write ``body`` as JSON to ``path``, once. After ShopUnavailable the store may or may not have done it."""
        return self._send("POST", path, body=body)

    def _pause_before_next(self, attempt: int, trouble: ShopUnavailable) -> float | None:
        passing = trouble.reason in ("unreachable", "rate_limited") or trouble.status in _GATEWAY_TROUBLE
        if not passing or attempt >= self._retry.attempts:
            return None
        wait = trouble.retry_after
        if wait is None:
            return min(self._retry.first_pause * 2.0 ** (attempt - 1), self._retry.longest_pause)
        return wait if wait <= self._retry.longest_pause else None

    def _send(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Param] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> Answer:
        headers = {"Accept": "application/json", "User-Agent": "Regulars"}
        if body is not None:
            headers["Content-Type"] = "application/json; charset=utf-8"
        self.requests_made += 1
        begun, slowest = time.monotonic(), self._slowest
        # Until there is a good answer: what fails at once is no sign that the store could do more.
        self._slowest = math.inf
        try:
            response = self._session.request(
                method,
                self._root + path,
                params={key: _as_php(value) for key, value in (params or {}).items()},
                data=None if body is None else json.dumps(body, ensure_ascii=False, allow_nan=False).encode(),
                headers=headers,
                auth=self._auth,
                timeout=self._timeout,
                allow_redirects=False,
                stream=True,
            )
        except requests.RequestException as error:
            # Not chained: the cause's text carries the signed URL.
            raise _no_answer(error) from None
        with response:
            answer = self._read(response)
        self._slowest = max(slowest, time.monotonic() - begun)
        return answer

    def _read(self, response: requests.Response) -> Answer:
        now = self._clock()
        moment = http_date(response.headers.get("Date"))
        if moment is not None:
            self.clock_skew = moment - now.replace(microsecond=0)
        content = judge(response, read_body(response), now)
        total, pages = (count(response.headers.get(name)) for name in ("X-WP-Total", "X-WP-TotalPages"))
        return Answer(content, total, pages, moment)


def _rest_root(rest_url: str) -> str:
    try:
        parts = urlsplit(rest_url)
        plain = "rest_route=" in parts.query
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and not (parts.username or parts.fragment)
    except ValueError:
        plain = usable = False
    if plain:
        raise ShopRefused(say("plain_permalinks"), status=0, code="plain_permalinks")
    if not usable or "?" in rest_url:
        raise ShopRefused(say("odd_address"), status=0, code="address_invalid")
    return rest_url.rstrip("/") + "/"


def _as_php(value: Param) -> str:
    # str(True) would be "True"; WordPress reads true and false.
    return str(value).lower() if isinstance(value, bool) else str(value)


def _no_answer(error: requests.RequestException) -> ShopUnavailable | ShopRefused:
    if isinstance(error, requests.exceptions.SSLError):
        return ShopUnavailable(say("certificate_refused"), reason="tls")
    if isinstance(error, requests.exceptions.ReadTimeout):
        return ShopUnavailable(say("too_slow"), reason="timeout")
    if isinstance(error, requests.exceptions.ConnectionError | requests.exceptions.Timeout):
        return ShopUnavailable(say("unreachable"), reason="unreachable")
    if isinstance(error, requests.exceptions.InvalidURL | requests.exceptions.InvalidSchema):
        return ShopRefused(say("no_address"), status=0, code="address_invalid")
    return ShopUnavailable(say("answer_unreadable"), reason="broken_answer")
