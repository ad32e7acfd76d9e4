"""Campaigns and the governor over them, from the order to the coupon in the store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from sqlalchemy import event, insert, select, update

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import blocks, customers, entitlements, orders
from connector.domain.programme import SECOND_PURCHASE
from connector.domain.programme.offers import Audience, Campaign, Consent, Discount, DiscountKind, Timing, Trigger
from tests.integration.jobs.campaigning import granted, night, read_history, run_campaigns, set_about, stopped, tell
from tests.integration.jobs.house import House
from tests.integration.jobs.test_many_workers import race
from tests.sample_shop import SampleShop

ANN, BEN, CAT = "ann@example.com", "ben@example.com", "cat@example.com"
FIVE_OFF = Discount(kind=DiscountKind.FIXED, amount=Decimal(5), valid_days=10)


def season(house: House, name: str = "season", days: int = 400, **given: object) -> Campaign:
    today = house.clock().date()
    timing = Timing(from_day=today - timedelta(days=1), to_day=today + timedelta(days=days))
    return Campaign(name, Trigger.SEASON, timing=timing, **given)


def test_one_coupon_at_a_time_and_what_was_not_given_says_why(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, SECOND_PURCHASE, season(house))
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    assert granted(house) == [("second_purchase", "granted")]
    assert stopped(house) == [("season", "full_price")]

    night(house, store, days=1)
    assert stopped(house)[1:] == [("season", "live_coupon")]

    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    assert granted(house) == [("second_purchase", "withdrawn")]
    assert stopped(house)[2:] == [("season", "minimum_gap")]

    night(house, store, days=6)
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    night(house, store, days=7)
    assert granted(house) == [("second_purchase", "withdrawn"), ("season", "granted")]

    # The rule that stands in the way is the first one asked, and each is written down once.
    night(house, store, days=1)
    assert [rule for _, rule in stopped(house)] == ["full_price", "live_coupon", "minimum_gap"]
    assert [coupon["amount"] for coupon in shop.coupons()] == ["10.00"]


def test_who_just_bought_without_a_coupon_would_buy_anyway(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, season(house))
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    assert (granted(house), stopped(house)) == ([], [("season", "full_price")])

    night(house, store, days=6)
    assert granted(house) == []
    night(house, store, days=1)
    assert granted(house) == [("season", "granted")]


def test_a_coupon_that_would_come_back_waits_for_the_one_that_came_between(
    house: House, shop: SampleShop, store: Store
) -> None:
    run_campaigns(
        house, store, SECOND_PURCHASE, season(house, discount=FIVE_OFF), minimum_gap_days=0, full_price_days=0
    )
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    (first,) = shop.coupons()
    second = shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    assert granted(house) == [("second_purchase", "withdrawn"), ("season", "granted")]

    shop.cancel(second["id"])
    tell(house, store, shop)
    assert granted(house) == [("second_purchase", "withdrawn"), ("season", "granted")]
    assert ("second_purchase", "live_coupon") in stopped(house)

    night(house, store, days=11)
    assert granted(house) == [("second_purchase", "granted"), ("season", "expired")]
    assert [(coupon["code"], coupon["amount"]) for coupon in shop.coupons()] == [(first["code"], "10.00")]


def test_the_years_budget_is_never_exceeded(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, SECOND_PURCHASE, budget_per_year=11)
    for email in (ANN, BEN, CAT):
        shop.place_order("50.00", email=email)
    tell(house, store, shop)
    assert granted(house) == [("second_purchase", "granted")] * 2
    assert stopped(house) == [("second_purchase", "budget")]

    # Used on a larger order than was to be expected, a coupon takes from the year what it took off.
    code = shop.coupons()[0]["code"]
    (row,) = house.rows(select(entitlements).where(entitlements.c.code == code))
    (owner,) = house.rows(select(customers).where(customers.c.id == row.customer_id))
    order = shop.place_order("80.00", email=owner.email, coupons=[code])
    tell(house, store, shop)
    with transaction(house.engine) as connection:
        connection.execute(update(orders).where(orders.c.wc_id == order["id"]).values(coupon_discounts={code: 800}))
    house.want(store, "award", f"order:{order['id']}")
    house.catch_up()
    (used,) = house.rows(select(entitlements).where(entitlements.c.code == code))
    assert (used.state, used.cost, used.took_off) == ("used", 500, 800)
    night(house, store, days=31)
    # 8.00 are gone and 3.00 are left: not enough for the third, though the second coupon has expired.
    assert sorted(state for _, state in granted(house)) == ["expired", "used"]


def test_a_new_year_brings_a_new_budget(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, SECOND_PURCHASE, budget_per_year=5)
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    (coupon,) = shop.coupons()
    shop.place_order("50.00", email=ANN, coupons=[coupon["code"]])
    shop.place_order("50.00", email=BEN)
    tell(house, store, shop)
    assert stopped(house) == [("second_purchase", "budget")]

    house.clock.advance(seconds=(datetime(2026, 12, 31, 22, 59, tzinfo=UTC) - house.clock()).total_seconds())
    night(house, store)
    assert len(granted(house)) == 1
    house.clock.advance(minutes=5)
    night(house, store)
    assert granted(house) == [("second_purchase", "used"), ("second_purchase", "granted")]


def test_consent_blocks_and_missing_addresses_are_respected_and_written_down(
    house: House, shop: SampleShop, store: Store
) -> None:
    run_campaigns(house, store, SECOND_PURCHASE, consent=Consent.REQUIRED)
    for email in (ANN, BEN, CAT, "dan@example.com"):
        shop.place_order("50.00", email=email)
    house.hear(store, shop)
    while house.queue.waiting and house.queue.waiting[0][1] == "ingest":
        house.step()
    set_about(house, [ANN, CAT], consent=True)
    set_about(house, [BEN], consent=False)
    (cat,) = house.rows(select(customers).where(customers.c.email == CAT))
    with transaction(house.engine) as connection:
        connection.execute(
            insert(blocks).values(
                store_id=store.id, customer_id=cat.id, reason="Fraud", made_by="owner", from_at=house.clock()
            )
        )
    house.clock.advance(seconds=1)
    house.catch_up()
    assert [coupon["email_restrictions"] for coupon in shop.coupons()] == [[ANN]]
    assert sorted(stopped(house)) == [
        ("second_purchase", "blocked"),
        ("second_purchase", "no_consent"),
        ("second_purchase", "no_consent"),
    ]


def test_each_campaign_writes_the_facts_behind_its_coupon(house: House, shop: SampleShop, store: Store) -> None:
    # Ann bought every month for a year and has been silent for another; others keep buying.
    for month in range(12):
        shop.place_order("50.00", email=ANN, created_at=house.clock() - timedelta(days=730 - 30 * month))
    for number in range(30):
        for month in range(12):
            days = 360 - 30 * month
            shop.place_order("50.00", email=f"p{number}@example.com", created_at=house.clock() - timedelta(days=days))
    quiet = Timing(quiet_below=Decimal("0.90"))
    run_campaigns(house, store, Campaign("back", Trigger.WIN_BACK, timing=quiet), Campaign("cake", Trigger.BIRTHDAY))
    read_history(house, store, shop)
    set_about(house, ["p3@example.com"], birthday="1990-11-20")
    night(house, store)
    found = {
        row.campaign: (row.why, row.occasion)
        for row in house.rows(select(entitlements).order_by(entitlements.c.campaign.desc()))
    }
    why, occasion = found["back"]
    assert why.startswith("10 % to come back: silent for 400 days, usually every 30; ")
    assert why.endswith(" likely to order within 90 days")
    assert occasion == (house.clock().date() - timedelta(days=400)).isoformat()
    assert found["cake"] == ("10 % for the birthday in 2026", "2026")


def test_a_campaign_for_a_country_and_a_tenth_asks_only_those(house: House, shop: SampleShop, store: Store) -> None:
    for number in range(20):
        for days in (400, 300, 200, 100, 30):
            shop.place_order(
                f"{10 * (number + 1)}.00",
                email=f"p{number}@example.com",
                created_at=house.clock() - timedelta(days=days),
            )
    read_history(house, store, shop)
    best = Campaign("best", Trigger.VIP, audience=Audience(clv_deciles=(10, 10), minimum_orders=5))
    abroad = Campaign("abroad", Trigger.VIP, audience=Audience(countries=frozenset({"JP"})))
    run_campaigns(house, store, abroad, best)
    night(house, store)
    rows = house.rows(select(entitlements.c.campaign, customers.c.email).join(customers))
    assert sorted((row.campaign, row.email) for row in rows) == [
        ("best", "p18@example.com"),
        ("best", "p19@example.com"),
    ]


def test_deciding_for_many_takes_as_many_queries_as_for_a_few(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, season(house), SECOND_PURCHASE, budget_per_year=1_000, hold_out_percent=Decimal(5))
    counts = []
    for some in (5, 40):
        for number in range(some):
            shop.place_order("50.00", email=f"{some}-{number}@example.com")
        house.hear(store, shop)
        house.drain()
        statements: list[str] = []

        def count(_c: object, _cur: object, statement: str, *_rest: object, into: list[str] = statements) -> None:
            into.append(statement)

        event.listen(house.engine, "before_cursor_execute", count)
        night(house, store, days=20)
        event.remove(house.engine, "before_cursor_execute", count)
        tables = ("entitlements", "suppressions", "hold_outs", "blocks", "draw_key")
        counts.append(sum(any(table in one for table in tables) for one in statements))
    assert max(counts) <= 12


def test_workers_who_decide_at_once_give_nobody_two_coupons_and_spend_no_money_twice(
    house: House, shop: SampleShop, store: Store
) -> None:
    run_campaigns(
        house, store, season(house), SECOND_PURCHASE, budget_per_year=31, minimum_gap_days=0, full_price_days=0
    )
    for number in range(12):
        for _ in range(3):
            shop.place_order("50.00", email=f"p{number}@example.com")
    house.deliver(store, shop.plugin.sent)
    race(house)
    rows = house.rows(select(entitlements))
    assert sorted(row.state for row in rows if row.state != "withdrawn") == ["granted"] * 6
    assert len({row.customer_id for row in rows if row.state == "granted"}) == 6
    assert sum(row.cost for row in rows if row.state == "granted") == 3_000
    assert ("season", "budget") in stopped(house)


def test_a_year_of_nights_leaves_no_more_coupons_in_the_store_than_can_be_used(
    house: House, shop: SampleShop, store: Store
) -> None:
    often = Campaign("often", Trigger.VIP, discount=FIVE_OFF, timing=Timing(every_days=15))
    run_campaigns(house, store, often, season(house))
    people = [f"p{number}@example.com" for number in range(4)]
    for email in people:
        shop.place_order("50.00", email=email)
    tell(house, store, shop)
    most = 0
    for week in range(52):
        night(house, store, days=7)
        if week % 9 == 4:
            coupon = next(coupon for coupon in shop.coupons() if not coupon["usage_count"])
            shop.place_order("50.00", email=coupon["email_restrictions"][0], coupons=[coupon["code"]])
            tell(house, store, shop)
        most = max(most, len(shop.coupons()))
        live = {row.code for row in house.rows(select(entitlements)) if row.state == "granted"}
        assert {coupon["code"] for coupon in shop.coupons() if not coupon["usage_count"]} == live
    # One each that can be used, and those used lately.
    assert most <= len(people) + 1
    # Each of them was given many over the year, one after the other.
    assert len(house.rows(select(entitlements))) > 60
