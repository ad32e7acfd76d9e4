"""Points turned into a coupon over the API, and what a customer has."""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, insert, select, update
from werkzeug.test import TestResponse

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import blocks, customers, outbox, redemptions, spends
from connector.shop.signatures import call_content
from tests.clock import Clock
from tests.integration.rewarded import available, customer_with, redeeming_by
from tests.integration.web.conftest import RecordingQueue, VoiceOf
from tests.integration.web.speaking import StoreVoice, owed_work, problem_of

ADA = 9


def redeem(
    voice: StoreVoice, points: object, key: str = "key-1", *, wc_id: int = ADA, header: str | None = None
) -> TestResponse:
    """Ask for a redemption; ``key`` is the call's id and, unless another ``header`` is given, the idempotency key."""
    path = f"/v1/customers/{wc_id}/redemptions"
    body = json.dumps({"points": points}).encode()
    headers = voice.signed(call_content("POST", path, body), key)
    headers |= {"regulars-store": voice.public_id, "Idempotency-Key": key if header is None else header}
    return voice.post(path, body, headers)


def held(engine: Engine, store: Store) -> list[Any]:
    with transaction(engine) as connection:
        wanted = select(redemptions).where(redemptions.c.store_id == store.id).order_by(redemptions.c.id)
        return list(connection.execute(wanted))


