"""WooCommerce's own webhooks: hints that are signed, and nothing more is believed of them."""

import itertools
import json
from typing import Any

import pytest
from sqlalchemy import Engine

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from tests.integration.web.conftest import RecordingQueue
from tests.integration.web.speaking import ORDER, StoreVoice, inbox_rows, order_updated, owed_work, problem_of

ORPHANED = {
    "code": "woocommerce_rest_cannot_view",
    "message": "Sorry, you cannot view this.",
    "data": {"status": 401},
}


def _last_error(engine: Engine, store: Store) -> str | None:
    with transaction(engine) as connection:
        return stores.by_id(connection, store.id).last_error


@pytest.mark.parametrize(
    "topic",
    [
        "order.created",
        "order.updated",
        "order.deleted",
        "order.restored",
        "customer.created",
        "customer.updated",
        "customer.deleted",
    ],
)
def test_a_hint_keeps_the_id_and_none_of_the_data(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue, topic: str
) -> None:
    answer = voice.native(ORDER, topic)

    assert (answer.status_code, answer.get_json()) == (202, {"status": "accepted"})
    (row,) = inbox_rows(engine)
    resource = topic.partition(".")[0]
    assert (row.source, row.topic, row.resource, row.wc_id, row.payload) == ("native", topic, resource, 4711, {})
    assert row.observed_at == row.received_at == voice.clock()
    assert owed_work(engine) == [(store.id, "ingest", f"{resource}:4711")]
    assert len(queue.offered) == 1


def test_a_repetition_is_202_without_effect(voice: StoreVoice, engine: Engine, queue: RecordingQueue) -> None:
    voice.native(ORDER)

    answer = voice.native(ORDER)

    assert (answer.status_code, answer.get_json()) == (202, {"status": "duplicate"})
    assert len(inbox_rows(engine)) == 1
    assert len(queue.offered) == 1


def test_two_orders_in_one_second_share_woocommerces_id_and_are_both_kept(voice: StoreVoice, engine: Engine) -> None:
    voice.native({**ORDER, "id": 1}, delivery_id="same")
    voice.native({**ORDER, "id": 2}, delivery_id="same")

    assert [row.wc_id for row in inbox_rows(engine)] == [1, 2]


def test_a_topic_that_is_none_of_ours_is_ignored(voice: StoreVoice, engine: Engine, queue: RecordingQueue) -> None:
    for topic in ("product.updated", "coupon.created", "action.woocommerce_add_to_cart", "order.", ""):
        answer = voice.native({"id": 5}, topic)

        assert (answer.status_code, answer.get_json()) == (202, {"status": "ignored"})
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []


@pytest.mark.parametrize("signature", ["", "A" * 44, "\u00e4", "v1,x"])
def test_a_wrong_signature_is_401_and_nothing_is_stored(voice: StoreVoice, engine: Engine, signature: str) -> None:
    answer = voice.native(ORDER, **{"X-WC-Webhook-Signature": signature})

    assert problem_of(answer) == (401, "signature_invalid")
    assert inbox_rows(engine) == []


def test_a_topic_without_a_signature_is_401(voice: StoreVoice, engine: Engine) -> None:
    answer = voice.hooks(b'{"id": 4711}', {"X-WC-Webhook-Topic": "order.deleted"})

    assert problem_of(answer) == (401, "signature_invalid")
    assert inbox_rows(engine) == []


def test_headers_may_come_in_any_order_and_case(voice: StoreVoice, engine: Engine) -> None:
    body = json.dumps(ORDER).encode()
    signed = list(voice.signed_natively(body).items())
    needed = [pair for pair in signed if pair[0].endswith(("Signature", "Topic", "Delivery-ID"))]

    for number, order in enumerate(itertools.permutations(needed)):
        headers = {name.upper() if number % 2 else name.lower(): value for name, value in order}
        assert voice.hooks(body, headers).status_code == 202

    assert len(inbox_rows(engine)) == 1


@pytest.mark.parametrize(
    "document", [{}, [], None, {"id": "4711"}, {"id": 0}, {"id": -1}, {"id": 2**63}, {"id": True}, {"id": 1.5}]
)
def test_a_hint_without_an_id_is_400_and_nothing_is_stored(voice: StoreVoice, engine: Engine, document: Any) -> None:
    assert problem_of(voice.native(document)) == (400, "payload_invalid")
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []


