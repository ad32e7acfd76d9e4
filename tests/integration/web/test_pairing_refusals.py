"""What does not make a store ours: told by its code, with nothing stored and the code still good."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine

from connector.db import pairing_codes
from connector.db.session import transaction
from connector.db.tables import stores as store_rows
from connector.domain.troubles import say
from connector.shop.errors import ShopRefused, ShopUnavailable
from tests.clock import Clock
from tests.integration.web.conftest import NewClient, RecordingQueue
from tests.integration.web.pairing_requests import assert_nothing_happened, pair
from tests.integration.web.speaking import count_rows, owed_work, problem_of
from tests.sample_shop import SampleShop
from tests.sample_shop.plugin import PairingRefused


@pytest.mark.parametrize("code", ["ABCD-EFGH-JKMN", "-", "\ud800", "' OR 1=1"])
def test_an_unknown_code_is_refused_and_no_store_is_called(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, engine: Engine, queue: RecordingQueue, code: str
) -> None:
    assert problem_of(pair(client, asked, code=code)) == (403, "pairing_code_invalid")
    assert not shop.requests
    assert_nothing_happened(engine, queue)


def test_a_code_expires_after_fifteen_minutes(
    client: FlaskClient,
    asked: dict[str, Any],
    shop: SampleShop,
    engine: Engine,
    queue: RecordingQueue,
    clock: Clock,
) -> None:
    clock.advance(minutes=15)

    assert problem_of(pair(client, asked)) == (403, "pairing_code_expired")
    assert not shop.requests
    assert_nothing_happened(engine, queue)


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
            return type("Answer", (), {"json": {"code": "EUR", "environment": {"home_url": asked["site_url"]}}})

    client = new_client(shop_factory=lambda *_, **__: _SlowStore())

    assert problem_of(pair(client, asked)) == (403, "pairing_code_invalid")
    assert count_rows(engine, store_rows) == 0
    assert owed_work(engine) == []


def test_a_refused_key_is_reported_and_neither_stored_nor_the_code_used_up(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    answer = pair(client, asked, consumer_secret="cs_" + "0" * 40)

    assert problem_of(answer) == (422, "store_refused")
    assert_nothing_happened(engine, queue)
    assert pair(client, asked).status_code == 201


@pytest.mark.parametrize(
    ("kind", "options", "problem"),
    [
        ("status", {"status": 500}, (502, "store_unreachable")),
        ("status", {"status": 503, "retry_after": 3600}, (502, "store_unreachable")),
        ("status", {"status": 429}, (502, "store_unreachable")),
        ("status", {"status": 401}, (422, "store_refused")),
        ("html", {}, (502, "store_unreachable")),
        ("not_json", {}, (201, "")),
        ("empty", {}, (502, "store_unreachable")),
        ("drop", {}, (502, "store_unreachable")),
        ("redirect", {}, (422, "store_refused")),
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

    answer = pair(client, asked)

    if problem[0] == 201:
        assert shop.faults.pending() == 5 - len(shop.requests)
        assert answer.status_code == 201
    else:
        assert shop.faults.pending() == 4
        assert problem_of(answer) == problem
        assert_nothing_happened(engine, queue)


@pytest.mark.parametrize(
    ("kind", "options", "reason"),
    [
        ("redirect", {}, "redirected"),
        ("html", {}, "page_instead"),
        ("status", {"status": 401}, "key_refused"),
        ("status", {"status": 429}, "too_many_requests"),
        ("status", {"status": 500}, "store_failed"),
    ],
)
def test_what_is_wrong_with_the_store_is_named_by_code_and_values_too(
    client: FlaskClient, asked: dict[str, Any], shop: SampleShop, kind: str, options: dict[str, Any], reason: str
) -> None:
    shop.faults.add(kind, times=5, **options)

    answer = pair(client, asked).get_json(force=True)

    assert answer["reason"]["code"] == reason
    assert say(reason, **answer["reason"]["values"]) == answer["detail"]


def test_a_store_that_is_not_there_is_unreachable(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    with SampleShop() as gone:
        address = gone.url

    answer = pair(client, asked, site_url=address, rest_url=f"{address}/wp-json/")

    assert problem_of(answer) == (502, "store_unreachable")
    assert_nothing_happened(engine, queue)


@pytest.mark.parametrize(
    ("error", "problem"),
    [
        (ShopUnavailable("The store is asleep.", reason="timeout"), (502, "store_unreachable")),
        (
            ShopRefused("The key may not read.", status=403, code="woocommerce_rest_cannot_view"),
            (422, "store_refused"),
        ),
    ],
)
def test_the_sentence_of_what_is_wrong_reaches_the_owner(
    new_client: NewClient, asked: dict[str, Any], error: Exception, problem: tuple[int, str]
) -> None:
    def refuse(*_: object, **__: object) -> Any:
        raise error

    answer = pair(new_client(shop_factory=refuse), asked)

    assert problem_of(answer) == problem
    assert answer.get_json(force=True)["detail"] == str(error)


def test_plain_permalinks_are_explained(client: FlaskClient, asked: dict[str, Any], shop: SampleShop) -> None:
    answer = pair(client, asked, rest_url=f"{shop.url}/?rest_route=/")

    assert problem_of(answer) == (422, "store_refused")
    assert answer.get_json(force=True)["reason"] == {"code": "plain_permalinks", "values": {}}


def test_a_site_cannot_pair_as_the_one_whose_folder_it_lives_in(
    client: FlaskClient,
    asked: dict[str, Any],
    engine: Engine,
    queue: RecordingQueue,
    shop: SampleShop,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("connector.web.pairing.home_url", lambda client: f"{shop.url}/branch")

    answer = pair(client, asked)

    assert problem_of(answer) == (422, "site_mismatch")
    assert_nothing_happened(engine, queue)


def test_another_currency_than_the_stores_own_is_refused(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue
) -> None:
    answer = pair(client, asked, currency="USD")

    assert problem_of(answer) == (422, "currency_mismatch")
    reason = {"code": "currencies_differ", "values": {"plugin": "USD", "rest": "EUR"}}
    assert answer.get_json(force=True)["reason"] == reason
    assert_nothing_happened(engine, queue)


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

    answer = pair(client, asked, **{field: value})

    assert problem_of(answer) == (422, "validation_failed")
    (path,) = answer.get_json(force=True)["errors"]
    assert path.partition(".")[0] == field
    assert not shop.requests
    assert_nothing_happened(engine, queue)


@pytest.mark.parametrize("field", ["site_url", "rest_url"])
def test_http_to_another_machine_is_refused(
    client: FlaskClient, asked: dict[str, Any], engine: Engine, queue: RecordingQueue, field: str
) -> None:
    asked |= {"site_url": "https://shop.example", "rest_url": "https://shop.example/wp-json/"}
    asked[field] = asked[field].replace("https", "http")

    assert problem_of(pair(client, asked)) == (422, "https_required")
    assert_nothing_happened(engine, queue)


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