def test_points_become_a_coupon_with_its_terms_and_the_balance_that_is_left(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ada = customer_with(engine, store, 1_234, now)
    answer = redeem(voice, 1_000)
    assert answer.status_code == 201
    (made,) = held(engine, store)
    assert answer.get_json() == {
        "code": made.code,
        "points": 1_000,
        "amount": "10.00",
        "currency": "USD",
        "reserved_at": "2026-11-22T09:30:00Z",
        # The thirtieth day ends at midnight in Berlin.
        "expires_at": "2026-12-22T22:59:59Z",
        "coupon": {
            "code": made.code,
            "discount_type": "fixed_cart",
            "amount": "10.00",
            "minimum_amount": "20.00",
            "description": "1000 points redeemed",
            "email_restrictions": ["ada@shop.example"],
            "individual_use": True,
            "usage_limit": 1,
            "date_expires": "2026-12-22T22:59:59Z",
            "meta_data": [
                {"key": "regulars_redemption", "value": f"redemption:{made.id}"},
                {"key": "regulars_currency", "value": "USD"},
            ],
        },
        "balance": 234,
        "redeeming": None,
    }
    assert available(engine, store, ada) == 234


def test_the_coupon_is_desired_and_committed_before_the_store_hears_of_it(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime, queue: RecordingQueue
) -> None:
    customer_with(engine, store, 1_000, now)
    seen: list[int] = []
    queue.on_offer = lambda: seen.append(len(held(engine, store)))
    code = redeem(voice, 500).get_json()["code"]
    with transaction(engine) as connection:
        (row,) = connection.execute(select(outbox).where(outbox.c.kind == "redemption"))
    assert (row.desired["code"], row.desired["email"], row.written_hash) == (code, "ada@shop.example", None)
    assert seen == [1, 1]
    assert owed_work(engine) == [(store.id, "award", f"customer:{ADA}"), (store.id, "write_back", "")]


def test_exclusions_of_the_programme_are_terms_of_the_coupon(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    redeeming_by(
        engine,
        store,
        now,
        largest_share=Decimal(1),
        valid_days=1,
        exclude_products=frozenset({7, 5}),
        exclude_categories=frozenset({3}),
        exclude_sale_items=True,
    )
    customer_with(engine, store, 1_000, now)
    coupon = redeem(voice, 500).get_json()["coupon"]
    assert coupon["minimum_amount"] == "5.00"
    assert coupon["excluded_product_ids"] == [5, 7]
    assert coupon["excluded_product_categories"] == [3]
    assert coupon["exclude_sale_items"] is True
    assert coupon["date_expires"] == "2026-11-23T22:59:59Z"


def test_the_same_key_and_body_get_the_same_answer_and_take_nothing_more(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime, clock: Clock
) -> None:
    ada = customer_with(engine, store, 2_000, now)
    first = redeem(voice, 500)
    clock.advance(hours=3)
    redeem(voice, 600, "key-2")
    redeeming_by(engine, store, now, points_per_unit=1)
    again = redeem(voice, 500)
    assert (again.status_code, again.get_json()) == (201, first.get_json())
    assert available(engine, store, ada) == 900


def test_the_same_key_for_something_else_is_refused(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ada = customer_with(engine, store, 2_000, now)
    ben = customer_with(engine, store, 2_000, now, wc_id=10, email="ben@shop.example")
    redeem(voice, 500)
    assert problem_of(redeem(voice, 600)) == (422, "idempotency_key_reused")
    assert problem_of(redeem(voice, 500, wc_id=10)) == (422, "idempotency_key_reused")
    assert (available(engine, store, ada), available(engine, store, ben)) == (1_500, 2_000)


def test_a_key_of_another_store_is_another_key(
    voice: StoreVoice, voice_of: VoiceOf, engine: Engine, store: Store, other_store: Store, now: datetime
) -> None:
    customer_with(engine, store, 1_000, now)
    theirs = customer_with(engine, other_store, 1_000, now)
    first = redeem(voice, 500).get_json()
    second = redeem(voice_of(other_store), 500)
    assert second.status_code == 201
    assert second.get_json()["code"] != first["code"]
    assert available(engine, other_store, theirs) == 500


@pytest.mark.parametrize("header", ["", "another-key"])
def test_a_key_that_the_signature_does_not_cover_is_refused(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime, header: str
) -> None:
    customer_with(engine, store, 1_000, now)
    assert problem_of(redeem(voice, 500, header=header)) == (400, "idempotency_key_missing")
    assert held(engine, store) == []


@pytest.mark.parametrize(
    ("points", "code"),
    [
        (-500, "points_not_positive"),
        (0, "points_not_positive"),
        (500.5, "points_not_whole"),
        ("500", "points_not_whole"),
        (None, "points_not_whole"),
        (True, "points_not_whole"),
        (400, "points_below_minimum"),
        (550, "points_not_in_steps"),
        (1_100, "points_not_enough"),
        (10**30, "points_not_enough"),
    ],
)
def test_what_cannot_be_redeemed_is_refused_with_a_code_and_a_sentence(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime, points: object, code: str
) -> None:
    ada = customer_with(engine, store, 1_000, now)
    assert problem_of(redeem(voice, points)) == (422, code)
    assert held(engine, store) == []
    assert available(engine, store, ada) == 1_000


def test_a_field_that_is_not_known_is_refused_instead_of_left_out(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ada = customer_with(engine, store, 1_000, now)
    answer = voice.api(
        "POST", f"/v1/customers/{ADA}/redemptions", {"points": 500, "point": 1_000}, **{"Idempotency-Key": "msg_1"}
    )
    assert problem_of(answer) == (422, "validation_failed")
    assert answer.get_json(force=True)["errors"] == {"point": ["There is no such field."]}
    assert available(engine, store, ada) == 1_000


def test_a_refusal_does_not_use_the_key_up(voice: StoreVoice, engine: Engine, store: Store, now: datetime) -> None:
    customer_with(engine, store, 1_000, now)
    assert problem_of(redeem(voice, 1_100)) == (422, "points_not_enough")
    assert redeem(voice, 1_000).status_code == 201


def test_a_body_without_points_is_not_valid(voice: StoreVoice, engine: Engine, store: Store, now: datetime) -> None:
    customer_with(engine, store, 1_000, now)
    path = f"/v1/customers/{ADA}/redemptions"
    headers = voice.signed(call_content("POST", path, b"{}"), "key-1")
    answer = voice.post(path, b"{}", {**headers, "regulars-store": voice.public_id, "Idempotency-Key": "key-1"})
    assert problem_of(answer) == (422, "validation_failed")


def test_who_is_not_known_or_gone_redeems_nothing(
    voice: StoreVoice, engine: Engine, store: Store, other_store: Store, now: datetime
) -> None:
    customer_with(engine, other_store, 1_000, now)
    assert problem_of(redeem(voice, 500)) == (404, "unknown_customer")
    customer_with(engine, store, 1_000, now)
    with transaction(engine) as connection:
        connection.execute(update(customers).where(customers.c.store_id == store.id).values(deleted_at=now))
    assert problem_of(redeem(voice, 500)) == (404, "unknown_customer")


def test_who_has_no_address_gets_no_coupon_that_would_be_everybodys(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    customer_with(engine, store, 1_000, now, email=None)
    assert problem_of(redeem(voice, 500)) == (422, "no_email")


def test_a_blocked_customer_redeems_nothing_until_the_block_ends(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime, clock: Clock
) -> None:
    ada = customer_with(engine, store, 1_000, now)
    with transaction(engine) as connection:
        until = now + timedelta(hours=1)
        values = {"store_id": store.id, "customer_id": ada, "reason": "fraud", "made_by": "owner"}
        connection.execute(insert(blocks).values(**values, from_at=now, until_at=until))
    assert problem_of(redeem(voice, 500)) == (422, "customer_blocked")
    clock.advance(hours=1)
    assert redeem(voice, 500).status_code == 201


def test_redeeming_can_be_switched_off(voice: StoreVoice, engine: Engine, store: Store, now: datetime) -> None:
    redeeming_by(engine, store, now, enabled=False)
    customer_with(engine, store, 1_000, now)
    assert problem_of(redeem(voice, 500)) == (422, "redeeming_off")


def test_points_that_have_just_become_available_or_expired_count_as_they_are_now(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime, clock: Clock
) -> None:
    day = timedelta(days=1)
    customer_with(engine, store, 1_000, now, available_at=now + day, expires_at=now + 2 * day)
    assert problem_of(redeem(voice, 500)) == (422, "points_not_enough")
    clock.advance(days=1)
    assert redeem(voice, 500).status_code == 201
    clock.advance(days=1)
    assert problem_of(redeem(voice, 500, "key-2")) == (422, "points_not_enough")


def test_fifty_requests_at_once_never_take_more_than_there_is(
    client: FlaskClient, voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ada = customer_with(engine, store, 2_750, now)
    together = threading.Barrier(50)
    answers: list[TestResponse] = []

    def ask(number: int) -> None:
        mine = StoreVoice(client.application.test_client(), voice.clock, voice.public_id, voice.secret)
        together.wait()
        answers.append(redeem(mine, 500, f"key-{number}"))

    workers = [threading.Thread(target=ask, args=(number,)) for number in range(50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] * 5 + [422] * 45
    assert {problem_of(answer)[1] for answer in answers if answer.status_code == 422} == {"points_not_enough"}
    assert available(engine, store, ada) == 250
    with transaction(engine) as connection:
        assert sum(row.points for row in connection.execute(select(spends))) == 2_500


def test_one_request_sent_fifty_times_at_once_takes_its_points_once(
    client: FlaskClient, voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ada = customer_with(engine, store, 2_000, now)
    together = threading.Barrier(50)
    codes: list[str] = []

    def ask() -> None:
        mine = StoreVoice(client.application.test_client(), voice.clock, voice.public_id, voice.secret)
        together.wait()
        codes.append(redeem(mine, 500).get_json()["code"])

    workers = [threading.Thread(target=ask) for _ in range(50)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(codes) == 50
    assert len(set(codes)) == 1
    assert available(engine, store, ada) == 1_500
