"""Whatever is sent, signed or not, the answer is never a 500, and what is kept can be read by a job."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, delete

from connector.db import customers, pairing_codes, programmes
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.tables import inbox, work
from connector.domain.programme import Programme
from connector.domain.programme.document import to_document
from connector.shop.errors import ShopRefused
from connector.shop.payloads import deleted_id, parse_customer, parse_order
from tests.clock import Clock
from tests.integration.web.conftest import NewClient
from tests.integration.web.speaking import CUSTOMER, ORDER, StoreVoice, inbox_rows, order_updated, owed_work

# One database serves all examples of a test: none of them needs it empty.
thorough = settings(max_examples=40)

REFUSED = {400, 401, 404, 405, 410, 413, 422}
NATIVE = ("X-WC-Webhook-Topic", "X-WC-Webhook-Signature", "X-WC-Webhook-Delivery-ID")
HEADERS = ("Content-Type", "regulars-store", "webhook-id", "webhook-timestamp", "webhook-signature", *NATIVE)
# What a WSGI server can hand over: Latin-1 without line ends.
header_values = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF), max_size=200)
odd_text = st.text(st.characters(), max_size=20) | st.sampled_from(
    ["\x00", "\ud800", "NaN", "1e999", "-0", "0000-00-00"]
)
odd_numbers = st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.sampled_from([2**63, 10**400])
odd_json = st.recursive(
    st.none() | st.booleans() | odd_numbers | odd_text,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(odd_text, inner, max_size=4),
    max_leaves=12,
)


def _paths(document: object, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a JSON document."""
    if isinstance(document, dict):
        children = list(document.items())
    elif isinstance(document, list):
        children = list(enumerate(document))
    else:
        children = []
    return [path] * bool(path) + [found for key, inner in children for found in _paths(inner, (*path, key))]


@st.composite
def spoiled(draw: st.DrawFn, document: dict[str, Any]) -> dict[str, Any]:
    """The document with up to three places replaced by anything at all."""
    result = deepcopy(document)
    for path in draw(st.lists(st.sampled_from(_paths(document)), min_size=1, max_size=3)):
        where: Any = result
        try:
            for key in path[:-1]:
                where = where[key]
            where[path[-1]] = draw(odd_json)
        except (KeyError, IndexError, TypeError):
            continue  # An earlier replacement took this place away.
    return result


@pytest.fixture(autouse=True)
def nothing_went_wrong_inside(caplog: pytest.LogCaptureFixture) -> Any:
    yield
    assert "answered 500" not in caplog.text


@thorough
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD"]),
    path=st.sampled_from(
        [
            "/v1/pair",
            "/v1/hooks/st_test1",
            "/v1/stores/st_test1/status",
            "/v1/stores/st_test1/disconnect",
            "/v1/programme",
            "/v1/customers/9/adjustments",
            "/v1/customers/9/redemptions",
            "/v1/customers/9/rewards",
            "/v1/customers/9/blocks",
            "/v1/customers/9/tier-override",
            "/v1/adjustments/bulk",
        ]
    )
    | st.text(st.characters(codec="utf-8"), max_size=30).map(lambda text: f"/v1/hooks/{text}"),
    body=st.binary(max_size=300),
    headers=st.dictionaries(st.sampled_from(HEADERS), header_values),
)
def test_whatever_strangers_send_is_refused_and_nothing_stored(
    voice: StoreVoice, engine: Engine, method: str, path: str, body: bytes, headers: dict[str, str]
) -> None:
    answer = voice.client.open(path, method=method, data=body, headers=headers)

    assert answer.status_code in REFUSED
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []


@thorough
@given(body=st.binary(max_size=300) | odd_json.map(lambda document: json.dumps(document).encode()))
def test_whatever_a_store_signs_that_is_no_delivery_is_400(voice: StoreVoice, engine: Engine, body: bytes) -> None:
    assert voice.hooks(body, voice.signed(body)).status_code == 400
    assert voice.post("/v1/stores/st_test1/status", body, voice.signed(body)).status_code == 400
    assert inbox_rows(engine) == []


@thorough
@given(document=spoiled(order_updated()))
@example({**order_updated(), "data": {**ORDER, "line_items": [{**ORDER["line_items"][0], "quantity": "NaN"}]}})
@example(
    {**order_updated(), "data": {**ORDER, "line_items": [{**ORDER["line_items"][0], "quantity": "1e999999999"}]}}
)
@example(order_updated(total="1e999999999"))
@example(order_updated(status="\x00"))
@example(order_updated(currency="ABCDEFGH"))
@example(order_updated(billing={"email": "\ud800@shop.example"}))
@example(order_updated(date_created_gmt="0001-01-01T00:00:00"))
def test_an_order_with_anything_in_it_is_kept_readable_or_refused(
    voice: StoreVoice, engine: Engine, document: dict[str, Any]
) -> None:
    _assert_readable_or_refused(voice, engine, document)


@thorough
@given(
    kind=st.sampled_from(["customer.updated", "customer.deleted", "order.deleted"]),
    data=spoiled(CUSTOMER) | spoiled({"id": 7}) | st.dictionaries(odd_text, odd_json, max_size=3),
)
def test_a_customer_with_anything_in_it_is_kept_readable_or_refused(
    voice: StoreVoice, engine: Engine, kind: str, data: dict[str, Any]
) -> None:
    _assert_readable_or_refused(
        voice, engine, {"type": kind, "observed_at": "2026-11-22T09:29:58Z", "causes": [], "data": data}
    )


