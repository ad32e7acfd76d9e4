"""What a connected store may ask: how it stands, and to leave."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, insert, select

from connector.db import backfills, stores, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, inbox, orders, score_runs
from connector.domain.troubles import say
from tests.clock import Clock
from tests.integration.web.conftest import VoiceOf
from tests.integration.web.speaking import StoreVoice, inbox_rows, order_updated, problem_of

CALLS = [("status", "connection.status"), ("disconnect", "connection.closed")]


def _state(engine: Engine, store: Store) -> str:
    with transaction(engine) as connection:
        return stores.by_id(connection, store.id).state


def test_a_new_store_has_nothing_yet(voice: StoreVoice, store: Store) -> None:
    answer = voice.call("status", "connection.status")

    assert answer.status_code == 200
    assert answer.get_json() == {
        "store_id": store.public_id,
        "state": "connected",
        "backfill": None,
        "customers": 0,
        "orders": 0,
        "scored_at": None,
        "last_delivery_at": None,
        "last_error": None,
        "last_error_reason": None,
    }


def test_the_progress_of_the_backfill_is_shown(
    voice: StoreVoice, store: Store, engine: Engine, now: datetime
) -> None:
    with transaction(engine) as connection:
        backfill_id = backfills.start(connection, store.id, now)
        backfills.checkpoint(
            connection,
            store.id,
            backfill_id,
            now,
            phase="orders",
            customers_done=50,
            customers_total=50,
            orders_total=900,
        )

    assert voice.call("status", "connection.status").get_json()["backfill"] == {
        "state": "running",
        "phase": "orders",
        "customers_done": 50,
        "customers_total": 50,
        "orders_done": 0,
        "orders_total": 900,
    }


def test_a_backfill_that_has_not_begun_is_said_to_wait(
    voice: StoreVoice, store: Store, engine: Engine, now: datetime
) -> None:
    with transaction(engine) as connection:
        backfills.start(connection, store.id, now)

    assert voice.call("status", "connection.status").get_json()["backfill"]["state"] == "waiting"


def test_a_backfill_that_needs_a_person_is_said_to_have_failed_with_the_reason(
    voice: StoreVoice, store: Store, engine: Engine, now: datetime
) -> None:
    with transaction(engine) as connection:
        backfills.start(connection, store.id, now)
        work_id = work.want(connection, store.id, "backfill", "", now)
        held = work.claim(connection, work_id, "a worker", now, timedelta(seconds=45))
        assert held is not None
        work.park(connection, held, now, "The store refuses the key.")

    status = voice.call("status", "connection.status").get_json()
    assert status["backfill"]["state"] == "failed"
    assert status["last_error"] == "The store refuses the key."


def _add_customer(engine: Engine, store: Store, wc_id: int | None, **changed: Any) -> int:
    with transaction(engine) as connection:
        return connection.execute(
            insert(customers)
            .values(store_id=store.id, wc_id=wc_id, email=f"c{wc_id}@shop.example", **changed)
            .returning(customers.c.id)
        ).scalar_one()


def _add_order(engine: Engine, store: Store, wc_id: int, moment: datetime, **changed: Any) -> None:
    row: dict[str, Any] = {
        "store_id": store.id,
        "wc_id": wc_id,
        "wc_customer_id": 0,
        "status": "completed",
        "currency": "USD",
        "local_day": 20779,
        "coupon_codes": [],
        "coupon_discounts": {},
        "country": "",
        "counts": True,
        **dict.fromkeys(("total", "tax", "shipping", "refunded", "net_value"), 0),
        **dict.fromkeys(("ordered_at", "modified_at", "observed_at"), moment),
        **changed,
    }
    with transaction(engine) as connection:
        connection.execute(insert(orders).values({name: row[name] for name in row if name in orders.c}))


def test_only_the_living_customers_and_orders_of_this_store_are_counted(
    voice: StoreVoice, store: Store, other_store: Store, engine: Engine, now: datetime
) -> None:
    registered = _add_customer(engine, store, 1)
    _add_customer(engine, store, 2)
    _add_customer(engine, store, 3, deleted_at=now)
    _add_customer(engine, store, None, merged_into_id=registered)
    _add_customer(engine, other_store, 1)
    _add_order(engine, store, 11, now)
    _add_order(engine, store, 12, now, deleted_at=now)
    _add_order(engine, other_store, 11, now)

    document = voice.call("status", "connection.status").get_json()

    assert (document["customers"], document["orders"]) == (2, 1)


def test_the_last_run_of_scores_and_the_last_delivery_are_told_in_utc(
    voice: StoreVoice, store: Store, other_store: Store, engine: Engine, now: datetime
) -> None:
    voice.deliver(order_updated())
    with transaction(engine) as connection:
        for store_id, hour in ((store.id, 3), (store.id, 4), (other_store.id, 5)):
            connection.execute(
                insert(score_runs).values(
                    store_id=store_id,
                    as_of=date(2026, 11, 22),
                    started_at=now,
                    finished_at=datetime(2026, 11, 22, hour, tzinfo=UTC),
                    customers=1,
                    basis="bgnbd",
                    fitted={},
                    report={},
                )
            )

    document = voice.call("status", "connection.status").get_json()

    assert document["scored_at"] == "2026-11-22T04:00:00Z"
    assert document["last_delivery_at"] == "2026-11-22T09:30:00Z"


def test_the_last_error_comes_with_a_code_and_values_to_say_it_in_another_language(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    with transaction(engine) as connection:
        stores.note_error(connection, store.id, say("store_failed", status=500))

    status = voice.call("status", "connection.status").get_json()
    assert status["last_error"].startswith("The store had an error of its own (HTTP 500).")
    assert status["last_error_reason"] == {"code": "store_failed", "values": {"status": "500"}}


def test_the_stores_own_error_comes_before_that_of_its_work(
    voice: StoreVoice, store: Store, engine: Engine, now: datetime
) -> None:
    with transaction(engine) as connection:
        work_id = work.want(connection, store.id, "backfill", "", now)
        held = work.claim(connection, work_id, "worker", now, timedelta(minutes=1))
        assert held is not None
        work.put_off(connection, held, now, "The store took too long to answer.")
    assert voice.call("status", "connection.status").get_json()["last_error"] == "The store took too long to answer."

    with transaction(engine) as connection:
        stores.note_error(connection, store.id, "The key was revoked.")
    assert voice.call("status", "connection.status").get_json()["last_error"] == "The key was revoked."


def test_a_store_leaves_and_its_deliveries_are_gone_from_then_on(
    voice: StoreVoice, store: Store, engine: Engine
) -> None:
    answer = voice.call("disconnect", "connection.closed")

    assert (answer.status_code, answer.get_json()) == (200, {"state": "disconnected"})
    assert _state(engine, store) == "disconnected"
    assert problem_of(voice.deliver(order_updated())) == (410, "store_disconnected")
    assert problem_of(voice.call("status", "connection.status")) == (410, "store_disconnected")
    assert inbox_rows(engine) == []


def test_leaving_twice_is_leaving_once(voice: StoreVoice, store: Store, engine: Engine, clock: Clock) -> None:
    voice.call("disconnect", "connection.closed")
    clock.advance(minutes=1)

    answer = voice.call("disconnect", "connection.closed")

    assert (answer.status_code, answer.get_json()) == (200, {"state": "disconnected"})
    assert _state(engine, store) == "disconnected"


@pytest.mark.parametrize(("action", "kind"), CALLS)
def test_an_unsigned_forged_or_old_call_is_401_and_changes_nothing(
    voice: StoreVoice, store: Store, engine: Engine, clock: Clock, action: str, kind: str
) -> None:
    path = f"/v1/stores/{store.public_id}/{action}"
    body = json.dumps({"type": kind}).encode()
    old = voice.signed(body, sent_at=clock() - timedelta(minutes=6))

    assert problem_of(voice.post(path, body, {})) == (401, "signature_invalid")
    assert problem_of(voice.post(path, body + b" ", voice.signed(body))) == (401, "signature_invalid")
    assert problem_of(voice.post(path, body, voice.signed_natively(body))) == (401, "signature_invalid")
    assert problem_of(voice.post(path, body, old)) == (401, "timestamp_out_of_range")
    assert _state(engine, store) == "connected"


@pytest.mark.parametrize(("action", "kind"), CALLS)
def test_one_store_cannot_ask_for_another(
    voice: StoreVoice, voice_of: VoiceOf, other_store: Store, engine: Engine, action: str, kind: str
) -> None:
    voice.public_id = voice_of(other_store).public_id

    assert problem_of(voice.call(action, kind)) == (401, "signature_invalid")
    assert _state(engine, other_store) == "connected"


@pytest.mark.parametrize(("action", "kind"), CALLS)
def test_an_unknown_store_is_404(voice: StoreVoice, action: str, kind: str) -> None:
    voice.public_id = "st_nobody"

    assert problem_of(voice.call(action, kind)) == (404, "unknown_store")


@pytest.mark.parametrize("action", ["status", "disconnect"])
@pytest.mark.parametrize(
    "document",
    [order_updated(), {"type": "order.deleted", "data": {"id": 1}}, {}, {"type": None}, {"type": 1}, [], None, "x"],
)
def test_no_other_signed_body_can_be_replayed_as_a_call(
    voice: StoreVoice, store: Store, engine: Engine, action: str, document: object
) -> None:
    body = json.dumps(document).encode()

    answer = voice.post(f"/v1/stores/{store.public_id}/{action}", body, voice.signed(body))

    assert problem_of(answer) == (400, "payload_invalid")
    assert _state(engine, store) == "connected"


def test_asking_for_the_status_cannot_be_replayed_as_leaving(voice: StoreVoice, store: Store, engine: Engine) -> None:
    assert problem_of(voice.call("disconnect", "connection.status")) == (400, "payload_invalid")
    assert problem_of(voice.call("status", "connection.closed")) == (400, "payload_invalid")
    assert _state(engine, store) == "connected"


def test_a_signed_call_that_is_not_json_is_400(voice: StoreVoice, store: Store) -> None:
    answer = voice.post(f"/v1/stores/{store.public_id}/status", b"{", voice.signed(b"{"))

    assert problem_of(answer) == (400, "not_json")


def test_asking_leaves_no_trace(voice: StoreVoice, engine: Engine, store: Store) -> None:
    voice.call("status", "connection.status")

    with transaction(engine) as connection:
        assert connection.execute(select(inbox)).all() == []
        assert stores.by_id(connection, store.id).last_delivery_at is None
