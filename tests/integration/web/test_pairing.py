"""Pairing: what makes a store ours, and everything that does not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, func, select
from werkzeug.test import TestResponse

from connector.clock import utc_now
from connector.db import backfills, pairing_codes, stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import backfills as backfill_rows
from connector.db.tables import pairing_codes as code_rows
from connector.db.tables import stores as store_rows
from connector.db.vault import Vault
from connector.shop.errors import ShopRefused, ShopUnavailable
from tests.clock import Clock
from tests.integration.web.conftest import NewClient, RecordingQueue
from tests.integration.web.speaking import StoreVoice, inbox_rows, order_updated, owed_work, problem_of
from tests.sample_shop import SampleShop
from tests.sample_shop.plugin import PairingRefused


@pytest.fixture(scope="module")
def running_shop() -> Iterator[SampleShop]:
    with SampleShop(timezone="Europe/Berlin", currency="EUR") as shop:
        yield shop


@pytest.fixture
def shop(running_shop: SampleShop) -> Iterator[SampleShop]:
    """A sample shop nobody has asked anything yet."""
    running_shop.faults.clear()
    running_shop.reset_requests()
    yield running_shop
    running_shop.faults.clear()


@pytest.fixture
def new_code(engine: Engine, clock: Clock) -> Callable[[], str]:
    """Does what `regulars pair` does."""

    def issue() -> str:
        with transaction(engine) as connection:
            return pairing_codes.issue(connection, clock())

    return issue


@pytest.fixture
def asked(shop: SampleShop, new_code: Callable[[], str]) -> dict[str, Any]:
    """What the shop's plugin sends, in good order."""
    return {
        "code": new_code(),
        "site_url": shop.url,
        "rest_url": shop.rest_url,
        "consumer_key": shop.consumer_key,
        "consumer_secret": shop.consumer_secret,
        "currency": "EUR",
        "timezone": "Europe/Berlin",
        "versions": {"wordpress": "7.1.0", "woocommerce": "10.9.1", "php": "8.2.28", "plugin": "0.1.0"},
    }


def _pair(client: FlaskClient, asked: dict[str, Any], **changed: Any) -> TestResponse:
    return client.post("/v1/pair", json={**asked, **changed})


def _count(engine: Engine, table: Any) -> int:
    with transaction(engine) as connection:
        return connection.execute(select(func.count()).select_from(table)).scalar_one()


def _assert_nothing_happened(engine: Engine, queue: RecordingQueue) -> None:
    assert _count(engine, store_rows) == 0
    assert _count(engine, backfill_rows) == 0
    assert owed_work(engine) == []
    assert queue.offered == []
    with transaction(engine) as connection:
        assert connection.execute(select(code_rows.c.id).where(code_rows.c.used_at.is_not(None))).all() == []


def test_a_store_pairs_and_its_history_starts_to_flow(
    client: FlaskClient,
    asked: dict[str, Any],
    shop: SampleShop,
    engine: Engine,
    vault: Vault,
    queue: RecordingQueue,
    now: datetime,
) -> None:
    answer = _pair(client, asked)

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
    queue.on_offer = lambda: seen.append(_count(engine, store_rows) + len(owed_work(engine)))

    _pair(client, asked)

    assert seen == [2]


def test_keys_and_secrets_are_sealed_in_the_database(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, engine: Engine
) -> None:
    secret = _pair(client, asked).get_json()["signing_secret"]

    with transaction(engine) as connection:
        row = connection.execute(select(store_rows)).one()
    stored = repr(tuple(row))
    for plain in (shop.consumer_key, shop.consumer_secret, secret, secret.removeprefix("whsec_")):
        assert plain not in stored


