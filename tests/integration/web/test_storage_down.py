"""A database that cannot take a delivery: 503 with Retry-After, nothing stored, and the next attempt succeeds."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from flask.testing import FlaskClient
from psycopg.sql import SQL, Identifier
from sqlalchemy import Engine, event, make_url, text
from werkzeug.test import TestResponse

from connector.db import store_reports
from connector.db.session import open_engine, transaction
from connector.db.stores import Store
from tests.integration.web.conftest import NewClient, RecordingQueue
from tests.integration.web.speaking import StoreVoice, inbox_rows, order_updated, owed_work, problem_of

BODY = json.dumps(order_updated()).encode()


def _assert_come_again_later(answer: TestResponse) -> None:
    assert problem_of(answer) == (503, "storage_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


@contextmanager
def _impatient(url: str) -> Iterator[Engine]:
    """An engine that does not wait long for what the test will not give it."""
    engine = open_engine(url, wait_seconds=0.05)
    yield engine
    engine.dispose()


@contextmanager
def _locked_by_another(url: str, table: str = "inbox") -> Iterator[None]:
    """Somebody else holds what is to be written."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        other = sqlite3.connect(str(address.database), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        yield
        other.close()
    else:
        host = str(address.query["host"])
        with psycopg.connect(host=host, user=address.username, dbname=address.database) as connection:
            connection.execute(SQL("LOCK TABLE {} IN EXCLUSIVE MODE").format(Identifier(table)))
            yield
            connection.rollback()


def test_a_locked_database_is_503_and_the_delivery_is_taken_once_it_is_free(
    database_url: str, engine: Engine, voice: StoreVoice, new_client: NewClient, queue: RecordingQueue
) -> None:
    with _impatient(database_url) as impatient:
        voice.client = new_client(engine=impatient)
        with _locked_by_another(database_url):
            _assert_come_again_later(voice.hooks(BODY, voice.signed(BODY)))

        assert inbox_rows(engine) == []
        assert owed_work(engine) == []
        assert queue.offered == []
        assert voice.hooks(BODY, voice.signed(BODY)).get_json() == {"status": "accepted"}


def test_a_forged_delivery_waits_for_nobody(database_url: str, voice: StoreVoice, new_client: NewClient) -> None:
    with _impatient(database_url) as impatient, _locked_by_another(database_url):
        voice.client = new_client(engine=impatient)

        assert problem_of(voice.hooks(BODY, {})) == (401, "signature_invalid")


def test_a_report_that_is_there_is_read_although_no_new_one_can_be_asked_for(
    database_url: str, engine: Engine, voice: StoreVoice, store: Store, new_client: NewClient
) -> None:
    with transaction(engine) as connection:
        store_reports.save(connection, store.id, store_reports.value(365), {}, voice.clock())
    voice.clock.advance(hours=2)
    with _impatient(database_url) as impatient, _locked_by_another(database_url, "work"):
        voice.client = new_client(engine=impatient)
        assert voice.api("GET", "/v1/reports/value").status_code == 200
        _assert_come_again_later(voice.api("GET", "/v1/reports/liability"))


@pytest.mark.parametrize("statement", ["INSERT INTO inbox", "INSERT INTO work", "UPDATE stores"])
def test_a_failure_anywhere_in_the_transaction_stores_nothing(
    engine: Engine, database_url: str, voice: StoreVoice, new_client: NewClient, queue: RecordingQueue, statement: str
) -> None:
    failing = open_engine(database_url)

    @event.listens_for(failing, "before_cursor_execute")
    def fail(_connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith(statement):
            raise failing.dialect.loaded_dbapi.Error("the disk is gone")

    voice.client = new_client(engine=failing)

    assert voice.hooks(BODY, voice.signed(BODY)).status_code == 500
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []
    assert queue.offered == []
    failing.dispose()


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_a_connection_that_dies_before_the_commit_is_503_and_nothing_is_stored(
    engine: Engine, database_url: str, voice: StoreVoice, new_client: NewClient, queue: RecordingQueue
) -> None:
    dying = open_engine(database_url)

    @event.listens_for(dying, "after_cursor_execute")
    def die(connection: Any, _cursor: Any, sql: str, *_: Any) -> None:
        if sql.startswith("UPDATE stores"):
            backend = connection.connection.dbapi_connection.info.backend_pid
            with engine.begin() as other:
                other.execute(text("SELECT pg_terminate_backend(:backend)"), {"backend": backend})

    voice.client = new_client(engine=dying)

    _assert_come_again_later(voice.hooks(BODY, voice.signed(BODY)))
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []
    assert queue.offered == []
    dying.dispose()


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_connections_that_died_while_idle_are_replaced_without_an_error(engine: Engine, voice: StoreVoice) -> None:
    voice.deliver(order_updated(), "msg_1")
    address = engine.url
    with psycopg.connect(host=str(address.query["host"]), user=address.username, autocommit=True) as admin:
        admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [address.database])

    assert voice.deliver(order_updated(), "msg_2").status_code == 202


@pytest.fixture(params=["postgresql", "sqlite"])
def unreachable(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine for a server that is not there, or for a file in place of whose folder there is another file."""
    if request.param == "sqlite":
        engine = open_engine(f"sqlite:///{tmp_path / 'data' / 'regulars.db'}", wait_seconds=0.05)
        (tmp_path / "data").rmdir()
        (tmp_path / "data").touch()
    else:
        engine = open_engine(f"postgresql://postgres@/regulars?host={tmp_path}", wait_seconds=0.05)
    yield engine
    engine.dispose()


@pytest.fixture
def lost_client(unreachable: Engine, new_client_without_database: NewClient) -> FlaskClient:
    return new_client_without_database(engine=unreachable)


@pytest.mark.parametrize(
    "path", ["/v1/hooks/st_test1", "/v1/stores/st_test1/status", "/v1/stores/st_test1/disconnect"]
)
def test_without_a_database_everything_signed_is_503(lost_client: FlaskClient, path: str) -> None:
    headers = {"webhook-id": "msg_1", "webhook-timestamp": "1795339800", "webhook-signature": "v1,x"}

    _assert_come_again_later(lost_client.post(path, data=BODY, headers=headers))


def test_without_a_database_pairing_is_503_and_no_store_is_called(lost_client: FlaskClient) -> None:
    answer = lost_client.post(
        "/v1/pair",
        json={
            "code": "ABCD-EFGH-JKMN",
            "site_url": "https://shop.example",
            "rest_url": "https://shop.example/wp-json/",
            "consumer_key": "ck_1",
            "consumer_secret": "cs_1",
            "currency": "USD",
            "timezone": "Europe/Berlin",
        },
    )

    _assert_come_again_later(answer)


def test_without_a_database_the_process_is_up_and_not_ready(lost_client: FlaskClient) -> None:
    assert lost_client.get("/healthz").status_code == 200
    answer = lost_client.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["database"] == "unavailable"
    assert int(answer.headers["Retry-After"]) > 0


def test_the_log_of_an_outage_holds_nothing_of_the_delivery(
    database_url: str, voice: StoreVoice, new_client: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    with _impatient(database_url) as impatient, _locked_by_another(database_url):
        voice.client = new_client(engine=impatient)
        voice.hooks(BODY, voice.signed(BODY))

    assert "database is not available" in caplog.text
    assert "ada@shop.example" not in caplog.text
    assert "Byron" not in caplog.text
