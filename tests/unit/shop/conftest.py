"""A store that answers from a script, under the client's own session and signing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
from requests.adapters import BaseAdapter
from urllib3 import HTTPResponse

from connector.shop.client import RetryPolicy, ShopClient
from connector.shop.session import StoreSession

NOW = datetime(2026, 11, 22, 12, 0, 0, tzinfo=UTC)


@dataclass
class Asked:
    """One request as it left the client."""

    method: str
    url: str
    path: str
    params: dict[str, str]
    body: Any
    headers: dict[str, str]


@dataclass
class ScriptedStore(BaseAdapter):
    """Answers what it was told to, in order, and remembers what it was asked and how long the client paused."""

    script: list[tuple[int, bytes, dict[str, str]] | Exception] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    pauses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def answers(self, body: object, status: int = 200, **headers: str) -> None:
        """Answer next with ``body`` (bytes as they are, anything else as JSON)."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.script.append((status, raw, {name.replace("_", "-"): text for name, text in headers.items()}))

    def fails(self, error: Exception) -> None:
        self.script.append(error)

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:  # type: ignore[override]
        parts = urlsplit(str(request.url))
        body = json.loads(request.body) if request.body else None
        params = dict(parse_qsl(parts.query, keep_blank_values=True))
        self.asked.append(
            Asked(str(request.method), str(request.url), parts.path, params, body, dict(request.headers))
        )
        answer = self.script.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, raw, headers = answer
        response = requests.Response()
        response.status_code = status
        response.headers.update(headers)
        response.raw = HTTPResponse(body=io.BytesIO(raw), headers=headers, status=status, preload_content=False)
        return response

    def close(self) -> None:
        """Nothing is held."""


@pytest.fixture
def store() -> ScriptedStore:
    return ScriptedStore()


@pytest.fixture
def connect(store: ScriptedStore) -> Iterator[Callable[[str], ShopClient]]:
    """Make a client of ``store`` under a given address."""
    made: list[ShopClient] = []

    def make(rest_url: str) -> ShopClient:
        session = StoreSession()
        session.mount("https://", store)
        session.mount("http://", store)
        retry = RetryPolicy(pause=store.pauses.append)
        made.append(ShopClient(rest_url, "ck_key", "cs_secret", session=session, retry=retry, clock=lambda: NOW))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def client(connect: Callable[[str], ShopClient]) -> ShopClient:
    return connect("https://shop.example/wp-json/")
