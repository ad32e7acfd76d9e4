"""The coupon that points were turned into, in the store: there once, in its owner's name, or refused for good."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from sqlalchemy import select

from connector.db import entitlements, work
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import outbox, redemptions
from connector.domain.redemption import Refused
from jobs.worker import perform_in
from tests.integration.jobs.campaigning import run_campaigns
from tests.integration.jobs.house import House
from tests.integration.jobs.redeeming import (
    ANN,
    ask,
    left,
    now_of,
    redeem,
    redeeming_store,
    rich_customer,
    tell,
)
from tests.integration.jobs.test_campaigns import season
from tests.integration.waiting import waiting
from tests.sample_shop import SampleShop
from tests.sample_shop import coupons as sample_coupons

COUPONS = "/wc/v3/coupons/batch"


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    return redeeming_store(house, shop)


@pytest.fixture
def ann(house: House, shop: SampleShop, store: Store) -> dict[str, Any]:
    return rich_customer(house, shop, store)


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


@pytest.mark.parametrize("databases", ["postgresql"], indirect=True)
def test_whoever_waits_for_the_budget_keeps_nobody_from_asking_for_writing_back(
    house: House, shop: SampleShop, store: Store, ann: dict[str, Any]
) -> None:
    house.history_is_read(store)
    run_campaigns(house, store, season(house), budget_per_year=1_000)
    made = redeem(house, store, ann)
    shop.update_customer(ann["id"], email="ann@elsewhere.example")
    house.deliver(store, shop.plugin.sent)
    house.step()
    ((award, _),) = house.queue.waiting
    with transaction(house.engine) as connection:
        entitlements.spent(connection, store.id, house.clock().date())
        other = waiting(connection, partial(perform_in, house.context, award))
        work.want(connection, store.id, "write_back", "", house.clock())
    assert other.result(60)
    house.catch_up()
    coupon = shop.coupon(made.code)
    assert coupon is not None
    assert coupon["email_restrictions"] == ["ann@elsewhere.example"]
