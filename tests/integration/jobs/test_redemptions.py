"""Points turned into a coupon, and what becomes of both: by the orders that use it, by time, and by the store."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError

from connector.db import customers, redeeming
from connector.db.session import StorageUnavailable, transaction
from connector.db.stores import Store
from connector.db.tables import outbox, redemptions
from connector.domain.redemption import Refused
from jobs.schedule import release_redemptions
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import ledger_is_sound
from tests.integration.rewarded import available, redeeming_by
from tests.sample_shop import SampleShop
from tests.sample_shop import coupons as sample_coupons

ANN = "ann@example.com"
COUPONS = "/wc/v3/coupons/batch"


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    store = house.pair(shop)
    redeeming_by(house.engine, store, house.clock())
    return store


@pytest.fixture
def ann(house: House, shop: SampleShop, store: Store) -> dict[str, Any]:
    """A customer with 2,000 points of an order."""
    ann: dict[str, Any] = shop.register_customer(ANN)
    shop.place_order("2000.00", customer_id=ann["id"])
    tell(house, store, shop)
    return ann


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened since the last time, and do the work that follows."""
    house.deliver(store, shop.plugin.sent)
    shop.plugin.sent.clear()
    house.clock.advance(seconds=1)
    house.catch_up()
    ledger_is_sound(house.engine, store)


def ask(house: House, store: Store, ann: dict[str, Any], points: int, key: str) -> Row[Any] | Refused:
    """Redeem, without the work that follows."""
    with transaction(house.engine) as connection:
        customer = customers.find(connection, store.id, str(ann["id"]))
        return redeeming.redeem(connection, store, customer, points, key, house.clock())


def redeem(house: House, store: Store, ann: dict[str, Any], points: int = 1_000, key: str = "key-1") -> Row[Any]:
    """Redeem, and let the work that follows be done."""
    made = ask(house, store, ann, points, key)
    assert not isinstance(made, Refused), made
    house.want(store, "award", f"customer:{ann['id']}")
    house.want(store, "write_back")
    house.catch_up()
    return made


def left(house: House, store: Store) -> int:
    """What Ann can spend, by the ledger."""
    with transaction(house.engine) as connection:
        ann = customers.find(connection, store.id, ANN)
    return available(house.engine, store, ann.id)


def now_of(house: House, made: Row[Any]) -> tuple[str, bool]:
    """State of a redemption, and whether it names the order that captured it."""
    (row,) = house.rows(select(redemptions).where(redemptions.c.id == made.id))
    return row.state, row.order_id is not None


def test_the_store_gets_the_coupon_and_the_shopper_sees_the_points_gone(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    coupon = shop.coupon(made.code)
    assert coupon is not None
    assert (coupon["discount_type"], coupon["amount"], coupon["minimum_amount"]) == ("fixed_cart", "10.00", "20.00")
    assert (coupon["usage_limit"], coupon["individual_use"]) == (1, True)
    assert coupon["email_restrictions"] == [ANN]
    assert {entry["key"]: entry["value"] for entry in coupon["meta_data"]} == {
        "regulars_redemption": f"redemption:{made.id}",
        "regulars_currency": "USD",
    }
    meta = shop.meta(ann["id"])
    assert meta["regulars_points"] == "1000"
    assert made.code in meta["regulars_coupons"]
    assert json.loads(meta["regulars_redeem"])["to"] == 1_000


def test_an_order_that_uses_it_captures_it(house: House, shop: SampleShop, store: Store, ann: dict[str, Any]) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    assert order["total"] == "90.00"
    tell(house, store, shop)
    assert now_of(house, made) == ("captured", True)
    assert left(house, store) == 1_000 + 90
    assert made.code not in shop.meta(ann["id"])["regulars_coupons"]
    assert shop.coupon(made.code) is not None


@pytest.mark.parametrize("status", ["cancelled", "refunded"])
def test_an_order_undone_gives_the_points_back_and_done_again_takes_them_again(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any], status: str
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    tell(house, store, shop)
    shop.set_status(order["id"], status)
    tell(house, store, shop)
    assert now_of(house, made) == ("released", False)
    assert left(house, store) == 2_000
    assert shop.coupon(made.code) is None
    if status != "refunded":
        shop.set_status(order["id"], "completed")
        tell(house, store, shop)
        assert now_of(house, made) == ("captured", True)
        assert left(house, store) == 1_000 + 90
        assert shop.coupon(made.code) is None


def test_a_payment_that_failed_and_is_tried_again_neither_doubles_nor_loses_the_points(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann, 2_000)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    for _ in range(2):
        shop.set_status(order["id"], "failed")
        tell(house, store, shop)
        assert (now_of(house, made), left(house, store)) == (("reserved", False), 0)
        # The cart that is tried again still finds its coupon, and the points buy no second one.
        assert shop.coupon(made.code) is not None
        assert isinstance(ask(house, store, ann, 2_000, "key-2"), Refused)
    shop.set_status(order["id"], "processing")
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 80)


