"""The web application on a migrated database, and stores that speak to it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import Engine
from werkzeug.serving import WSGIRequestHandler, make_server

from connector.app import create_app
from connector.db import pairing_codes, stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.vault import Vault
from connector.settings import load_settings
from tests.clock import Clock
from tests.integration.web.speaking import StoreVoice
from tests.sample_shop import SampleShop

NewClient = Callable[..., FlaskClient]
VoiceOf = Callable[[Store], StoreVoice]


class RecordingQueue:
    """Notes what it is offered, and what of it was committed by then."""

    def __init__(self) -> None:
        self.offered: list[tuple[int, str]] = []
        self.reachable = True
        self.on_offer: Callable[[], None] = lambda: None

    def offer(self, work_id: int, job: str) -> bool:
        self.on_offer()
        if self.reachable:
            self.offered.append((work_id, job))
        return self.reachable

    def lengths(self) -> dict[str, int]:
        if not self.reachable:
            raise RedisConnectionError("out of reach")
        return {"swift": len(self.offered)}


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def new_client_without_database(vault: Vault, queue: RecordingQueue, clock: Clock, tmp_path: Path) -> NewClient:
    """Clients of the application; what is named replaces a part of it, and ``engine`` must be."""

    def make(**changed: Any) -> FlaskClient:
        settings = load_settings({"REGULARS_DATA_DIR": str(tmp_path)})
        parts: dict[str, Any] = {"vault": vault, "queue": queue, "clock": clock, **changed}
        return create_app(settings, **parts).test_client()

    return make


@pytest.fixture
def new_client(engine: Engine, new_client_without_database: NewClient) -> NewClient:
    """Clients of the application on `engine`; what is named replaces a part of it."""
    return partial(new_client_without_database, engine=engine)


@pytest.fixture
def client(new_client: NewClient) -> FlaskClient:
    return new_client()


class _Quiet(WSGIRequestHandler):
    def log(self, *args: object) -> None:
        return


@pytest.fixture
def connector_url(client: FlaskClient) -> Iterator[str]:
    """The application on a real socket."""
    server = make_server("127.0.0.1", 0, client.application, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def voice_of(client: FlaskClient, engine: Engine, vault: Vault, clock: Clock) -> VoiceOf:
    """The voice of any connected store."""

    def make(store: Store) -> StoreVoice:
        with transaction(engine) as connection:
            secret = stores.signing_secret(connection, store.id, vault)
        return StoreVoice(client, clock, store.public_id, secret)

    return make


@pytest.fixture
def voice(voice_of: VoiceOf, store: Store) -> StoreVoice:
    """The voice of `store`."""
    return voice_of(store)


@pytest.fixture(scope="session")
def running_shop() -> Iterator[SampleShop]:
    with SampleShop(timezone="Europe/Berlin", currency="EUR") as shop:
        yield shop


@pytest.fixture
def shop(running_shop: SampleShop) -> Iterator[SampleShop]:
    """A sample shop nobody has asked anything yet."""
    running_shop.faults.clear()
    running_shop.reset_requests()
    yield running_shop
    running_shop.faults.clear()


@pytest.fixture
def new_code(engine: Engine, clock: Clock) -> Callable[[], str]:
    """Does what `regulars pair` does."""

    def issue() -> str:
        with transaction(engine) as connection:
            return pairing_codes.issue(connection, clock())

    return issue


@pytest.fixture
def asked(shop: SampleShop, new_code: Callable[[], str]) -> dict[str, Any]:
    """What the shop's plugin sends, in good order."""
    return {
        "code": new_code(),
        "site_url": shop.url,
        "rest_url": shop.rest_url,
        "consumer_key": shop.consumer_key,
        "consumer_secret": shop.consumer_secret,
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "versions": {"wordpress": "7.1.0", "woocommerce": "10.9.1", "php": "8.2.28", "plugin": "0.1.0"},
    }
