"""Pairing: what makes a store ours, with all that belongs to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select

from connector.clock import utc_now
from connector.db import backfills, stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import stores as store_rows
from connector.db.vault import Vault
from tests.clock import Clock
from tests.integration.web.conftest import RecordingQueue
from tests.integration.web.pairing_requests import pair
from tests.integration.web.speaking import StoreVoice, count_rows, inbox_rows, order_updated, owed_work, problem_of
from tests.sample_shop import SampleShop


def test_a_store_pairs_and_its_history_starts_to_flow(
    client: FlaskClient,
    asked: dict[str, Any],
    shop: SampleShop,
    engine: Engine,
    vault: Vault,
    queue: RecordingQueue,
    now: datetime,
) -> None:
    answer = pair(client, asked)

    assert answer.status_code == 201
    document = answer.get_json()
    assert set(document) == {"store_id", "signing_secret"}
    with transaction(engine) as connection:
        store = stores.by_public_id(connection, document["store_id"])
        assert store is not None
        assert store.connected
        assert (store.site_url, store.rest_url) == (shop.url, shop.rest_url)
        assert (store.currency, store.timezone, store.connected_at) == ("EUR", "Europe/Berlin", now)
        assert store.versions == asked["versions"]
        assert stores.credentials(connection, store.id, vault) == (shop.consumer_key, shop.consumer_secret)
        assert stores.signing_secret(connection, store.id, vault) == document["signing_secret"]
        backfill = backfills.latest(connection, store.id)
        assert backfill is not None
        assert backfill.state == "running"
    assert owed_work(engine) == [(store.id, "backfill", "")]
    assert [job for _, job in queue.offered] == ["backfill"]


def test_the_backfill_is_offered_only_after_the_commit(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    seen: list[int] = []
    queue.on_offer = lambda: seen.append(count_rows(engine, store_rows) + len(owed_work(engine)))

    pair(client, asked)

    assert seen == [2]


def test_keys_and_secrets_are_sealed_in_the_database(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, engine: Engine
) -> None:
    secret = pair(client, asked).get_json()["signing_secret"]

    with transaction(engine) as connection:
        row = connection.execute(select(store_rows)).one()
    stored = repr(tuple(row))
    for plain in (shop.consumer_key, shop.consumer_secret, secret, secret.removeprefix("whsec_")):
        assert plain not in stored


def test_neither_code_nor_keys_nor_secret_reach_the_log(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        refused = pair(client, asked, consumer_secret="cs_wrong")
        secret = pair(client, asked).get_json()["signing_secret"]

    assert refused.status_code == 422
    for plain in (asked["code"], shop.consumer_key, shop.consumer_secret, "cs_wrong", secret):
        assert plain not in caplog.text


def test_the_secret_signs_deliveries_at_once(client: FlaskClient, asked: dict[str, Any], clock: Clock) -> None:
    document = pair(client, asked).get_json()
    voice = StoreVoice(client, clock, document["store_id"], document["signing_secret"])

    assert voice.deliver(order_updated(currency="EUR")).status_code == 202


def test_key_and_address_are_proven_with_a_read_each_and_nothing_is_written_to_the_store(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop
) -> None:
    pair(client, asked)

    assert dict(shop.requests) == {"GET /wc/v3/data/currencies/current": 1, "GET /wc/v3/system_status": 1}


def test_the_sample_shop_pairs_speaks_and_parts_over_a_real_socket(
    connector_url: str, new_code: Callable[[], str], clock: Clock, engine: Engine
) -> None:
    # The shop dates what it sends by real time.
    clock.advance(seconds=(utc_now() - clock()).total_seconds())

    with SampleShop(currency="EUR") as shop:
        shop.pair(connector_url, new_code())
        shop.register_customer("ada@shop.example")
        order = shop.place_order("120.00", email="ada@shop.example")
        shop.refund(order["id"], "20.00")
        shop.trash(order["id"])

        assert {delivery.status for delivery in shop.plugin.sent} == {202}
        assert shop.plugin.pending == []
        assert shop.plugin.replay(shop.plugin.sent[0]).answer == {"status": "duplicate"}
        assert shop.plugin.native_webhook(order["id"]) == 202
        assert shop.plugin.native_ping() == 200
        assert shop.plugin.status()["state"] == "connected"
        assert shop.plugin.disconnect() == {"state": "disconnected"}
    assert {row.topic for row in inbox_rows(engine)} == {"customer.updated", "order.updated", "order.deleted"}


def test_a_code_works_once(client: FlaskClient, asked: dict[str, Any], engine: Engine) -> None:
    pair(client, asked)

    assert problem_of(pair(client, asked)) == (403, "pairing_code_invalid")
    assert count_rows(engine, store_rows) == 1


def test_a_code_may_be_typed_without_dashes_and_in_small_letters(client: FlaskClient, asked: dict[str, Any]) -> None:
    assert pair(client, asked, code=asked["code"].replace("-", " ").lower()).status_code == 201


@pytest.mark.parametrize("timezone", ["+02:00", "-09:30", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_every_zone_that_wordpress_names_is_accepted(
    client: FlaskClient, asked: dict[str, Any], timezone: str
) -> None:
    assert pair(client, asked, timezone=timezone).status_code == 201


def test_versions_may_be_missing_or_more_than_we_know(client: FlaskClient, asked: dict[str, Any]) -> None:
    del asked["versions"]
    assert pair(client, asked).status_code == 201


def test_a_store_that_pairs_again_keeps_its_id_and_history_and_gets_a_new_secret(
    client: FlaskClient, asked: dict[str, Any], new_code: Callable[[], str], engine: Engine, clock: Clock
) -> None:
    first = pair(client, asked).get_json()
    old_voice = StoreVoice(client, clock, first["store_id"], first["signing_secret"])
    assert old_voice.call("disconnect", "connection.closed").status_code == 200

    second = pair(client, asked, code=new_code(), site_url=asked["site_url"] + "/").get_json()

    assert second["store_id"] == first["store_id"]
    assert second["signing_secret"] != first["signing_secret"]
    assert count_rows(engine, store_rows) == 1
    assert problem_of(old_voice.deliver(order_updated())) == (401, "signature_invalid")
    new_voice = StoreVoice(client, clock, second["store_id"], second["signing_secret"])
    assert new_voice.deliver(order_updated()).status_code == 202


def test_a_store_that_pairs_again_in_the_middle_of_its_history_has_it_read_from_the_start(
    client: FlaskClient, asked: dict[str, Any], new_code: Callable[[], str], engine: Engine, now: datetime
) -> None:
    store_id = pair(client, asked).get_json()["store_id"]
    with transaction(engine) as connection:
        store = stores.by_public_id(connection, store_id)
        assert store is not None
        unfinished = backfills.latest(connection, store.id)
        assert unfinished is not None
        backfills.checkpoint(
            connection, store.id, unfinished.id, now, phase="orders", cursor={"before": None, "number": 7}
        )

    pair(client, asked, code=new_code())

    with transaction(engine) as connection:
        current = backfills.latest(connection, store.id)
    assert current is not None
    assert (current.state, current.phase, current.cursor) == ("running", "customers", {})


def test_pairing_leaves_other_stores_alone(
    client: FlaskClient, asked: dict[str, Any], store: Store, voice: StoreVoice
) -> None:
    pair(client, asked)

    assert voice.deliver(order_updated()).status_code == 202


def test_a_queue_out_of_reach_does_not_keep_a_store_from_pairing(
    client: FlaskClient, asked: dict[str, Any], queue: RecordingQueue, engine: Engine
) -> None:
    queue.reachable = False

    assert pair(client, asked).status_code == 201
    assert [job for _, job, _ in owed_work(engine)] == ["backfill"]