def test_neither_code_nor_keys_nor_secret_reach_the_log(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level("INFO"):
        refused = _pair(client, asked, consumer_secret="cs_wrong")
        secret = _pair(client, asked).get_json()["signing_secret"]

    assert refused.status_code == 422
    for plain in (asked["code"], shop.consumer_key, shop.consumer_secret, "cs_wrong", secret):
        assert plain not in caplog.text


def test_the_secret_signs_deliveries_at_once(client: FlaskClient, asked: dict[str, Any], clock: Clock) -> None:
    document = _pair(client, asked).get_json()
    voice = StoreVoice(client, clock, document["store_id"], document["signing_secret"])

    assert voice.deliver(order_updated(currency="EUR")).status_code == 202


def test_the_key_is_proven_with_one_read_and_nothing_is_written_to_the_store(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop
) -> None:
    _pair(client, asked)

    assert dict(shop.requests) == {"GET /wc/v3/data/currencies/current": 1}


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
    _pair(client, asked)

    assert problem_of(_pair(client, asked)) == (403, "pairing_code_invalid")
    assert _count(engine, store_rows) == 1


def test_a_code_may_be_typed_without_dashes_and_in_small_letters(client: FlaskClient, asked: dict[str, Any]) -> None:
    assert _pair(client, asked, code=asked["code"].replace("-", " ").lower()).status_code == 201


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKMN", "-", "\ud800", "' OR 1=1"])
def test_an_unknown_code_is_refused_and_no_store_is_called(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, engine: Engine, queue: RecordingQueue, code: str
) -> None:
    assert problem_of(_pair(client, asked, code=code)) == (403, "pairing_code_invalid")
    assert not shop.requests
    _assert_nothing_happened(engine, queue)


def test_a_code_expires_after_fifteen_minutes(
    client: FlaskClient,
    asked: dict[str, Any],
    shop: SampleShop,
    engine: Engine,
    queue: RecordingQueue,
    clock: Clock,
) -> None:
    clock.advance(minutes=15)

    assert problem_of(_pair(client, asked)) == (403, "pairing_code_expired")
    assert not shop.requests
    _assert_nothing_happened(engine, queue)


def test_a_code_used_by_another_store_meanwhile_is_refused(
    new_client: NewClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue, now: datetime
) -> None:
    class _SlowStore:
        def __enter__(self) -> _SlowStore:
            with transaction(engine) as connection:
                pairing_codes.use(connection, pairing_codes.check(connection, asked["code"], now), now)
            return self

        def __exit__(self, *_: object) -> None: ...

        def get(self, *_: object) -> Any:
            return type("Answer", (), {"json": {"code": "EUR"}})

    client = new_client(shop_factory=lambda *_, **__: _SlowStore())

    assert problem_of(_pair(client, asked)) == (403, "pairing_code_invalid")
    assert _count(engine, store_rows) == 0
    assert owed_work(engine) == []


def test_a_refused_key_is_reported_and_neither_stored_nor_the_code_used_up(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    answer = _pair(client, asked, consumer_secret="cs_" + "0" * 40)

    assert problem_of(answer) == (422, "store_key_refused")
    _assert_nothing_happened(engine, queue)
    assert _pair(client, asked).status_code == 201


@pytest.mark.parametrize(
    ("kind", "options", "problem"),
    [
        ("status", {"status": 500}, (502, "store_unreachable")),
        ("status", {"status": 503, "retry_after": 3600}, (502, "store_unreachable")),
        ("status", {"status": 429}, (502, "store_unreachable")),
        ("status", {"status": 401}, (422, "store_key_refused")),
        ("html", {}, (502, "store_unreachable")),
        ("not_json", {}, (201, "")),
        ("empty", {}, (502, "store_unreachable")),
        ("drop", {}, (502, "store_unreachable")),
        ("redirect", {}, (422, "store_key_refused")),
    ],
)
def test_a_store_that_does_not_answer_well_is_reported_after_one_try(
    client: FlaskClient,
    asked: dict[str, Any],
    shop: SampleShop,
    engine: Engine,
    queue: RecordingQueue,
    kind: str,
    options: dict[str, Any],
    problem: tuple[int, str],
) -> None:
    shop.faults.add(kind, times=5, **options)

    answer = _pair(client, asked)

    assert shop.faults.pending() == 4
    if problem[0] == 201:
        assert answer.status_code == 201
    else:
        assert problem_of(answer) == problem
        _assert_nothing_happened(engine, queue)


def test_a_store_that_is_not_there_is_unreachable(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    with SampleShop() as gone:
        address = gone.url

    answer = _pair(client, asked, site_url=address, rest_url=f"{address}/wp-json/")

    assert problem_of(answer) == (502, "store_unreachable")
    _assert_nothing_happened(engine, queue)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ShopUnavailable("The store is asleep.", reason="timeout"), (502, "store_unreachable")),
        (
            ShopRefused("The key may not read.", status=403, code="woocommerce_rest_cannot_view"),
            (422, "store_key_refused"),
        ),
    ],
)
def test_the_sentence_of_what_is_wrong_reaches_the_owner(
    new_client: NewClient, asked: dict[str, Any], error: Exception, problem: tuple[int, str]
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise error

    answer = _pair(new_client(shop_factory=refuse), asked)

    assert problem_of(answer) == problem
    assert answer.get_json(force=True)["detail"] == str(error)


def test_plain_permalinks_are_explained(client: FlaskClient, asked: dict[str, Any], shop: SampleShop) -> None:
    answer = _pair(client, asked, rest_url=f"{shop.url}/?rest_route=/")

    assert problem_of(answer) == (422, "store_key_refused")
    assert "Permalinks" in answer.get_json(force=True)["detail"]


def test_another_currency_than_the_stores_own_is_refused(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    answer = _pair(client, asked, currency="USD")

    assert problem_of(answer) == (422, "currency_mismatch")
    assert "EUR" in answer.get_json(force=True)["detail"]
    _assert_nothing_happened(engine, queue)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", None),
        ("code", ""),
        ("code", 123456789012),
        ("code", "A" * 65),
        ("site_url", "shop.example"),
        ("site_url", "https://owner:password@shop.example"),
        ("rest_url", "https://other.example/wp-json/"),
        ("rest_url", "https://shop.example/" + "x" * 500),
        ("consumer_key", "cs_0123456789"),
        ("consumer_key", "ck_\n"),
        ("consumer_secret", ""),
        ("consumer_secret", "cs_x\x00"),
        ("currency", "eur"),
        ("currency", "EURO"),
        ("currency", "EUR\n"),
        ("timezone", "Europe/Atlantis"),
        ("timezone", "../../etc/passwd"),
        ("timezone", "Europe"),
        ("timezone", "+2"),
        ("timezone", "+25:00"),
        ("timezone", "+99999999999999:00"),
        ("timezone", ""),
        ("versions", ["7.1.0"]),
        ("versions", {"php": {"major": 8}}),
    ],
)
def test_a_wrong_field_is_named_and_no_store_is_called(
    client: FlaskClient,
    asked: dict[str, Any],
    shop: SampleShop,
    engine: Engine,
    queue: RecordingQueue,
    field: str,
    value: object,
) -> None:
    if field in {"site_url", "rest_url"}:
        asked |= {"site_url": "https://shop.example", "rest_url": "https://shop.example/wp-json/"}

    answer = _pair(client, asked, **{field: value})

    assert problem_of(answer) == (422, "validation_failed")
    assert list(answer.get_json(force=True)["errors"]) == [field]
    assert not shop.requests
    _assert_nothing_happened(engine, queue)


