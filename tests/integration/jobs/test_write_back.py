"""What the store is told: only what changed, in batches, once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from connector.db.stores import Store
from connector.db.tables import entitlements, outbox
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

BATCH = "POST /wc/v3/customers/batch"
COUPONS = "POST /wc/v3/coupons/batch"


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened since the last time, and do the work that follows."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.drain()


def customers_sent(shop: SampleShop) -> list[list[dict[str, Any]]]:
    bodies = [body for _, route, _, body, _ in shop.last_requests if route == "/wc/v3/customers/batch"]
    return [body["update"] for body in bodies if body]


@pytest.fixture
def filled(clock: Clock) -> Iterator[SampleShop]:
    """A shop of 230 customers with a history."""
    with SampleShop.filled(customers=230, clock=clock, allow_basic=True) as shop:
        yield shop


def test_a_whole_store_is_told_in_batches_of_a_hundred_and_told_again_only_what_changed(
    house: House, filled: SampleShop
) -> None:
    store = house.pair(filled)
    house.backfill(store)
    house.catch_up()
    assert [len(batch) for batch in customers_sent(filled)] == [100, 100, 30]
    filled.reset_requests()
    house.clock.advance(minutes=1)
    house.want(store, "score")
    house.catch_up()
    assert house.done[-1] == "score"
    assert not filled.requests

    regular = filled.customers()[5]
    filled.place_order("80.00", customer_id=regular["id"])
    tell(house, store, filled)
    assert [[item["id"] for item in batch] for batch in customers_sent(filled)] == [[regular["id"]]]


def test_the_shopper_sees_tier_points_scores_and_coupon(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer("ann@example.com")
    shop.update_customer(ann["id"], meta_data=[{"key": "favourite", "value": "blue"}])
    shop.place_order("1234.50", customer_id=ann["id"])
    tell(house, store, shop)
    house.want(store, "score")
    house.drain()
    meta = shop.meta(ann["id"])
    (coupon,) = shop.coupons()
    assert meta["favourite"] == "blue"
    assert (meta["regulars_tier"], meta["regulars_points"]) == ("silver", "1234")
    assert meta["regulars_rfm"] == "333"
    assert meta["regulars_segment"] == "needs_attention"
    assert meta["regulars_coupons"] in (f'["{coupon["code"]}"]', [coupon["code"]])
    assert meta["regulars_scored_at"] == "2026-11-22T09:30:01Z"
    assert coupon["email_restrictions"] == ["ann@example.com"]
    assert (coupon["amount"], coupon["discount_type"]) == ("10.00", "percent")
    assert (coupon["usage_limit"], coupon["individual_use"]) == (1, True)
    # The thirtieth day ends at midnight in Berlin.
    assert coupon["date_expires_gmt"] == "2026-12-22T22:59:59"
    (held,) = house.rows(select(entitlements))
    coupon_meta = {entry["key"]: entry["value"] for entry in coupon["meta_data"]}
    assert coupon_meta == {"regulars_campaign": "second_purchase", "regulars_entitlement": str(held.id)}


def test_the_time_of_scoring_alone_is_never_written(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer("ann@example.com")
    shop.place_order("50.00", customer_id=ann["id"])
    tell(house, store, shop)
    shop.reset_requests()
    for _ in range(3):
        house.clock.advance(minutes=20)
        house.want(store, "award", f"customer:{ann['id']}")
        house.want(store, "score")
        house.drain()
    written = [batch for batch in customers_sent(shop) if batch]
    # The first scoring added the scores; the others found nothing to say.
    assert len(written) == 1


def test_one_item_that_fails_is_sent_again_alone(house: House, shop: SampleShop, store: Store) -> None:
    people = [shop.register_customer(f"person{number}@example.com")["id"] for number in range(3)]
    for person in people:
        shop.place_order("50.00", customer_id=person)
    shop.faults.add("partial_batch", route="/wc/v3/customers/batch", items=(1,))
    tell_together(house, store, shop)
    assert [shop.meta(person).get("regulars_points") for person in people] == ["50", None, "50"]
    assert house.owner_reads(store) == "The store failed on 1 of the changes; they are sent again."
    house.catch_up()
    assert [shop.meta(person).get("regulars_points") for person in people] == ["50", "50", "50"]
    assert [len(batch) for batch in customers_sent(shop)] == [3, 1]
    assert house.owner_reads(store) is None


def tell_together(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver, and let the write-back come last, so that it has everything to write at once."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    while house.queue.waiting:
        if house.queue.waiting[0][1] == "write_back" and any(job != "write_back" for _, job in house.queue.waiting):
            house.queue.waiting.rotate(-1)
        else:
            house.step()


def test_a_coupon_that_always_fails_holds_up_nobody(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer("ann@example.com")
    shop.place_order("50.00", customer_id=ann["id"])
    shop.faults.add("partial_batch", times=1000, route="/wc/v3/coupons/batch")
    tell_together(house, store, shop)
    assert shop.meta(ann["id"])["regulars_points"] == "50"
    assert shop.coupons() == []
    shop.faults.clear()
    house.catch_up()
    assert len(shop.coupons()) == 1


def test_a_user_whom_the_store_has_deleted_is_refused_once_and_holds_up_nobody(
    house: House, shop: SampleShop, store: Store
) -> None:
    people = [shop.register_customer(f"person{number}@example.com")["id"] for number in range(3)]
    for person in people:
        shop.place_order("50.00", customer_id=person)
    shop.plugin.deliveries = "off"
    shop.delete_customer(people[1])
    shop.plugin.deliveries = "on"
    tell_together(house, store, shop)
    assert [shop.meta(person)["regulars_points"] for person in (people[0], people[2])] == ["50", "50"]
    (refused,) = house.rows(select(outbox).where(outbox.c.refusal.is_not(None)))
    assert refused.wc_id == people[1]
    assert refused.refusal.startswith("wc_user_invalid_id")
    shop.reset_requests()
    house.want(store, "write_back")
    house.catch_up()
    assert not shop.requests
    assert not house.owed()


def test_a_customer_the_store_has_told_us_is_deleted_is_not_written_to(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer("ann@example.com")
    shop.place_order("50.00", customer_id=ann["id"])
    house.clock.advance(seconds=1)
    shop.delete_customer(ann["id"])
    house.deliver(store, reversed(shop.plugin.sent))
    house.drain()
    assert BATCH not in shop.requests


@pytest.mark.parametrize("fault", ["drop_after_commit", "html", "status", "empty", "not_json"])
def test_there_is_one_coupon_whatever_happens_to_the_connection(
    house: House, shop: SampleShop, store: Store, fault: str
) -> None:
    shop.place_order("50.00", email="ann@example.com")
    shop.faults.add(fault, times=3, route="/wc/v3/coupons/batch")
    tell(house, store, shop)
    house.catch_up()
    (coupon,) = shop.coupons()
    (held,) = house.rows(select(outbox))
    assert (coupon["code"], coupon["id"]) == (house.rows(select(entitlements.c.code))[0].code, held.wc_id)
    assert house.owed() == []


def test_a_coupon_withdrawn_before_its_creation_was_confirmed_is_deleted(
    house: House, shop: SampleShop, store: Store
) -> None:
    first = shop.place_order("50.00", email="ann@example.com")
    shop.faults.add("drop_after_commit", route="/wc/v3/coupons/batch")
    tell(house, store, shop)
    assert len(shop.coupons()) == 1
    shop.cancel(first["id"])
    tell(house, store, shop)
    house.catch_up()
    assert shop.coupons() == []
    shop.set_status(first["id"], "completed")
    tell(house, store, shop)
    house.catch_up()
    assert [coupon["code"] for coupon in shop.coupons()] == [row.code for row in house.rows(select(entitlements))]


def test_a_coupon_withdrawn_before_the_store_ever_heard_of_it_needs_no_write(
    house: House, shop: SampleShop, store: Store
) -> None:
    first = shop.place_order("50.00", email="ann@example.com")
    shop.faults.add("status", status=503, times=1, route="/wc/v3/coupons/batch")
    tell(house, store, shop)
    shop.cancel(first["id"])
    tell(house, store, shop)
    house.catch_up()
    assert shop.coupons() == []
    assert shop.requests[COUPONS] == 1


def test_a_refused_key_parks_the_work_with_a_sentence_and_the_next_change_tries_again(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer("ann@example.com")
    shop.place_order("50.00", customer_id=ann["id"])
    right = shop._key.consumer_secret
    shop._key.consumer_secret = "cs_revoked"
    tell(house, store, shop)
    (owed,) = house.owed()
    sentence = house.owner_reads(store)
    assert (owed.job, owed.parked_at) == ("write_back", house.clock())
    assert sentence is not None
    assert sentence.startswith("The store does not accept the API key")
    assert "Connect the store again." in sentence
    assert house.next_due() is None
    shop._key.consumer_secret = right
    shop.place_order("5.00", customer_id=ann["id"])
    tell(house, store, shop)
    assert shop.meta(ann["id"])["regulars_points"] == "55"
    assert house.owner_reads(store) is None
    assert house.owed() == []


@pytest.mark.parametrize("as_date", [False, True])
def test_a_store_that_asks_for_patience_gets_it(
    house: House, shop: SampleShop, store: Store, *, as_date: bool
) -> None:
    shop.place_order("50.00", email="ann@example.com")
    shop.faults.add(
        "status", status=429, retry_after=600, retry_after_date=as_date, times=1, route="/wc/v3/coupons/batch"
    )
    tell(house, store, shop)
    asked_at = house.clock()
    due: datetime | None = house.next_due()
    assert due is not None
    assert due - asked_at == timedelta(seconds=600)
    house.clock.advance(seconds=599)
    house.queue.offer(house.owed()[0].id, "write_back")
    house.drain()
    assert shop.requests[COUPONS] == 1
    house.catch_up()
    assert shop.requests[COUPONS] == 2
    assert len(shop.coupons()) == 1


def test_delays_double_while_the_store_fails(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("50.00", email="ann@example.com")
    shop.faults.add("status", status=500, times=4, route="/wc/v3/coupons/batch")
    tell(house, store, shop)
    waited = []
    while due := house.next_due():
        waited.append((due - house.clock()).total_seconds())
        house.clock.advance(seconds=waited[-1])
        house.queue.offer(house.owed()[0].id, "write_back")
        house.drain()
    assert waited == [5, 10, 20, 40]


def test_our_own_writes_come_back_as_events_without_effect(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer("ann@example.com")
    shop.place_order("50.00", customer_id=ann["id"])
    shop.plugin.echo = True
    tell(house, store, shop)
    echoes = shop.plugin.send_pending()
    assert [echo.type for echo in echoes] == ["customer.updated"]
    shop.reset_requests()
    house.done.clear()
    tell(house, store, shop)
    assert house.done == ["ingest"]
    assert not shop.requests
    assert shop.plugin.pending == []
