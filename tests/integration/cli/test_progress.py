"""Long work done in the foreground: step by step, and no further than it is wanted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from threading import Event

import click
import pytest
from sqlalchemy import Engine

from connector.cli.progress import do_now
from connector.clock import utc_now
from connector.db import backfills, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.vault import Vault
from connector.queueing import NoQueue
from jobs.context import STEP, Context


def a_step_at_every_look() -> Callable[[], datetime]:
    """A clock by which every page takes a whole step."""
    moment = utc_now()

    def look() -> datetime:
        nonlocal moment
        moment += STEP
        return moment

    return look


@pytest.fixture
def context(engine: Engine, vault: Vault) -> Context:
    return Context(engine=engine, vault=vault, queue=NoQueue(), clock=a_step_at_every_look())


def state(engine: Engine, store: Store) -> tuple[str, bool]:
    with reading(engine) as connection:
        row = backfills.latest(connection, store.id)
        assert row is not None
        return row.state, "backfill" in work.owed(connection, store.id)


def test_a_backfill_that_is_stopped_ends_after_its_step_and_can_go_on(
    context: Context, engine: Engine, paired: Store
) -> None:
    stop = Event()
    stop.set()
    do_now(context, paired, "backfill", stop)
    assert state(engine, paired) == ("running", True)

    do_now(context, paired, "backfill")
    assert state(engine, paired) == ("done", False)


def test_a_disconnected_store_has_to_come_back_first(context: Context, engine: Engine, paired: Store) -> None:
    with transaction(engine) as connection:
        stores.disconnect(connection, paired.id, utc_now())
        left = stores.by_id(connection, paired.id)
    with pytest.raises(click.ClickException, match="This store is disconnected"):
        do_now(context, left, "score")
    with reading(engine) as connection:
        assert work.owed(connection, paired.id) == {}
