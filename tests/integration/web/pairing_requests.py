"""Asking to pair, and what must not have happened where that was refused."""

from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import Engine, select
from werkzeug.test import TestResponse

from connector.db.session import transaction
from connector.db.tables import backfills, pairing_codes, stores
from tests.integration.web.conftest import RecordingQueue
from tests.integration.web.speaking import count_rows, owed_work


def pair(client: FlaskClient, asked: dict[str, Any], **changed: Any) -> TestResponse:
    """Send a pairing request with some fields changed."""
    return client.post("/v1/pair", json={**asked, **changed})


def assert_nothing_happened(engine: Engine, queue: RecordingQueue) -> None:
    """No store, no backfill, nothing owed or offered, and every code as good as before."""
    assert count_rows(engine, stores) == 0
    assert count_rows(engine, backfills) == 0
    assert owed_work(engine) == []
    assert queue.offered == []
    with transaction(engine) as connection:
        used = select(pairing_codes.c.id).where(pairing_codes.c.used_at.is_not(None))
        assert connection.execute(used).all() == []
