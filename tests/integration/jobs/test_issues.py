"""Campaigns that a person hands out: previewed first, ruled on like any offer, and harmless when repeated."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from connector.db import issues, stores, work
from connector.db.issues import Asked
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import entitlements, hold_outs, outbox, suppressions
from connector.domain.programme.offers import Campaign, Trigger
from tests.integration.jobs.campaigning import granted, night, run_campaigns, set_about, tell
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

THANKS = Campaign("thanks", Trigger.BY_HAND)


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    store = house.pair(shop)
    house.history_is_read(store)
    run_campaigns(house, store, THANKS, full_price_days=0)
    for number in range(6):
        for _ in range(1 + number // 4):
            shop.place_order("50.00", email=f"p{number}@example.com")
    tell(house, store, shop)
    return store


def ask(house: House, store: Store, *, preview: bool = False, **changed: Any) -> str:
    given = {"campaign": "thanks", "occasion": "spring", "reason": "you stood by us", "made_by": "owner"}
    asked = Asked(**{**given, "audience": {}, "preview": preview, **changed})
    with transaction(house.engine) as connection:
        public_id = issues.ask(connection, store.id, asked, house.clock())
        work_id = work.want(connection, store.id, "issue", public_id, house.clock())
    house.queue.offer(work_id, "issue")
    return public_id


def hand_out(house: House, store: Store, *, preview: bool = False, **changed: Any) -> Any:
    public_id = ask(house, store, preview=preview, **changed)
    house.catch_up()
    with transaction(house.engine) as connection:
        return issues.of(connection, store.id, public_id)


def test_a_preview_says_what_would_be_and_changes_nothing(house: House, shop: SampleShop, store: Store) -> None:
    set_about(house, ["p0@example.com", "p1@example.com"], consent=False)
    before = [house.rows(select(table)) for table in (entitlements, suppressions, hold_outs, outbox)]

    seen = hand_out(house, store, preview=True)

    assert (seen.state, seen.done, seen.total) == ("done", 6, 6)
    assert (seen.tally, seen.promised) == ({"granted": 4, "no_consent": 2}, 2_000)
    assert [house.rows(select(table)) for table in (entitlements, suppressions, hold_outs, outbox)] == before
    assert shop.coupons() == []


def test_what_is_handed_out_is_what_the_preview_said(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, THANKS, full_price_days=0, budget_per_year=16)
    seen = hand_out(house, store, preview=True)
    done = hand_out(house, store)

    assert seen.tally == done.tally == {"granted": 3, "budget": 3}
    assert seen.promised == done.promised == 1_500
    assert granted(house) == [("thanks", "granted")] * 3
    assert {coupon["description"] for coupon in shop.coupons()} == {"10 % by hand: you stood by us"}
    assert len(shop.coupons()) == 3


def test_the_same_occasion_brings_nobody_a_second_coupon(house: House, shop: SampleShop, store: Store) -> None:
    hand_out(house, store)
    again = hand_out(house, store)

    assert again.tally == {"already": 6}
    other = hand_out(house, store, occasion="autumn")
    assert other.tally == {"live_coupon": 6}
    assert len(shop.coupons()) == 6


def test_only_the_named_audience_is_asked(house: House, store: Store) -> None:
    done = hand_out(house, store, audience={"minimum_orders": 2})

    assert (done.done, done.tally) == (2, {"granted": 2})


def test_an_issue_is_taken_up_where_it_ended(house: House, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("jobs.issue._CHUNK", 2)
    decided: list[int] = []
    from jobs import issue

    decide = issue._decide

    def dies_once(connection: Any, store: Store, ids: list[int], *rest: Any, **named: Any) -> bool:
        decided.extend(ids)
        if len(decided) == 4:
            raise RuntimeError("killed")
        return decide(connection, store, ids, *rest, **named)

    monkeypatch.setattr(issue, "_decide", dies_once)
    with pytest.raises(RuntimeError):
        hand_out(house, store)
    house.catch_up()
    (row,) = house.rows("select * from issues")
    assert (row.state, row.done) == ("done", 6)
    assert len(granted(house)) == 6
    assert sorted(decided) == sorted([*range(min(decided), min(decided) + 6), *decided[2:4]])


def test_a_campaign_that_left_the_programme_is_handed_to_nobody(house: House, store: Store) -> None:
    run_campaigns(house, store)

    assert (hand_out(house, store).tally, granted(house)) == ({}, [])


def test_a_coupon_handed_out_stays_until_it_expires(house: House, shop: SampleShop, store: Store) -> None:
    hand_out(house, store)
    shop.place_order("50.00", email="p0@example.com")
    tell(house, store, shop)
    night(house, store, days=29)
    assert {state for _, state in granted(house)} == {"granted"}
    night(house, store, days=3)
    assert {state for _, state in granted(house)} == {"expired"}
    assert shop.coupons() == []


def test_what_was_not_handed_out_when_the_store_left_lapses_and_its_preview_goes_on(
    house: House, shop: SampleShop, store: Store
) -> None:
    told = {name: ask(house, store, preview=name == "preview") for name in ("preview", "coupons")}
    with transaction(house.engine) as connection:
        stores.disconnect(connection, store.id, house.clock())
    house.clock.advance(days=180)
    house.pair(shop)
    house.catch_up()

    with transaction(house.engine) as connection:
        states = {name: issues.of(connection, store.id, told[name]).state for name in told}
    assert states == {"preview": "done", "coupons": "lapsed"}
    assert granted(house) == []
    assert hand_out(house, store).state == "done"


def test_what_is_handed_out_goes_on_where_a_store_only_changes_its_key(
    house: House, shop: SampleShop, store: Store
) -> None:
    public_id = ask(house, store)
    house.pair(shop)
    house.catch_up()

    with transaction(house.engine) as connection:
        assert issues.of(connection, store.id, public_id).state == "done"


def test_a_chunk_that_was_at_work_when_the_issue_lapsed_does_not_revive_it(
    house: House, shop: SampleShop, store: Store
) -> None:
    public_id = ask(house, store)
    with transaction(house.engine) as connection:
        stores.disconnect(connection, store.id, house.clock())
    house.pair(shop)
    with transaction(house.engine) as connection:
        row = issues.of(connection, store.id, public_id)
        issues.progress(connection, store.id, row.id, 2, 2, 6, {"granted": 2}, 1_000)
    house.catch_up()

    with transaction(house.engine) as connection:
        row = issues.of(connection, store.id, public_id)
    assert (row.state, row.done) == ("lapsed", 2)
