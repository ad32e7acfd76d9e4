"""Who may: OAuth 1.0a over http and Basic over https, as WC_REST_Authentication checks them."""

import base64
import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import quote, unquote

from tests.sample_shop.wire import Query, Request, RestError

_CODE = "woocommerce_rest_authentication_error"
_OAUTH = ("oauth_consumer_key", "oauth_timestamp", "oauth_nonce", "oauth_signature", "oauth_signature_method")
_WINDOW_SECONDS = 15 * 60


@dataclass
class ApiKey:
    """One REST key. ``nonces`` holds one nonce a second, as WooCommerce's table does."""

    consumer_key: str
    consumer_secret: str
    permissions: str = "read_write"
    nonces: dict[int, str] = field(default_factory=dict)


def authenticate(request: Request, key: ApiKey, url: str, now: datetime, *, basic: bool) -> bool:
    """Whether the request is the key's. False where it names no key at all.

    ``basic`` says that Basic and query credentials count, as they do over https only.
    Raises RestError 401 for a wrong key, secret, signature, time stamp or nonce, and where the key may not do that.
    """
    if not ((basic and _basic(request, key)) or _oauth(request, key, url, now)):
        return False
    reading = request.method in {"GET", "HEAD"}
    if key.permissions not in {"read_write", "read" if reading else "write"}:
        raise RestError(
            _CODE, f"The API key provided does not have {'read' if reading else 'write'} permissions.", 401
        )
    return True


def _basic(request: Request, key: ApiKey) -> bool:
    name, secret = request.query.get("consumer_key", ""), request.query.get("consumer_secret", "")
    scheme, _, credentials = request.headers.get("authorization", "").partition(" ")
    if not name and scheme.lower() == "basic":
        name, _, secret = base64.b64decode(credentials).decode("utf-8", "replace").partition(":")
    if not name or not secret or name != key.consumer_key:
        return False
    if not hmac.compare_digest(secret, key.consumer_secret):
        raise RestError(_CODE, "Consumer secret is invalid.", 401)
    return True


def _oauth(request: Request, key: ApiKey, url: str, now: datetime) -> bool:
    params = {**request.query, **_header_parameters(request.headers.get("authorization", ""))}
    missing = [name for name in _OAUTH if not params.get(name)]
    if len(missing) == len(_OAUTH):
        return False
    if missing:
        sentence = f"Missing OAuth parameter{'s' if len(missing) > 1 else ''} {', '.join(missing)}"
        raise RestError("woocommerce_rest_authentication_missing_parameter", sentence, 401)
    if params["oauth_consumer_key"] != key.consumer_key:
        raise RestError(_CODE, "Consumer key is invalid.", 401)
    _check_signature(request, params, key, url)
    _check_time_and_nonce(params, key, now)
    return True


def _header_parameters(header: str) -> dict[str, str]:
    scheme, _, rest = header.strip().partition(" ")
    if scheme != "OAuth":
        return {}
    pairs = (part.strip().partition("=") for part in rest.split(","))
    return {name: unquote(value.strip('"')) for name, _, value in pairs if name.startswith("oauth_")}


def _check_signature(request: Request, params: Query, key: ApiKey, url: str) -> None:
    given = unquote(params["oauth_signature"].replace(" ", "+"))
    signed = {name: value for name, value in params.items() if name != "oauth_signature"}
    method = params["oauth_signature_method"]
    if method not in {"HMAC-SHA1", "HMAC-SHA256"}:
        raise RestError(_CODE, "Invalid signature - signature method is invalid.", 401)
    text = "&".join((request.method, _encode(url + request.path), "%26".join(_encoded_pairs(signed))))
    digest = hmac.new(
        f"{key.consumer_secret}&".encode(), text.encode(), hashlib.sha1 if method.endswith("SHA1") else hashlib.sha256
    ).digest()
    if not hmac.compare_digest(base64.b64encode(digest).decode(), given):
        raise RestError(_CODE, "Invalid signature - provided signature does not match.", 401)


def _encoded_pairs(params: Query) -> Iterator[str]:
    for name in sorted(params):
        value: Any = params[name]
        if isinstance(value, list):
            for index, item in enumerate(value):
                yield _encode(f"{_encode(name)}%5B{index}%5D={_encode(item)}")
        else:
            yield _encode(f"{_encode(name)}={_encode(value)}")


def _encode(text: str) -> str:
    return quote(text, safe="~")


def _check_time_and_nonce(params: Query, key: ApiKey, now: datetime) -> None:
    moment, clock = int(params["oauth_timestamp"]), int(now.timestamp())
    if abs(clock - moment) > _WINDOW_SECONDS:
        raise RestError(_CODE, "Invalid timestamp.", 401)
    if params["oauth_nonce"] in key.nonces.values():
        raise RestError(_CODE, "Invalid nonce - nonce has already been used.", 401)
    key.nonces[moment] = params["oauth_nonce"]
    for expired in [second for second in key.nonces if second < clock - _WINDOW_SECONDS]:
        del key.nonces[expired]
