"""What a customer has and can do with it, as the store asks for it."""

from __future__ import annotations

import json
from datetime import datetime

from sqlalchemy import Engine, insert

from connector.db import outbox as outbox_by_state
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers
from tests.integration.rewarded import customer_with
from tests.integration.web.speaking import StoreVoice, problem_of
from tests.integration.web.test_redemptions import ADA, redeem


def test_the_rewards_show_balances_what_expires_and_what_can_be_redeemed(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ends = datetime.fromisoformat("2026-12-31T23:00:00+00:00")
    customer_with(engine, store, 1_234, now, expires_at=ends)
    code = redeem(voice, 500).get_json()["code"]
    answer = voice.api("GET", f"/v1/customers/{ADA}/rewards")
    assert answer.status_code == 200
    assert answer.get_json() == {
        "customer_id": ADA,
        "currency": "USD",
        "balance": {"available": 734, "pending": 0, "owed": 0},
        "expiring": {"points": 734, "last_day": "2026-12-31"},
        "tier": None,
        "progress": None,
        "redeeming": {
            "from": 500,
            "to": 700,
            "step": 100,
            "per_unit": 100,
            "share": "0.5",
            "currency": "USD",
            "decimals": 2,
        },
        "redemptions": [
            {
                "code": code,
                "points": 500,
                "amount": "5.00",
                "currency": "USD",
                "reserved_at": "2026-11-22T09:30:00Z",
                "expires_at": "2026-12-22T22:59:59Z",
            }
        ],
    }


def test_the_rewards_say_what_is_still_to_do_as_the_shopper_is_told(
    voice: StoreVoice, engine: Engine, store: Store, now: datetime
) -> None:
    ada = customer_with(engine, store, 100, now)
    progress = {"basis": "orders", "reach": {"tier": "gold", "amount": "3", "by": None}, "keep": None}
    with transaction(engine) as connection:
        meta = {"regulars_progress": json.dumps(progress)}
        outbox_by_state.desire(connection, store.id, "customer", [(ada, ADA, meta)], now)
    assert voice.api("GET", f"/v1/customers/{ADA}/rewards").get_json()["progress"] == progress


def test_who_never_had_points_has_none(voice: StoreVoice, engine: Engine, store: Store, now: datetime) -> None:
    with transaction(engine) as connection:
        connection.execute(insert(customers).values(store_id=store.id, wc_id=ADA, email="ada@shop.example"))
    rewards = voice.api("GET", f"/v1/customers/{ADA}/rewards").get_json()
    assert rewards["balance"] == {"available": 0, "pending": 0, "owed": 0}
    assert (rewards["expiring"], rewards["redeeming"], rewards["redemptions"]) == (None, None, [])


def test_rewards_of_another_stores_customer_are_not_shown(
    voice: StoreVoice, engine: Engine, store: Store, other_store: Store, now: datetime
) -> None:
    customer_with(engine, other_store, 1_000, now)
    assert problem_of(voice.api("GET", f"/v1/customers/{ADA}/rewards")) == (404, "unknown_customer")
