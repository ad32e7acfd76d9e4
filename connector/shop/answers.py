"""Reading what a store answers: bounded, JSON or nothing, and every refusal told apart from every bad moment."""

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from requests import Response
from urllib3.exceptions import HTTPError, ReadTimeoutError

from connector.domain.troubles import say
from connector.shop.errors import ShopRefused, ShopUnavailable

LARGEST_BODY = 16 * 1024 * 1024
"""Bytes. A hundred full orders are about 208 KB, a batch of a hundred customers with all their meta a few MB."""

LONGEST_READ = 120.0
"""Seconds for one whole body, however steadily it trickles."""

_CHUNK = 65536
_LONGEST_WAIT = 86400.0
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}
_JSON_LINE = re.compile(r"\n\s*[{\[]")
_RETRY_AFTER = re.compile(r"\d{1,9}(\.\d+)?", re.ASCII)

Json = dict[str, object] | list[object]


@dataclass(frozen=True, slots=True)
class ShopSaid:
    """An error body of WordPress' REST API. ``status`` is the one it names, if it does."""

    code: str
    message: str
    status: int | None = None


def read_body(response: Response, *, clock: Callable[[], float] = time.monotonic) -> bytes:
    """Return the whole decoded body, at most ``LARGEST_BODY`` bytes within ``LONGEST_READ`` seconds.

    Raises ShopRefused (``answer_too_large``) or ShopUnavailable (``timeout``, ``broken_answer``).
    """
    body = bytearray()
    deadline = clock() + LONGEST_READ
    while chunk := _next_chunk(response):
        body += chunk
        if len(body) > LARGEST_BODY:
            raise ShopRefused(
                say("answer_too_large"),
                status=response.status_code,
                code="answer_too_large",
            )
        if clock() > deadline:
            raise _stalled()
    return bytes(body)


def judge(response: Response, body: bytes, now: datetime) -> Json:
    """Return the JSON of a good answer, or raise what the answer means.

    Raises ShopRefused where WordPress or WooCommerce itself says no (also with status 200), and for a redirect;
    ShopUnavailable for rate limits, server errors (also where only the body says so, as after headers that a plugin
    sent too early), and anything that is not WooCommerce's JSON.
    """
    status = response.status_code
    if 300 <= status < 400:
        raise _redirected(response)
    content = parse_json(body)
    said = error_in(content)
    passing = _passing(status, said)
    wait = retry_after(response.headers.get("Retry-After"), now)
    if passing in _LATER:
        raise ShopUnavailable(
            say("too_many_requests"),
            reason="rate_limited",
            status=passing,
            retry_after=wait,
        )
    if passing is not None:
        raise ShopUnavailable(
            say("store_failed", status=passing),
            reason="server_error",
            status=passing,
            retry_after=wait,
        )
    if said is not None:
        raise ShopRefused(_refusal(status, said), status=status, code=said.code, message=said.message)
    if status >= 400:
        raise _not_from_woocommerce(status, wait)
    if content is None:
        raise ShopUnavailable(
            say("page_instead"),
            reason="broken_answer",
            status=status,
            retry_after=wait,
        )
    return content


def _passing(status: int, said: ShopSaid | None) -> int | None:
    """Return the status of a trouble that may pass, or None. A good one hides what the body says."""
    told = said.status if said is not None and said.status is not None and status < 400 else status
    later = told in _LATER or (told >= 500 and told != HTTPStatus.NOT_IMPLEMENTED)
    return told if later else None


