from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from threading import Barrier

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import StatementError

from connector.db import inbox, stores
from connector.db.inbox import Delivery
from connector.db.session import transaction
from connector.db.tables import inbox as inbox_table

OBSERVED = datetime(2026, 11, 22, 3, 40, 12, 123456, tzinfo=UTC)
DELIVERY = Delivery(
    delivery_id="msg_1",
    source="plugin",
    topic="order.updated",
    resource="order",
    wc_id=12,
    observed_at=OBSERVED,
    payload={"id": 12, "total": "19.90", "billing": {"email": "zoë@example.com"}, "meta_data": [], "parent_id": None},
)


def keep(engine, store, now, **changed) -> int | None:
    with transaction(engine) as connection:
        return inbox.keep(connection, store.id, replace(DELIVERY, **changed), now)


def waiting(engine, store, resource="order", wc_id=12) -> list[str]:
    with transaction(engine) as connection:
        return [row.delivery_id for row in inbox.waiting(connection, store.id, resource, wc_id)]


def test_a_delivery_is_kept_as_it_came(engine, store, now):
    row_id = keep(engine, store, now)

    with transaction(engine) as connection:
        (row,) = inbox.waiting(connection, store.id, "order", 12)
    assert row.id == row_id
    assert row.payload == DELIVERY.payload
    assert (row.source, row.topic, row.observed_at, row.received_at) == ("plugin", "order.updated", OBSERVED, now)
    assert (row.done_at, row.outcome) == (None, None)


def test_a_repeated_delivery_is_kept_once_and_known_as_repeated(engine, store, now):
    assert keep(engine, store, now) is not None
    assert keep(engine, store, now, payload={"id": 12, "total": "1.00"}) is None

    assert waiting(engine, store) == ["msg_1"]


def test_a_repeated_delivery_is_known_after_it_was_settled_too(engine, store, now):
    row_id = keep(engine, store, now)
    with transaction(engine) as connection:
        inbox.settle(connection, store.id, [row_id], "applied", now)

    assert keep(engine, store, now) is None
    assert waiting(engine, store) == []


def test_what_could_not_be_read_is_named_until_it_was_read_later(engine, store, other_store, now):
    def told(delivery_id, wc_id, later, outcome):
        seen = OBSERVED + timedelta(seconds=later)
        row_id = keep(engine, store, now, delivery_id=delivery_id, wc_id=wc_id, observed_at=seen)
        with transaction(engine) as connection:
            inbox.settle(connection, store.id, [row_id], outcome, now)

    def unread(of=store, limit=9):
        with transaction(engine) as connection:
            return inbox.unread(connection, of.id, limit)

    told("a", 12, 0, inbox.UNREADABLE)
    told("b", 12, 1, inbox.UNREADABLE)
    told("c", 9, 0, "changed")
    told("d", 9, 1, inbox.UNREADABLE)
    assert unread() == ["order 9", "order 12"]
    assert unread(limit=1) == ["order 9"]
    assert unread(other_store) == []
    told("e", 12, 2, "nothing new")
    assert unread() == ["order 9"]


def test_the_same_delivery_that_arrives_many_times_at_once_is_kept_once(engine, store, now):
    together = Barrier(5)

    def arrive(_: int) -> int | None:
        together.wait()
        return keep(engine, store, now)

    with ThreadPoolExecutor(5) as pool:
        kept = list(pool.map(arrive, range(5)))

    assert kept.count(None) == 4
    with transaction(engine) as connection:
        assert connection.execute(select(func.count()).select_from(inbox_table)).scalar_one() == 1


def test_two_stores_may_use_the_same_delivery_id(engine, store, other_store, now):
    assert keep(engine, store, now) is not None
    assert keep(engine, other_store, now) is not None


def test_deliveries_wait_in_the_order_the_store_observed_them(engine, store, now):
    keep(engine, store, now, delivery_id="second", observed_at=OBSERVED + timedelta(seconds=1))
    keep(engine, store, now, delivery_id="third", observed_at=OBSERVED + timedelta(seconds=1))
    keep(engine, store, now, delivery_id="first", observed_at=OBSERVED)

    assert waiting(engine, store) == ["first", "second", "third"]


def test_deliveries_wait_for_their_own_store_and_resource(engine, store, other_store, now):
    keep(engine, store, now, delivery_id="ours")
    keep(engine, store, now, delivery_id="another order", wc_id=13)
    keep(engine, store, now, delivery_id="a customer", resource="customer")
    keep(engine, other_store, now, delivery_id="theirs")

    assert waiting(engine, store) == ["ours"]
    assert waiting(engine, other_store) == ["theirs"]
    assert waiting(engine, store, "customer") == ["a customer"]


def test_settled_deliveries_wait_no_longer_and_say_what_became_of_them(engine, store, now):
    ids = [keep(engine, store, now, delivery_id=name) for name in ("one", "two", "three")]
    with transaction(engine) as connection:
        inbox.settle(connection, store.id, ids[:2], "superseded", now)

    assert waiting(engine, store) == ["three"]
    with transaction(engine) as connection:
        settled = connection.execute(
            select(inbox_table.c.outcome, inbox_table.c.done_at).where(inbox_table.c.id == ids[0])
        ).one()
    assert settled == ("superseded", now)


def test_one_store_cannot_settle_anothers_deliveries(engine, store, other_store, now):
    row_id = keep(engine, store, now)
    with transaction(engine) as connection:
        inbox.settle(connection, other_store.id, [row_id], "applied", now)

    assert waiting(engine, store) == ["msg_1"]