def test_a_signed_body_that_is_not_json_is_400(voice: StoreVoice, engine: Engine) -> None:
    body = b"webhook_id=3"

    assert problem_of(voice.hooks(body, voice.signed_natively(body))) == (400, "not_json")
    assert inbox_rows(engine) == []


@pytest.mark.parametrize("delivery_id", ["", "x" * 101, "two words", "\u00e4"])
def test_a_malformed_delivery_id_is_400_and_nothing_is_stored(
    voice: StoreVoice, engine: Engine, delivery_id: str
) -> None:
    assert problem_of(voice.native(ORDER, delivery_id=delivery_id)) == (400, "payload_invalid")
    assert inbox_rows(engine) == []


def test_an_error_in_place_of_the_order_is_refused_and_the_owner_told_what_to_do(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    answer = voice.native(ORPHANED)

    assert problem_of(answer) == (400, "payload_invalid")
    assert inbox_rows(engine) == []
    assert "Webhooks" in (_last_error(engine, store) or "")


def test_a_forged_error_body_tells_the_owner_nothing(voice: StoreVoice, store: Store, engine: Engine) -> None:
    voice.native(ORPHANED, **{"X-WC-Webhook-Signature": "forged"})

    assert _last_error(engine, store) is None


def test_the_owner_is_no_longer_told_once_the_webhook_works_again(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    voice.native(ORPHANED)
    voice.native(ORDER)

    assert _last_error(engine, store) is None


def test_a_working_webhook_does_not_hide_another_error(voice: StoreVoice, store: Store, engine: Engine) -> None:
    with transaction(engine) as connection:
        stores.note_error(connection, store.id, "The store refused the key.")

    voice.native(ORDER)

    assert _last_error(engine, store) == "The store refused the key."


@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/x-www-form-urlencoded; charset=UTF-8"]
)
def test_the_unsigned_ping_is_200_without_effect(
    voice: StoreVoice, engine: Engine, queue: RecordingQueue, content_type: str
) -> None:
    answer = voice.hooks(b"webhook_id=12", {"Content-Type": content_type})

    assert answer.status_code == 200
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []
    assert queue.offered == []


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"webhook_id=12&id=4711", "application/x-www-form-urlencoded"),
        (b"webhook_id=", "application/x-www-form-urlencoded"),
        (b"webhook_id=12\n", "application/x-www-form-urlencoded"),
        (b"webhook_id=" + "\u0661".encode(), "application/x-www-form-urlencoded"),
        (b"id=12", "application/x-www-form-urlencoded"),
        (b"", "application/x-www-form-urlencoded"),
        (b"webhook_id=12", "application/json"),
        (b"webhook_id=12", "multipart/form-data"),
    ],
)
def test_only_the_exact_ping_goes_unsigned(voice: StoreVoice, engine: Engine, body: bytes, content_type: str) -> None:
    answer = voice.hooks(body, {"Content-Type": content_type})

    assert problem_of(answer) == (401, "signature_invalid")
    assert inbox_rows(engine) == []


def test_a_ping_to_an_unknown_store_is_404(voice: StoreVoice) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}

    assert problem_of(voice.hooks(b"webhook_id=12", headers, "st_nobody")) == (404, "unknown_store")


def test_a_replayed_native_body_under_another_topic_is_still_only_a_hint(voice: StoreVoice, engine: Engine) -> None:
    """Neither topic nor id is signed, so whoever captured one can send this; the store is asked what is true."""
    voice.native(ORDER, "order.updated", "first")
    voice.native(ORDER, "order.deleted", "second")

    assert [(row.topic, row.payload) for row in inbox_rows(engine)] == [("order.updated", {}), ("order.deleted", {})]


def test_the_body_of_a_plugins_delivery_sent_natively_carries_no_state(voice: StoreVoice, engine: Engine) -> None:
    assert problem_of(voice.native(order_updated())) == (400, "payload_invalid")
    assert inbox_rows(engine) == []
