"""The demo's moving parts: a sample shop and a connector, each its own process, paired like any store."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import Engine

import connector
from connector.cli.process import fail
from connector.cli.progress import bars, console
from connector.clock import utc_now
from connector.db import backfills, outbox, pairing_codes, programmes, standings, stores, work
from connector.db.session import open_engine, reading, transaction
from connector.db.stores import Store
from connector.domain.programme import SECOND_PURCHASE

_ROOT = Path(connector.__file__).parent.parent
SAMPLE_SHOP = _ROOT / "tests" / "sample_shop"
# The sample's customers all came a year and a half ago; by default the coupon looks back one year.
_REACH_DAYS = 600
_PATIENCE_SECONDS = 300


@dataclass(slots=True)
class Parts:
    """What runs: the connector's address and database, the sample shop's facts, and the store once it has paired."""

    connector_url: str
    folder: Path
    engine: Engine
    shop: dict[str, Any]
    store: Store | None = None

    @property
    def paired(self) -> Store:
        """The store; it has paired."""
        if self.store is None:
            raise RuntimeError("the sample shop has not paired yet")
        return self.store

    def ask_shop(self, method: str, path: str, **body: Any) -> dict[str, Any]:
        """Make the sample shop do something; return its answer."""
        answer = requests.request(method, f"{self.shop['url']}/sample/{path}", json=body or None, timeout=30)
        if not answer.ok:
            fail(f"The sample shop answered {answer.status_code}: {answer.text[:300]}")
        result: dict[str, Any] = answer.json()
        return result


@contextmanager
def running(folder: Path, port: int) -> Iterator[Parts]:
    """Start sample shop and connector; end both afterwards, whatever happens."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "REDIS_"))},
        "REGULARS_DATA_DIR": str(folder),
        "REGULARS_PORT": str(port),
    }
    log = (folder / "connector.log").open("wb")
    started: list[subprocess.Popen[bytes]] = []
    try:
        with console.status("starting the sample shop and the connector"):
            shop = _start(
                [sys.executable, "-m", "tests.sample_shop", "--port", "0"], environment, subprocess.PIPE, log
            )
            started.append(shop)
            started.append(_start([sys.executable, "-m", "connector", "up"], environment, log, log))
            facts = _first_line(shop)
            url = f"http://127.0.0.1:{port}"
            _until(lambda: _ready(url), f"The connector did not start; its log is {folder / 'connector.log'}.")
        yield Parts(url, folder, open_engine(f"sqlite:///{folder / 'regulars.db'}"), facts)
    finally:
        for process in reversed(started):
            process.terminate()
        for process in reversed(started):
            process.wait(40)
        log.close()


def pair(parts: Parts) -> None:
    """Pair the sample shop as its owner would: with a code."""
    with transaction(parts.engine) as connection:
        code = pairing_codes.issue(connection, utc_now())
    answer = parts.ask_shop("POST", "pair", connector_url=parts.connector_url, code=code)
    with transaction(parts.engine) as connection:
        store = stores.by_public_id(connection, answer["store_id"])
        if store is None:
            fail("The connector does not know the store that has just paired.")
        programme = programmes.latest(connection, store.id)
        far = replace(SECOND_PURCHASE, timing=replace(SECOND_PURCHASE.timing, reach_days=_REACH_DAYS))
        generous = replace(programme, campaigns=(far,))
        programmes.save(connection, store.id, generous, programme.version, None, utc_now())
    parts.store = store
    console.print(f"paired     {store.site_url} as {store.public_id}")


def follow_backfill(parts: Parts) -> None:
    """Show the backfill, then wait until everybody is scored and the store holds the result."""
    with bars() as progress:
        people = progress.add_task("customers", total=None)
        bought = progress.add_task("orders", total=None)
        written = progress.add_task("written", total=None)

        def step() -> bool:
            with reading(parts.engine) as connection:
                row = backfills.latest(connection, parts.paired.id)
                states = outbox.counts(connection, parts.paired.id)
            if row is not None:
                progress.update(people, completed=row.customers_done, total=row.customers_total or None)
                progress.update(bought, completed=row.orders_done, total=row.orders_total or None)
            progress.update(written, completed=states["written"], total=sum(states.values()) or None)
            return settled(parts)

        _until(
            step, f"The backfill did not come to its end; the connector's log is {parts.folder / 'connector.log'}."
        )


def settled(parts: Parts) -> bool:
    """Say whether the store is scored and nothing is owed to it. Fails where work does: nothing here may."""
    with reading(parts.engine) as connection:
        store_id = parts.paired.id
        if error := work.last_error(connection, store_id):
            fail(f"{error} The connector's log:\n{(parts.folder / 'connector.log').read_text()[-2000:]}")
        return (
            standings.latest_run(connection, store_id) is not None
            and not work.owed(connection, store_id)
            and not outbox.counts(connection, store_id)["waiting"]
        )


def wait_until_settled(parts: Parts) -> None:
    """Wait until what has just happened in the shop has gone all the way and back."""
    _until(lambda: settled(parts), "The new order did not come back; see the connector's log.")


def _start(command: list[str], environment: dict[str, str], output: Any, errors: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, env=environment, stdout=output, stderr=errors, cwd=_ROOT, start_new_session=True)


def _first_line(process: subprocess.Popen[bytes]) -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout else b""
    if not line:
        fail("The sample shop did not start.")
    facts: dict[str, Any] = json.loads(line)
    return facts


def _ready(url: str) -> bool:
    try:
        return requests.get(f"{url}/readyz", timeout=2).ok
    except requests.RequestException:
        return False


def _until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            fail(otherwise)
        time.sleep(0.1)
