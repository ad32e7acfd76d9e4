"""The web application on a migrated database, and stores that speak to it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from redis.exceptions import ConnectionError as RedisConnectionError
from sqlalchemy import Engine

from connector.app import create_app
from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.vault import Vault
from connector.settings import load_settings
from tests.clock import Clock
from tests.integration.web.speaking import StoreVoice

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

    def length(self) -> int:
        if not self.reachable:
            raise RedisConnectionError("out of reach")
        return len(self.offered)


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


@pytest.fixture
def new_client(engine: Engine, vault: Vault, queue: RecordingQueue, clock: Clock, tmp_path: Path) -> NewClient:
    """Clients of the application; what is named replaces a part of it."""

    def make(**changed: Any) -> FlaskClient:
        settings = load_settings({"REGULARS_DATA_DIR": str(tmp_path)})
        parts: dict[str, Any] = {"engine": engine, "vault": vault, "queue": queue, "clock": clock, **changed}
        return create_app(settings, **parts).test_client()

    return make


@pytest.fixture
def client(new_client: NewClient) -> FlaskClient:
    return new_client()


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
