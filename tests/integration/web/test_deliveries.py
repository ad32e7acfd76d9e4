"""The plugin's deliveries: what is kept, what is owed for it, and what a repetition does."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from tests.clock import Clock
from tests.integration.web.conftest import NewClient, RecordingQueue
from tests.integration.web.speaking import (
    CUSTOMER,
    ORDER,
    StoreVoice,
    inbox_rows,
    order_updated,
    owed_work,
    problem_of,
)


def test_an_order_is_kept_as_it_came_with_the_work_it_causes(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue, now: datetime
) -> None:
    answer = voice.deliver(order_updated(), "msg_first")

    assert (answer.status_code, answer.get_json()) == (202, {"status": "accepted"})
    (row,) = inbox_rows(engine)
    assert row.store_id == store.id
    assert row.delivery_id == "msg_first"
    assert (row.source, row.topic, row.resource, row.wc_id) == ("plugin", "order.updated", "order", 4711)
    assert row.observed_at == datetime(2026, 11, 22, 9, 29, 58, 123456, tzinfo=UTC)
    assert row.received_at == now
    assert row.done_at is None
    assert row.payload == ORDER
    assert row.causes == ["created"]
    assert owed_work(engine) == [(store.id, "ingest", "order:4711")]
    assert [job for _, job in queue.offered] == ["ingest"]


@pytest.mark.parametrize(
    ("kind", "data", "resource", "wc_id"),
    [
        ("order.deleted", {"id": 4711}, "order", 4711),
        ("customer.updated", CUSTOMER, "customer", 9),
        ("customer.deleted", {"id": 9}, "customer", 9),
    ],
)
def test_every_type_the_plugin_sends_is_kept(
    voice: StoreVoice, store: Store, engine: Engine, kind: str, data: dict[str, Any], resource: str, wc_id: int
) -> None:
    answer = voice.deliver({"type": kind, "observed_at": "2026-11-22T09:29:58Z", "data": data})

    assert answer.status_code == 202
    (row,) = inbox_rows(engine)
    assert (row.topic, row.resource, row.wc_id, row.payload) == (kind, resource, wc_id, data)
    assert row.causes == []
    assert owed_work(engine) == [(store.id, "ingest", f"{resource}:{wc_id}")]


def test_a_repeated_delivery_is_202_without_effect(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue, clock: Clock, now: datetime
) -> None:
    voice.deliver(order_updated())
    queue.offered.clear()
    clock.advance(minutes=4)

    answer = voice.deliver(order_updated())

    assert (answer.status_code, answer.get_json()) == (202, {"status": "duplicate"})
    assert len(inbox_rows(engine)) == 1
    assert queue.offered == []
    with transaction(engine) as connection:
        assert stores.by_id(connection, store.id).last_delivery_at == now


def test_a_delivery_that_is_retried_hours_later_under_a_new_timestamp_is_still_the_same(
    voice: StoreVoice, engine: Engine, clock: Clock
) -> None:
    voice.deliver(order_updated())
    clock.advance(hours=9)

    assert voice.deliver(order_updated()).get_json() == {"status": "duplicate"}
    assert len(inbox_rows(engine)) == 1


def test_two_changes_of_one_order_are_two_deliveries_and_one_piece_of_work(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    voice.deliver(order_updated(), "msg_1")
    voice.deliver(order_updated(status="completed"), "msg_2")

    assert [row.payload["status"] for row in inbox_rows(engine)] == ["processing", "completed"]
    assert owed_work(engine) == [(store.id, "ingest", "order:4711")]


def test_the_store_is_remembered_to_have_spoken(
    voice: StoreVoice, store: Store, engine: Engine, now: datetime
) -> None:
    voice.deliver(order_updated())

    with transaction(engine) as connection:
        assert stores.by_id(connection, store.id).last_delivery_at == now


def test_work_is_offered_only_after_the_commit(voice: StoreVoice, engine: Engine, queue: RecordingQueue) -> None:
    seen: list[int] = []
    queue.on_offer = lambda: seen.append(len(owed_work(engine)) + len(inbox_rows(engine)))

    voice.deliver(order_updated())

    assert seen == [2]


def test_a_queue_out_of_reach_changes_nothing_but_a_line_in_the_log(
    voice: StoreVoice, store: Store, engine: Engine, queue: RecordingQueue, caplog: pytest.LogCaptureFixture
) -> None:
    queue.reachable = False

    answer = voice.deliver(order_updated())

    assert (answer.status_code, answer.get_json()) == (202, {"status": "accepted"})
    assert len(inbox_rows(engine)) == 1
    assert owed_work(engine) == [(store.id, "ingest", "order:4711")]
    assert "out of reach" in caplog.text


def test_without_a_queue_work_waits_for_the_sweeper(
    voice: StoreVoice, store: Store, engine: Engine, new_client: NewClient
) -> None:
    voice.client = new_client(queue=None)

    assert voice.deliver(order_updated()).status_code == 202
    assert owed_work(engine) == [(store.id, "ingest", "order:4711")]


@pytest.mark.parametrize("off", [timedelta(minutes=-5), timedelta(0), timedelta(minutes=5)])
def test_a_clock_up_to_five_minutes_off_is_accepted(voice: StoreVoice, now: datetime, off: timedelta) -> None:
    body = json.dumps(order_updated()).encode()

    assert voice.hooks(body, voice.signed(body, sent_at=now + off)).status_code == 202


def test_one_of_several_signatures_is_enough(voice: StoreVoice) -> None:
    body = json.dumps(order_updated()).encode()
    headers = voice.signed(body)
    headers["webhook-signature"] = f"v1a,later v1,b2xkIGtleQ== {headers['webhook-signature']}"

    assert voice.hooks(body, headers).status_code == 202


def test_a_look_from_a_clock_far_ahead_does_not_hide_the_looks_that_follow(
    voice: StoreVoice, engine: Engine, now: datetime
) -> None:
    voice.deliver({**order_updated(), "observed_at": "2031-01-01T00:00:00Z"})

    (row,) = inbox_rows(engine)
    assert row.observed_at == now + timedelta(minutes=5)


def test_a_clock_slightly_ahead_keeps_its_order_of_looks(voice: StoreVoice, engine: Engine) -> None:
    voice.deliver({**order_updated(), "observed_at": "2026-11-22T09:31:00+00:00"})

    (row,) = inbox_rows(engine)
    assert row.observed_at == datetime(2026, 11, 22, 9, 31, tzinfo=UTC)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"type": None}, "type"),
        ({"type": "order.created"}, "type"),
        ({"type": "connection.closed"}, "type"),
        ({"type": ["order.updated"]}, "type"),
        ({"observed_at": None}, "observed_at"),
        ({"observed_at": "2026-11-22T09:29:58"}, "observed_at"),
        ({"observed_at": "0001-01-01T00:00:00+14:00"}, "observed_at"),
        ({"observed_at": "9999-12-31T23:59:59-14:00"}, "observed_at"),
        ({"observed_at": 1795339798}, "observed_at"),
        ({"causes": "created"}, "causes"),
        ({"causes": ["\x1b[2J"]}, "causes.0"),
        ({"causes": ["two words"]}, "causes.0"),
        ({"causes": ["x"] * 51}, "causes"),
        ({"data": None}, "data"),
        ({"data": []}, "data"),
        ({"data": {}}, "data.id"),
        ({"data": {**ORDER, "id": 0}}, "data.id"),
        ({"data": {**ORDER, "id": 2**63}}, "data.id"),
        ({"data": {**ORDER, "id": "4711"}}, "data.id"),
        ({"data": {**ORDER, "total": "a lot"}}, "data.total"),
        ({"data": {**ORDER, "refunds": [{"id": 1, "total": {}}]}}, "data.refunds.total"),
        ({"data": {**ORDER, "line_items": None}}, "data.line_items"),
        ({"data": {**ORDER, "date_created_gmt": "yesterday"}}, "data.date_created_gmt"),
        ({"type": "customer.updated", "data": {"id": "nine"}}, "data.id"),
        ({"type": "order.deleted", "data": {"id": -4}}, "data.id"),
        (
            {"type": "customer.deleted", "data": {"code": "woocommerce_rest_cannot_view", "message": "No."}},
            "data.code",
        ),
    ],
)
def test_what_a_job_could_not_read_is_refused_by_field_and_not_kept(
    voice: StoreVoice, engine: Engine, changed: dict[str, Any], field: str
) -> None:
    answer = voice.deliver({**order_updated(), **changed})

    assert problem_of(answer) == (400, "payload_invalid")
    assert field in answer.get_json(force=True)["errors"]
    assert inbox_rows(engine) == []
    assert owed_work(engine) == []


def test_a_refusal_does_not_repeat_personal_data(voice: StoreVoice) -> None:
    answer = voice.deliver(order_updated(total="ada@shop.example", status=["Ada Byron"]))

    assert problem_of(answer) == (400, "payload_invalid")
    assert "ada" not in answer.text.lower()


def test_what_a_newer_plugin_adds_is_left_alone(voice: StoreVoice, engine: Engine) -> None:
    answer = voice.deliver({**order_updated(gift_wrapped=True), "schema": 2})

    assert answer.status_code == 202
    (row,) = inbox_rows(engine)
    assert row.payload["gift_wrapped"] is True
