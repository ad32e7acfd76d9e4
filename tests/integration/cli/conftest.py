"""The command as an operator runs it: in this process with an environment of its own, or as a real process."""

from __future__ import annotations

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
from tests.integration.cli.exports import SAMPLE, Score
from tests.ports import held_port
from tests.sample_shop import SampleShop

Regulars = Callable[..., Result]


@pytest.fixture
def port() -> Iterator[int]:
    with held_port() as port:
        yield port


@pytest.fixture
def environment(database_url: str, tmp_path: Path, secret_key: str, port: int) -> dict[str, str | None]:
    """Settings of a connector of this test's own, on the database the test runs on."""
    return {
        "REGULARS_DATA_DIR": str(tmp_path),
        "REGULARS_DATABASE_URL": database_url,
        "REGULARS_SECRET_KEY": secret_key,
        "REGULARS_PORT": str(port),
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


@pytest.fixture
def score(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Score:
    """Runs `regulars score` in a folder of its own with settings that no other command would accept."""
    environment = {"REGULARS_WORKERS": "many", "REGULARS_DATABASE_URL": "nowhere", "REGULARS_DATA_DIR": "/dev/null/x"}

    def run(*arguments: object) -> Result:
        words = ["score", *map(str, arguments)]
        return CliRunner().invoke(main, words, env=environment, catch_exceptions=False)

    monkeypatch.chdir(tmp_path)
    return run


@pytest.fixture(scope="session")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An export that is large enough for a model, and quick to score."""
    path = tmp_path_factory.mktemp("small") / "orders.csv"
    lines = SAMPLE.read_text().splitlines()
    path.write_text("\n".join([lines[0], *(line for line in lines[1:] if int(line.split(",")[0]) <= 250)]) + "\n")
    return path
