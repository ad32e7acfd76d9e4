"""The command as an operator runs it: in this process with an environment of its own, or as a real process."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import Engine

from connector.cli import main
from connector.clock import utc_now
from connector.db import backfills, stores
from connector.db.session import transaction
from connector.db.stores import Connecting, Store
from connector.db.vault import Vault
from tests.sample_shop import SampleShop

Regulars = Callable[..., Result]


@pytest.fixture
def environment(database_url: str, tmp_path: Path, secret_key: str) -> dict[str, str | None]:
    """Settings of a connector of this test's own, on the database the test runs on."""
    return {
        "REGULARS_DATA_DIR": str(tmp_path),
        "REGULARS_DATABASE_URL": database_url,
        "REGULARS_SECRET_KEY": secret_key,
        "REGULARS_PORT": str(_free_port()),
        "REGULARS_PUBLIC_URL": None,
        "REGULARS_WORKERS": "1",
        "REDIS_URL": None,
    }


@pytest.fixture
def regulars(environment: dict[str, str | None]) -> Regulars:
    """`regulars("pair")` runs the command and gives its result."""

    def run(*arguments: str) -> Result:
        return CliRunner().invoke(main, list(arguments), env=environment, catch_exceptions=False)

    return run


@pytest.fixture
def shop() -> Iterator[SampleShop]:
    with SampleShop.filled(customers=40) as filled:
        yield filled


@pytest.fixture
def paired(engine: Engine, vault: Vault, shop: SampleShop) -> Store:
    """The sample shop as a connected store whose history has not been read."""
    with transaction(engine) as connection:
        store = stores.connect(
            connection,
            Connecting(
                public_id="st_sample",
                site_url=shop.url,
                rest_url=shop.rest_url,
                consumer_key=shop.consumer_key,
                consumer_secret=shop.consumer_secret,
                signing_secret="whsec_" + "a" * 32,
                currency=shop.currency,
                timezone=shop.timezone,
                versions={},
            ),
            vault,
            utc_now(),
        )
        backfills.start(connection, store.id, utc_now())
    return store


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
