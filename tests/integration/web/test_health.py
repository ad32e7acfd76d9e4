"""Up, and ready: the database decides, the queue is only told."""

from datetime import datetime
from pathlib import Path

from flask.testing import FlaskClient
from redis import Redis
from sqlalchemy import Engine

from connector.app import create_app
from connector.db.stores import Store
from connector.db.vault import Vault
from connector.queueing import WorkQueue, connect_redis
from connector.settings import load_settings
from tests.integration.web.conftest import NewClient, RecordingQueue
from tests.integration.web.speaking import StoreVoice, order_updated, owed_work


def test_the_process_is_up_without_asking_anybody(client: FlaskClient) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "up"})


def test_a_database_that_answers_makes_it_ready(client: FlaskClient) -> None:
    answer = client.get("/readyz")

    assert (answer.status_code, answer.get_json()) == (200, {"status": "ready", "database": "up", "queue": "up"})


def test_a_queue_out_of_reach_is_told_and_does_no_harm(client: FlaskClient, queue: RecordingQueue) -> None:
    queue.reachable = False

    answer = client.get("/readyz")

    assert answer.status_code == 200
    assert answer.get_json()["queue"] == "unavailable"


def test_no_queue_at_all_is_told(new_client: NewClient) -> None:
    assert new_client(queue=None).get("/readyz").get_json()["queue"] == "none"


def test_what_is_not_handed_over_is_made_from_the_settings(
    database_url: str,
    secret_key: str,
    redis_url: str,
    redis_client: Redis,
    tmp_path: Path,
    store: Store,
    now: datetime,
) -> None:
    settings = load_settings(
        {
            "REGULARS_DATA_DIR": str(tmp_path),
            "REGULARS_DATABASE_URL": database_url,
            "REGULARS_SECRET_KEY": secret_key,
            "REDIS_URL": redis_url,
        }
    )

    app = create_app(settings)

    assert app.test_client().get("/readyz").get_json() == {"status": "ready", "database": "up", "queue": "up"}
    app.extensions["regulars"].engine.dispose()


def test_work_reaches_a_real_queue_as_an_id(voice: StoreVoice, new_client: NewClient, redis_url: str) -> None:
    queue = WorkQueue(connect_redis(redis_url))
    voice.client = new_client(queue=queue)

    voice.deliver(order_updated())

    assert queue.lengths() == {"swift": 1, "bulk": 0}


def test_a_redis_that_is_down_costs_neither_the_delivery_nor_its_work(
    voice: StoreVoice, new_client: NewClient, engine: Engine, store: Store, vault: Vault
) -> None:
    voice.client = new_client(queue=WorkQueue(connect_redis("redis://127.0.0.1:1/0")))

    assert voice.deliver(order_updated()).status_code == 202
    assert owed_work(engine) == [(store.id, "ingest", "order:4711")]