@pytest.mark.parametrize("field", ["site_url", "rest_url"])
def test_http_to_another_machine_is_refused(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue, field: str
) -> None:
    asked |= {"site_url": "https://shop.example", "rest_url": "https://shop.example/wp-json/"}
    asked[field] = asked[field].replace("https", "http")

    assert problem_of(_pair(client, asked)) == (422, "https_required")
    _assert_nothing_happened(engine, queue)


@pytest.mark.parametrize("timezone", ["+02:00", "-09:30", "UTC", "America/Argentina/Buenos_Aires", "Etc/GMT+5"])
def test_every_zone_that_wordpress_names_is_accepted(
    client: FlaskClient, asked: dict[str, Any], timezone: str
) -> None:
    assert _pair(client, asked, timezone=timezone).status_code == 201


def test_versions_may_be_missing_or_more_than_we_know(client: FlaskClient, asked: dict[str, Any]) -> None:
    del asked["versions"]
    assert _pair(client, asked).status_code == 201


def test_a_store_that_pairs_again_keeps_its_id_and_history_and_gets_a_new_secret(
    client: FlaskClient, asked: dict[str, Any], new_code: Callable[[], str], engine: Engine, clock: Clock
) -> None:
    first = _pair(client, asked).get_json()
    old_voice = StoreVoice(client, clock, first["store_id"], first["signing_secret"])
    assert old_voice.call("disconnect", "connection.closed").status_code == 200

    second = _pair(client, asked, code=new_code(), site_url=asked["site_url"] + "/").get_json()

    assert second["store_id"] == first["store_id"]
    assert second["signing_secret"] != first["signing_secret"]
    assert _count(engine, store_rows) == 1
    assert problem_of(old_voice.deliver(order_updated())) == (401, "signature_invalid")
    new_voice = StoreVoice(client, clock, second["store_id"], second["signing_secret"])
    assert new_voice.deliver(order_updated()).status_code == 202


def test_pairing_leaves_other_stores_alone(
    client: FlaskClient, asked: dict[str, Any], store: Store, voice: StoreVoice
) -> None:
    _pair(client, asked)

    assert voice.deliver(order_updated()).status_code == 202


def test_a_queue_out_of_reach_does_not_keep_a_store_from_pairing(
    client: FlaskClient, asked: dict[str, Any], queue: RecordingQueue, engine: Engine
) -> None:
    queue.reachable = False

    assert _pair(client, asked).status_code == 201
    assert [job for _, job, _ in owed_work(engine)] == ["backfill"]


@pytest.mark.parametrize("body", [b"", b"code=ABCD", b"{", b"\xff", b'{"code": NaN}'])
def test_a_body_that_is_not_json_is_400(client: FlaskClient, body: bytes) -> None:
    assert problem_of(client.post("/v1/pair", data=body)) == (400, "not_json")


@pytest.mark.parametrize("body", [b"[]", b"null", b'"code"'])
def test_json_that_is_no_object_is_422(client: FlaskClient, body: bytes) -> None:
    assert problem_of(client.post("/v1/pair", data=body)) == (422, "validation_failed")


def test_the_plugin_of_the_sample_shop_hears_why_it_was_refused(connector_url: str, shop: SampleShop) -> None:
    with pytest.raises(PairingRefused) as refused:
        shop.pair(connector_url, "ABCD-EFGH-JKMN")

    assert refused.value.status == 403
    assert refused.value.problem["code"] == "pairing_code_invalid"
    assert "regulars pair" in refused.value.problem["detail"]