def parse_json(body: bytes) -> Json | None:
    """Return the object or list in a body, or None where there is none, or not all of it.

    A byte-order mark is skipped. So are PHP notices, which come before the JSON (it then begins on a line of its own
    and ends the body) or after it as markup. JSON that is cut short is never taken for whole, nor is a script inside
    a page. Numbers with a point become Decimal.
    """
    text = body.decode("utf-8-sig", errors="replace").strip()
    start = 0
    if text[:1] not in ("{", "["):
        # Only the first candidate: a later line of a cut-off list could look like a whole answer.
        line = _JSON_LINE.search(text)
        if line is None:
            return None
        start = line.end() - 1
    decoder = json.JSONDecoder(parse_float=Decimal, parse_constant=_refuse_constant)
    try:
        content, end = decoder.raw_decode(text, start)
    except (ValueError, RecursionError):
        return None
    rest = text[end:].lstrip()
    whole = not rest or (start == 0 and rest.startswith("<"))
    return content if whole and isinstance(content, dict | list) else None


def error_in(content: object) -> ShopSaid | None:
    """Return the error a body carries in WordPress' REST form, else None. The HTTP status does not matter."""
    if not isinstance(content, dict) or "id" in content:
        return None
    code, message = content.get("code"), content.get("message")
    if not isinstance(code, str) or not isinstance(message, str):
        return None
    data = content.get("data")
    status = data.get("status") if isinstance(data, dict) else None
    return ShopSaid(code, message, status if isinstance(status, int) else None)


def retry_after(header: str | None, now: datetime) -> float | None:
    """Return the seconds a Retry-After header asks for, from seconds or a date, at most a day, else None."""
    text = (header or "").strip()
    if _RETRY_AFTER.fullmatch(text):
        return min(float(text), _LONGEST_WAIT)
    moment = http_date(text)
    return None if moment is None else min(max(0.0, (moment - now).total_seconds()), _LONGEST_WAIT)


def http_date(header: str | None) -> datetime | None:
    """Return an HTTP date as aware UTC, or None where it is missing or not a date."""
    try:
        moment = parsedate_to_datetime(header or "")
    except (ValueError, TypeError, IndexError):
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)


def count(header: str | None) -> int | None:
    """Return WooCommerce's X-WP-Total or X-WP-TotalPages, or None where it is missing or no plain number."""
    text = (header or "").strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _next_chunk(response: Response) -> bytes:
    try:
        # read1 returns what has arrived; read would wait for a full chunk, and a trickle would outlive the deadline.
        return bytes(response.raw.read1(_CHUNK, decode_content=True))
    except ReadTimeoutError:
        raise _stalled() from None
    except (HTTPError, OSError):
        raise ShopUnavailable(say("broken_off"), reason="broken_answer") from None


def _stalled() -> ShopUnavailable:
    return ShopUnavailable(say("stalled"), reason="timeout")


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _redirected(response: Response) -> ShopRefused:
    # Without its query: the Location repeats our signed parameters.
    location = response.headers.get("Location", "").partition("?")[0]
    where = location if location.isprintable() and 0 < len(location) < 500 else "an address it does not tell"
    return ShopRefused(
        say("redirected", address=where),
        status=response.status_code,
        code="redirect",
        message=where,
    )


def _refusal(status: int, said: ShopSaid) -> str:
    if status == HTTPStatus.UNAUTHORIZED:
        return say("key_refused", code=said.code, message=said.message)
    if status == HTTPStatus.FORBIDDEN:
        return say("forbidden", code=said.code, message=said.message)
    if said.code == "rest_no_route":
        return say("no_woocommerce")
    return say("refused", code=said.code, message=said.message)


def _not_from_woocommerce(status: int, wait: float | None) -> ShopRefused | ShopUnavailable:
    if status == HTTPStatus.UNAUTHORIZED:
        return ShopRefused(say("password_wall"), status=status, code="password_wall")
    if status in (HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.NOT_IMPLEMENTED):
        return ShopRefused(say("server_refused", status=status), status=status, code=f"http_{status}")
    if status == HTTPStatus.NOT_FOUND:
        return ShopUnavailable(say("no_wordpress"), reason="blocked", status=status)
    return ShopUnavailable(say("blocked", status=status), reason="blocked", status=status, retry_after=wait)