def test_times_from_any_zone_are_kept_as_the_same_moment_in_utc(engine, store, now):
    keep(engine, store, now, observed_at=OBSERVED.astimezone(timezone(timedelta(hours=-7))))

    with transaction(engine) as connection:
        (row,) = inbox.waiting(connection, store.id, "order", 12)
    assert row.observed_at == OBSERVED
    assert row.observed_at.tzinfo is UTC


def test_a_time_without_a_zone_is_refused(engine, store, now):
    with pytest.raises(StatementError, match="a naive datetime reached the database"):
        keep(engine, store, now, observed_at=OBSERVED.replace(tzinfo=None))

    assert waiting(engine, store) == []


def settle(engine, store, ids, outcome, at) -> None:
    with transaction(engine) as connection:
        inbox.settle(connection, store.id, ids, outcome, at)


def forget(engine, at, limit=100) -> int:
    with transaction(engine) as connection:
        return inbox.forget_payloads(connection, at, limit)


def payloads(engine) -> list[object]:
    with transaction(engine) as connection:
        return list(connection.execute(select(inbox_table.c.payload).order_by(inbox_table.c.id)).scalars())


def test_what_a_delivery_carried_is_forgotten_thirty_days_after_it_was_settled(engine, store, now):
    row_id = keep(engine, store, now)
    settle(engine, store, [row_id], "changed", now + timedelta(days=1))

    assert forget(engine, now + timedelta(days=30)) == 0
    assert payloads(engine) == [DELIVERY.payload]
    assert forget(engine, now + timedelta(days=31)) == 1
    assert payloads(engine) == [None]
    assert forget(engine, now + timedelta(days=31)) == 0


def test_a_delivery_whose_payload_is_forgotten_is_still_known_as_repeated(engine, store, now):
    row_id = keep(engine, store, now)
    settle(engine, store, [row_id], "changed", now)
    forget(engine, now + timedelta(days=30))

    assert keep(engine, store, now + timedelta(days=30)) is None
    with transaction(engine) as connection:
        row = connection.execute(select(inbox_table)).one()
    assert (row.topic, row.wc_id, row.outcome, row.received_at) == ("order.updated", 12, "changed", now)


def test_what_waits_stays_as_it_came(engine, store, now):
    keep(engine, store, now)

    assert forget(engine, now + timedelta(days=999)) == 0
    assert payloads(engine) == [DELIVERY.payload]


def test_what_could_not_be_read_is_forgotten_after_half_a_year(engine, store, now):
    settle(engine, store, [keep(engine, store, now)], inbox.UNREADABLE, now)

    assert forget(engine, now + timedelta(days=179)) == 0
    assert forget(engine, now + timedelta(days=180)) == 1
    assert payloads(engine) == [None]


@pytest.mark.parametrize(
    ("seconds", "wc_id", "outcome", "forgotten"),
    [
        (1, 12, "changed", [None, None]),
        (0, 12, "nothing new", [None, None]),
        (-1, 12, "changed", [DELIVERY.payload, None]),
        (1, 13, "changed", [DELIVERY.payload, None]),
        (1, 12, inbox.UNREADABLE, [DELIVERY.payload] * 2),
        (1, 12, inbox.STORE_LEFT, [DELIVERY.payload, None]),
        (1, 12, None, [DELIVERY.payload] * 2),
    ],
)
def test_what_could_not_be_read_is_forgotten_with_the_rest_once_the_same_was_read_later(
    engine, store, other_store, now, seconds, wc_id, outcome, forgotten
):
    settle(engine, store, [keep(engine, store, now)], inbox.UNREADABLE, now)
    seen = OBSERVED + timedelta(seconds=seconds)
    told = keep(engine, store, now, delivery_id="msg_2", wc_id=wc_id, observed_at=seen)
    settle(engine, other_store, [keep(engine, other_store, now)], "changed", now + timedelta(days=99))
    if outcome:
        settle(engine, store, [told], outcome, now)

    forget(engine, now + timedelta(days=30))

    assert payloads(engine) == [*forgotten, DELIVERY.payload]


def test_payloads_are_forgotten_some_at_a_time_the_oldest_first(engine, store, other_store, now):
    for number, one in enumerate((store, other_store, store)):
        row_id = keep(engine, one, now, delivery_id=f"msg_{number}")
        settle(engine, one, [row_id], "changed", now - timedelta(days=number))

    later = now + timedelta(days=40)
    assert [forget(engine, later, limit=2), payloads(engine)] == [2, [DELIVERY.payload, None, None]]
    assert [forget(engine, later, limit=2), payloads(engine)] == [1, [None] * 3]


def test_what_waits_for_a_store_that_left_thirty_days_ago_is_given_up_and_forgotten(engine, store, other_store, now):
    keep(engine, store, now)
    keep(engine, other_store, now)
    with transaction(engine) as connection:
        stores.disconnect(connection, store.id, now + timedelta(days=1))

    assert forget(engine, now + timedelta(days=30)) == 0
    assert forget(engine, now + timedelta(days=31)) == 1
    assert payloads(engine) == [None, DELIVERY.payload]
    assert waiting(engine, store) == []
    with transaction(engine) as connection:
        (given_up, _) = connection.execute(select(inbox_table).order_by(inbox_table.c.id)).all()
    assert given_up.outcome == "the store left"
    assert forget(engine, now + timedelta(days=31)) == 0