def test_refunds_of_the_order_that_used_the_coupon_after_a_payment_failed_give_back_all_and_take_nothing_again(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code], status="failed")
    paid = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    for total, spent in (("72.00", 200), ("18.00", 0)):
        shop.refund(paid["id"], total)
        tell(house, store, shop)
        earned = 90 - 72 if spent else 0
        assert left(house, store) == 2_000 - spent + earned
    assert now_of(house, made) == ("released", False)
    assert shop.coupon(made.code) is None


def test_a_payment_that_failed_and_is_given_up_gives_the_points_back_when_the_coupon_has_ended(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code], status="failed")
    tell(house, store, shop)
    house.clock.advance(days=34)
    release_redemptions(house.context)
    house.catch_up()
    assert (now_of(house, made), left(house, store)) == (("released", False), 2_000)
    assert shop.coupon(made.code) is None
    shop.set_status(order["id"], "processing")
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 1_090)


def test_an_order_in_the_trash_gives_the_points_back_and_a_restored_one_takes_them_again(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    tell(house, store, shop)
    shop.trash(order["id"])
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("released", False), 2_000)
    shop.restore(order["id"])
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 1_090)


def test_a_partial_refund_gives_its_share_back_and_its_deletion_takes_it_again(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    tell(house, store, shop)
    refund = shop.refund(order["id"], "30.00")["refunds"][0]
    tell(house, store, shop)
    # A third of the order, and so of its points; what is left of the order earned 60.
    assert left(house, store) == 1_000 + 333 + 60
    shop.delete_refund(order["id"], refund["id"])
    tell(house, store, shop)
    assert left(house, store) == 1_000 + 90


def test_a_coupon_taken_off_the_order_again_waits_to_be_used(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    tell(house, store, shop)
    shop._state.orders[order["id"]]["coupon_lines"] = []
    shop.plugin.deliver_order(order["id"])
    tell(house, store, shop)
    assert now_of(house, made) == ("reserved", False)
    assert left(house, store) == 1_000 + 90


def test_what_is_never_used_goes_back_three_days_after_it_expired_and_leaves_no_coupon_behind(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    house.clock.advance(days=33)
    assert release_redemptions(house.context) == 0
    assert (now_of(house, made), left(house, store)) == (("reserved", False), 1_000)
    house.clock.advance(days=1)
    assert release_redemptions(house.context) == 1
    house.catch_up()
    assert now_of(house, made) == ("released", False)
    assert left(house, store) == 2_000
    assert shop.coupon(made.code) is None
    assert shop.meta(ann["id"])["regulars_points"] == "2000"
    assert release_redemptions(house.context) == 0


def test_an_order_told_within_three_days_of_the_coupons_end_finds_its_points_reserved(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann, 2_000)
    shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    house.clock.advance(seconds=(made.expires_at - house.clock()).total_seconds())
    house.clock.advance(days=2)
    release_redemptions(house.context)
    house.catch_up()
    assert isinstance(ask(house, store, ann, 2_000, "key-2"), Refused)
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 80)


def test_an_order_told_only_after_the_points_went_back_takes_them_all_the_same(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    house.clock.advance(days=34)
    release_redemptions(house.context)
    house.catch_up()
    assert left(house, store) == 2_000
    tell(house, store, shop)
    assert (now_of(house, made), left(house, store)) == (("captured", True), 1_090)


def test_a_coupon_the_store_refuses_for_good_gives_the_points_back_with_the_reason(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = ask(house, store, ann, 1_000, "key-1")
    assert not isinstance(made, Refused)
    sample_coupons.create(shop._state, {"code": made.code, "amount": "1.00"})
    house.want(store, "write_back")
    house.catch_up()
    (row,) = house.rows(select(redemptions))
    assert row.state == "released"
    assert row.refusal.startswith("woocommerce_rest_coupon_code_already_exists")
    assert left(house, store) == 2_000
    # Somebody else's coupon of that code is left alone.
    assert shop.coupon(made.code) is not None


def test_a_store_that_stumbles_is_asked_again_until_it_has_the_coupon_once(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    shop.faults.add("drop_after_commit", route=COUPONS)
    shop.faults.add("status", route=COUPONS, status=503)
    made = redeem(house, store, ann)
    house.catch_up()
    assert [coupon["code"] for coupon in shop.coupons()] == [made.code]
    assert now_of(house, made) == ("reserved", False)
    (row,) = house.rows(select(outbox).where(outbox.c.kind == "redemption"))
    assert (row.refusal, row.written_hash) == (None, row.desired_hash)


def test_a_coupon_that_the_plugin_made_is_adopted(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = ask(house, store, ann, 1_000, "key-1")
    assert not isinstance(made, Refused)
    meta = [{"key": "regulars_redemption", "value": f"redemption:{made.id}"}]
    theirs = sample_coupons.create(shop._state, {"code": made.code, "amount": "10.00", "meta_data": meta})
    house.want(store, "write_back")
    house.catch_up()
    (row,) = house.rows(select(outbox).where(outbox.c.kind == "redemption"))
    assert (row.wc_id, row.refusal) == (theirs["id"], None)
    assert len(shop.coupons()) == 1


def test_a_coupon_that_waits_follows_its_owner_to_another_address(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    shop.update_customer(ann["id"], email="ann@elsewhere.example")
    tell(house, store, shop)
    coupon = shop.coupon(made.code)
    assert coupon is not None
    assert coupon["email_restrictions"] == ["ann@elsewhere.example"]


def test_two_redemptions_are_two_coupons_and_each_follows_its_own_order(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    first, second = redeem(house, store, ann, 500, "key-1"), redeem(house, store, ann, 700, "key-2")
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[first.code])
    shop.place_order("100.00", customer_id=ann["id"], coupons=[second.code])
    tell(house, store, shop)
    assert left(house, store) == 2_000 - 1_200 + 95 + 93
    shop.cancel(order["id"])
    tell(house, store, shop)
    assert (now_of(house, first), now_of(house, second)) == (("released", False), ("captured", True))
    assert left(house, store) == 2_000 - 700 + 93


def test_redeeming_while_orders_are_awarded_written_back_and_released_ends_where_one_after_the_other_does(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    first = redeem(house, store, ann, 500, "first")
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[first.code])
    for status in ("cancelled", "completed", "cancelled", "completed"):
        house.clock.advance(seconds=1)
        shop.set_status(order["id"], status)
    house.deliver(store, shop.plugin.sent)
    together = threading.Barrier(12)
    made: list[Row[Any] | Refused] = []

    def redeem_once(number: int) -> None:
        together.wait()
        made.append(ask(house, store, ann, 500, f"key-{number}"))

    def do_jobs(_: int) -> None:
        together.wait()
        while house.queue.waiting:
            try:
                house.step()
            except (IndexError, IntegrityError, StorageUnavailable):
                continue

    workers = [threading.Thread(target=redeem_once, args=(number,)) for number in range(8)]
    workers += [threading.Thread(target=do_jobs, args=(number,)) for number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    house.want(store, "award", f"customer:{ann['id']}")
    house.catch_up()
    codes = {row.code for row in made if not isinstance(row, Refused)}
    # Whether the first redemption was given back in between decides how many of the eight there were points for.
    assert len(codes) in (3, 4)
    assert len(made) == 8
    assert left(house, store) == 2_000 - 500 - 500 * len(codes) + 95
    assert now_of(house, first) == ("captured", True)
    ledger_is_sound(house.engine, store)
    assert {coupon["code"] for coupon in shop.coupons() if coupon["code"] in codes} == codes


def test_points_spent_on_an_order_that_is_undone_keep_their_expiry(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    made = redeem(house, store, ann)
    order = shop.place_order("100.00", customer_id=ann["id"], coupons=[made.code])
    tell(house, store, shop)
    before = house.rows("SELECT expires_at FROM lots ORDER BY id")
    shop.cancel(order["id"])
    tell(house, store, shop)
    assert house.rows("SELECT expires_at FROM lots ORDER BY id")[: len(before)] == before
    assert [tuple(row) for row in house.rows("SELECT points, spent FROM lots WHERE points > 0")] == [(2_000, 0)]