def _assert_readable_or_refused(voice: StoreVoice, engine: Engine, document: dict[str, Any]) -> None:
    with transaction(engine) as connection:
        connection.execute(delete(work))
        connection.execute(delete(inbox))

    status = voice.deliver(document).status_code

    assert status in {202, 400}
    rows = inbox_rows(engine)
    assert len(rows) == (status == 202)
    for row in rows:
        assert row.payload == document["data"]
        if row.topic == "order.updated":
            assert parse_order(row.payload, "USD").wc_id == row.wc_id
        elif row.topic == "customer.updated":
            assert parse_customer(row.payload).wc_id == row.wc_id
        else:
            assert deleted_id(row.payload) == row.wc_id


@thorough
@given(
    document=spoiled(ORDER) | odd_json, topic=st.sampled_from(["order.updated", "customer.deleted"]) | header_values
)
def test_a_native_webhook_with_anything_in_it_is_a_hint_or_nothing(
    voice: StoreVoice, document: Any, topic: str
) -> None:
    assert voice.native(document, topic).status_code in {202, 400}


SAVING = {"version": 1, "effective_from": None, "programme": to_document(Programme())}


@thorough
@given(document=spoiled(SAVING) | odd_json)
def test_a_programme_with_anything_in_it_is_saved_readable_or_refused(
    voice: StoreVoice, engine: Engine, store: Store, document: Any
) -> None:
    if isinstance(document, dict) and document.get("version") == 1:
        with reading(engine) as connection:
            document["version"] = programmes.latest(connection, store.id).version

    answer = voice.api("PUT", "/v1/programme", document)

    assert answer.status_code in {200, 400, 409, 422}
    with reading(engine) as connection:
        newest = programmes.latest(connection, store.id)
    if answer.status_code == 200:
        assert answer.get_json()["programme"] == json.loads(json.dumps(to_document(newest)))


@thorough
@given(body=st.binary(max_size=300))
def test_a_signed_programme_that_is_no_json_is_refused(voice: StoreVoice, body: bytes) -> None:
    assert voice.api("PUT", "/v1/programme", body=body).status_code in {400, 422}


WHY = {"reason": "Thanks", "made_by": "Olga"}


@thorough
@given(
    call=st.sampled_from(
        [
            ("POST", "adjustments", {**WHY, "points": 5}),
            ("POST", "merge", {**WHY, "into": 2}),
            ("POST", "blocks", WHY),
            ("PUT", "tier-override", {**WHY, "tier": "gold", "until": "2026-12-31"}),
        ]
    ).flatmap(lambda one: st.tuples(st.just(one[0]), st.just(one[1]), spoiled(one[2]) | odd_json)),
    wc_id=st.sampled_from([1, 0, 2**63, 10**30]),
)
def test_a_decision_with_anything_in_it_is_done_or_refused(
    voice: StoreVoice, engine: Engine, store: Store, call: tuple[str, str, Any], wc_id: int
) -> None:
    with transaction(engine) as connection:
        customers.resolve(connection, store.id, [customers.Identity(1, None), customers.Identity(2, None)])
    method, path, document = call

    answer = voice.api(method, f"/v1/customers/{wc_id}/{path}", document, **{"Idempotency-Key": "msg_1"})

    assert answer.status_code in {200, 201, 400, 404, 422}


@thorough
@given(document=spoiled({"csv": "customer,points,reason\n1,5,x\n", "made_by": "Olga", "apply": True}) | odd_json)
def test_a_file_with_anything_in_it_is_done_or_refused(voice: StoreVoice, document: Any) -> None:
    assert voice.api("POST", "/v1/adjustments/bulk", document).status_code in {200, 400, 422}


@pytest.fixture
def pairing_client(new_client: NewClient) -> FlaskClient:
    def refuse(*_: object, **__: object) -> Any:
        raise ShopRefused("No.", status=401, code="woocommerce_rest_cannot_view")

    return new_client(shop_factory=refuse)


@thorough
@given(
    document=spoiled(
        {
            "code": "ABCD-EFGH-JKMN",
            "site_url": "https://shop.example",
            "rest_url": "https://shop.example/wp-json/",
            "consumer_key": "ck_1",
            "consumer_secret": "cs_1",
            "currency": "USD",
            "timezone": "Europe/Berlin",
            "versions": {"wordpress": "7.1.0", "woocommerce": "10.9.1", "php": "8.2.28", "plugin": "0.1.0"},
        }
    )
)
def test_a_pairing_with_anything_in_it_is_refused(
    pairing_client: FlaskClient, engine: Engine, clock: Clock, document: dict[str, Any]
) -> None:
    if document.get("code") == "ABCD-EFGH-JKMN":
        with transaction(engine) as connection:
            document["code"] = pairing_codes.issue(connection, clock())

    assert pairing_client.post("/v1/pair", json=document).status_code in {403, 422}


@thorough
@given(
    order=st.permutations([0, 0, 1, 1, 2]),
    kinds=st.lists(st.sampled_from(["order.updated", "order.deleted"]), min_size=3, max_size=3),
)
def test_any_order_and_repetition_of_deliveries_keeps_the_same_ones(
    voice: StoreVoice, engine: Engine, order: list[int], kinds: list[str]
) -> None:
    with transaction(engine) as connection:
        connection.execute(delete(work))
        connection.execute(delete(inbox))

    for number in order:
        document = {**order_updated(), "type": kinds[number], "observed_at": f"2026-11-22T09:29:0{number}Z"}
        assert voice.deliver(document, f"msg_{number}").status_code == 202

    kept = {(row.delivery_id, row.topic, row.observed_at.second) for row in inbox_rows(engine)}
    assert kept == {(f"msg_{number}", kinds[number], number) for number in range(3)}
    assert len(inbox_rows(engine)) == 3
    assert [subject for _, _, subject in owed_work(engine)] == ["order:4711"]
