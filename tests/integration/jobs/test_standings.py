"""Tiers, scores and personal coupons: what a customer's history makes of them, on the store's own calendar."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select

from connector.db.stores import Store
from connector.db.tables import customers, entitlements, standings
from tests.clock import Clock
from tests.integration.jobs.campaigning import night
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

ANN = "ann@example.com"


def tell(house: House, store: Store, shop: SampleShop) -> None:
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.catch_up()


def standing(house: House) -> Any:
    (row,) = house.rows(select(standings))
    return row


def entitlement(house: House) -> Any:
    (row,) = house.rows(select(entitlements))
    return row


@pytest.mark.parametrize(
    ("totals", "tier"),
    [
        (["999.99"], "member"),
        (["1000.00"], "silver"),
        (["999.99", "0.01"], "silver"),
        (["4999.99"], "silver"),
        (["5000.00"], "gold"),
    ],
)
def test_a_tier_is_reached_exactly_at_its_threshold(
    house: House, shop: SampleShop, store: Store, totals: list[str], tier: str
) -> None:
    for total in totals:
        shop.place_order(total, email=ANN)
    tell(house, store, shop)
    assert standing(house).tier == tier


def test_a_refund_takes_the_tier_and_its_deletion_gives_it_again(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer(ANN)["id"]
    order = shop.place_order("1000.00", customer_id=ann)
    tell(house, store, shop)
    refunded = shop.refund(order["id"], "0.01")
    tell(house, store, shop)
    assert (shop.meta(ann)["regulars_tier"], shop.meta(ann)["regulars_points"]) == ("member", "999")
    shop.delete_refund(order["id"], refunded["refunds"][0]["id"])
    tell(house, store, shop)
    assert (shop.meta(ann)["regulars_tier"], shop.meta(ann)["regulars_points"]) == ("silver", "1000")


@pytest.mark.parametrize(
    ("timezone", "ordered_at", "counts_until"),
    [
        # In Berlin the order falls on 22 November 2025, in New York on the 21st.
        ("Europe/Berlin", datetime(2025, 11, 22, 3, 0, tzinfo=UTC), datetime(2026, 11, 21, 22, 59, 59, tzinfo=UTC)),
        ("America/New_York", datetime(2025, 11, 22, 3, 0, tzinfo=UTC), datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC)),
        # The window of 28 February 2025 ends with 27 February 2026, whatever the hour.
        ("Asia/Tokyo", datetime(2025, 2, 28, 14, 59, 59, tzinfo=UTC), datetime(2026, 2, 27, 14, 59, 59, tzinfo=UTC)),
    ],
)
def test_an_order_counts_for_the_tier_for_twelve_months_of_the_stores_own_days(
    house: House, timezone: str, ordered_at: datetime, counts_until: datetime
) -> None:
    clock = Clock(ordered_at)
    with SampleShop(timezone=timezone, clock=clock, allow_basic=True) as shop:
        house = House(house.engine, house.vault, clock)
        store = house.pair(shop)
        house.history_is_read(store)
        shop.place_order("1000.00", email=ANN)
        tell(house, store, shop)
        clock.advance(seconds=(counts_until - clock()).total_seconds())
        night(house, store)
        assert (standing(house).tier, standing(house).window_value) == ("silver", 100_000)
        clock.advance(seconds=1)
        night(house, store)
        assert (standing(house).tier, standing(house).window_value) == ("member", 0)


def test_a_single_customers_scores_equal_the_full_runs(house: House, clock: Clock) -> None:
    with SampleShop.filled(customers=40, clock=clock, allow_basic=True) as shop:
        store = house.pair(shop)
        house.backfill(store)
        house.catch_up()
        scored = {row.customer_id: row for row in house.rows(select(standings))}
        clock.advance(minutes=5)
        for person in house.rows(select(customers).where(customers.c.wc_id.is_not(None))):
            house.want(store, "award", f"customer:{person.wc_id}")
        house.catch_up()
        again = {row.customer_id: row for row in house.rows(select(standings))}
    columns = [column.name for column in standings.c if column.name not in ("scored_at", "revision")]
    assert len(scored) == 40
    for customer_id, row in scored.items():
        assert [again[customer_id]._mapping[name] for name in columns] == [row._mapping[name] for name in columns]
    assert len({row.rfm for row in scored.values()}) > 10


def test_before_the_first_scoring_there_are_points_and_a_tier_but_no_scores(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("1000.00", customer_id=ann)
    tell(house, store, shop)
    meta = shop.meta(ann)
    assert [meta[f"regulars_{name}"] for name in ("tier", "points", "rfm", "segment", "clv")] == [
        "silver",
        "1000",
        "",
        "",
        "",
    ]


def test_who_has_bought_nothing_any_more_loses_scores_and_keeps_an_account(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer(ANN)["id"]
    order = shop.place_order("1000.00", customer_id=ann)
    tell(house, store, shop)
    night(house, store)
    shop.cancel(order["id"])
    tell(house, store, shop)
    row = standing(house)
    assert (row.tier, row.points, row.orders, row.rfm, row.segment, row.clv) == ("member", 0, 0, "", "", None)
    assert shop.meta(ann)["regulars_rfm"] == ""


def test_the_second_purchase_coupon_is_granted_once_withdrawn_and_comes_back_the_same(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    (first,) = shop.coupons()
    house.clock.advance(days=3)
    second = shop.place_order("60.00", email=ANN)
    tell(house, store, shop)
    assert (shop.coupons(), entitlement(house).state) == ([], "withdrawn")
    house.clock.advance(days=3)
    shop.cancel(second["id"])
    tell(house, store, shop)
    (back,) = shop.coupons()
    assert (back["code"], back["date_expires_gmt"]) == (first["code"], first["date_expires_gmt"])
    assert entitlement(house).state == "granted"
    shop.set_status(second["id"], "completed")
    tell(house, store, shop)
    assert shop.coupons() == []
    assert entitlement(house).code == first["code"]


def test_a_used_coupon_is_used_until_its_order_is_undone(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    (coupon,) = shop.coupons()
    second = shop.place_order("60.00", email=ANN, coupons=[coupon["code"]])
    assert second["total"] == "54.00"
    tell(house, store, shop)
    assert entitlement(house).state == "used"
    assert [coupon["code"] for coupon in shop.coupons()] == [coupon["code"]]
    shop.place_order("10.00", email=ANN)
    tell(house, store, shop)
    assert entitlement(house).state == "used"
    assert len(house.rows(select(entitlements))) == 1


def test_a_coupon_expires_after_thirty_days_of_the_store_and_is_taken_down_once(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    end = datetime(2026, 12, 22, 22, 59, 59, tzinfo=UTC)
    assert entitlement(house).expires_at == end
    house.clock.advance(seconds=(end - house.clock()).total_seconds())
    night(house, store)
    assert entitlement(house).state == "granted"
    house.clock.advance(seconds=1)
    night(house, store)
    assert entitlement(house).state == "expired"
    assert shop.coupons() == []
    requests = shop.requests.total()
    night(house, store)
    assert shop.requests.total() == requests


def test_who_first_bought_long_ago_gets_no_coupon(house: House, shop: SampleShop, store: Store) -> None:
    shop.place_order("50.00", email=ANN, created_at=house.clock() - timedelta(days=366))
    shop.place_order("50.00", email="ben@example.com", created_at=house.clock() - timedelta(days=365))
    tell(house, store, shop)
    assert [coupon["email_restrictions"] for coupon in shop.coupons()] == [["ben@example.com"]]


def test_a_coupon_follows_its_owner_to_another_address(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("50.00", customer_id=ann)
    tell(house, store, shop)
    shop.update_customer(ann, email="ann@example.org")
    tell(house, store, shop)
    assert [coupon["email_restrictions"] for coupon in shop.coupons()] == [["ann@example.org"]]


def test_a_guest_with_a_coupon_who_turns_out_to_have_one_already_keeps_one(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer("ann@example.org")["id"]
    shop.place_order("50.00", customer_id=ann)
    shop.place_order("0.50", email=ANN)
    tell(house, store, shop)
    assert len(shop.coupons()) == 2
    shop.update_customer(ann, email=ANN)
    tell(house, store, shop)
    assert [row.state for row in house.rows(select(entitlements))] == ["withdrawn", "withdrawn"]
    assert shop.coupons() == []
    assert [row.orders for row in house.rows(select(standings))] == [2]


@pytest.mark.parametrize(
    ("currency", "decimals", "total", "window", "tier"),
    [
        ("JPY", 0, "1000", 1000, "silver"),
        ("KWD", 3, "999.999", 999_999, "member"),
        ("KWD", 3, "5000.000", 5_000_000, "gold"),
    ],
)
def test_money_without_and_with_three_decimals_is_written_as_the_store_writes_it(
    house: House, clock: Clock, currency: str, decimals: int, total: str, window: int, tier: str
) -> None:
    with SampleShop(
        timezone="Asia/Tokyo", currency=currency, decimals=decimals, clock=clock, allow_basic=True
    ) as shop:
        store = house.pair(shop)
        house.history_is_read(store)
        # So many that a value can be told.
        people = [shop.register_customer(f"person{number}@example.com")["id"] for number in range(10)]
        for person in people:
            shop.place_order("7", customer_id=person, created_at=clock() - timedelta(days=400))
            shop.place_order(total, customer_id=person)
        shop.plugin.sent = [sent for sent in shop.plugin.sent if sent.type == "order.updated"]
        tell(house, store, shop)
        night(house, store)
        meta = shop.meta(people[0])
        (row,) = house.rows(select(standings).join(customers).where(customers.c.wc_id == people[0]))
    assert (row.tier, row.window_value) == (tier, window)
    assert row.clv is not None
    assert meta["regulars_clv"] == f"{Decimal(row.clv).scaleb(-decimals):.{decimals}f}"
    assert -Decimal(meta["regulars_clv"]).as_tuple().exponent == decimals


def test_a_guest_who_has_just_registered_is_granted_nothing_in_a_name_that_is_over(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("50.00", email=ANN)
    house.deliver(store, shop.plugin.sent)
    house.step()
    shop.plugin.sent.clear()
    ann = shop.register_customer(ANN)["id"]
    house.deliver(store, shop.plugin.sent)
    award_of_the_order, ingest_of_the_user = house.queue.waiting
    house.queue.waiting.clear()
    house.queue.waiting.extend([ingest_of_the_user, award_of_the_order])
    house.step()
    house.step()
    assert house.done == ["ingest", "ingest", "award"]
    assert house.rows(select(entitlements)) == []
    house.catch_up()
    (user,) = house.rows(select(customers).where(customers.c.wc_id == ann))
    assert entitlement(house).customer_id == user.id
