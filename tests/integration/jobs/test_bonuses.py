"""Fixed points: who gets them when, what takes them back, and that nothing is ever given twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import blocks, customers, lots
from connector.domain.programme import Programme
from connector.domain.programme.earning import Bonuses, EarningRules
from jobs.schedule import run_due
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop

ANN, BEN = "ann@example.com", "ben@example.com"


def give(house: House, store: Store, *, from_now: bool = False, hold_days: int = 0, **bonuses: int) -> None:
    """Save a programme with these bonuses."""
    rules = Programme(bonuses=Bonuses(**bonuses), earning=EarningRules(hold_days=hold_days))
    house.decide(store, rules, since=house.clock() if from_now else None)


def tell(house: House, store: Store, shop: SampleShop) -> dict[Any, int]:
    """Deliver what happened since the last time; return the balances."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.drain()
    return house.balances(store)


def let_pass(house: House, store: Store, **time: int) -> dict[Any, int]:
    """Let time pass and the schedule run, every day or, over months, now and then."""
    until = house.clock() + timedelta(**time)
    step = 86_400.0 if timedelta(**time) < timedelta(days=10) else 86_400.0 * 30
    while house.clock() < until:
        house.clock.advance(seconds=min(step, (until - house.clock()).total_seconds()))
        run_due(house.context)
        house.catch_up()
    return house.balances(store)


def test_signing_up_is_rewarded_once_and_told_to_the_shopper(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, sign_up=50)
    ann = shop.register_customer(ANN)["id"]
    assert tell(house, store, shop) == {("user", ann): 50}
    shop.update_customer(ann, first_name="Ann", email="ann@example.org")
    assert tell(house, store, shop) == {("user", ann): 50}
    house.catch_up()
    assert shop.meta(ann)["regulars_points"] == "50"


def test_those_who_registered_before_the_rule_are_not_rewarded(house: House, shop: SampleShop, store: Store) -> None:
    early = shop.register_customer(ANN)["id"]
    tell(house, store, shop)
    house.clock.advance(days=1)
    give(house, store, from_now=True, sign_up=50)
    late = shop.register_customer(BEN)["id"]
    shop.update_customer(early, first_name="Ann")
    assert tell(house, store, shop) == {("user", late): 50}
    assert let_pass(house, store, days=1) == {("user", late): 50}


def test_a_rule_for_the_past_reaches_those_who_never_ordered(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)["id"]
    tell(house, store, shop)
    give(house, store, sign_up=50)
    assert let_pass(house, store, days=1) == {("user", ann): 50}
    assert let_pass(house, store, days=2) == {("user", ann): 50}


def test_the_first_order_is_rewarded_and_the_reward_goes_with_it(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, first_order=25)
    first = shop.place_order("10.00", email=ANN)
    assert tell(house, store, shop) == {("guest", ANN): 35}
    shop.place_order("20.00", email=ANN)
    assert tell(house, store, shop) == {("guest", ANN): 55}
    shop.cancel(first["id"])
    assert tell(house, store, shop) == {("guest", ANN): 45}
    shop.set_status(first["id"], "completed")
    assert tell(house, store, shop) == {("guest", ANN): 55}


def test_without_any_order_left_there_is_no_reward_left(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, first_order=25)
    order = shop.place_order("10.00", email=ANN)
    tell(house, store, shop)
    shop.refund(order["id"])
    assert tell(house, store, shop) == {}


def test_a_guest_who_registers_keeps_one_reward_for_the_first_order(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, first_order=25, sign_up=50)
    shop.place_order("10.00", email=ANN)
    assert tell(house, store, shop) == {("guest", ANN): 35}
    ann = shop.register_customer(ANN)["id"]
    assert tell(house, store, shop) == {("user", ann): 85}
    shop.place_order("5.00", customer_id=ann)
    assert tell(house, store, shop) == {("user", ann): 90}


def test_a_friend_and_who_brought_them_are_rewarded_after_the_hold(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, referrer=100, friend=40, hold_days=14)
    ann = shop.register_customer(ANN)["id"]
    order = shop.place_order("10.00", email=BEN, referrer=ann)
    tell(house, store, shop)
    waiting = {row.source.split(":")[1]: row for row in house.rows(select(lots)) if row.source.startswith("bonus")}
    assert {kind: row.points for kind, row in waiting.items()} == {"referrer": 100, "friend": 40}
    due = datetime.fromisoformat(order["date_created_gmt"]).replace(tzinfo=UTC) + timedelta(days=14)
    assert {row.available_at for row in waiting.values()} == {due}
    assert let_pass(house, store, days=15) == {("user", ann): 100, ("guest", BEN): 50}
    shop.cancel(order["id"])
    assert tell(house, store, shop) == {}


def test_a_friend_is_brought_once_and_by_their_first_order(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, referrer=100)
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", email=BEN)
    shop.place_order("10.00", email=BEN, referrer=ann)
    assert tell(house, store, shop) == {("guest", BEN): 20}
    for _ in range(2):
        shop.place_order("10.00", email="cleo@example.com", referrer=ann)
    assert tell(house, store, shop)[("user", ann)] == 100


def test_nobody_is_rewarded_for_bringing_themselves(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, referrer=100, friend=40)
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", email=ANN, referrer=ann)
    assert tell(house, store, shop) == {("user", ann): 10}


def test_a_guest_who_turns_out_to_be_the_referrer_takes_the_rewards_back(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, referrer=100, friend=40)
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", email=BEN, referrer=ann)
    assert tell(house, store, shop) == {("user", ann): 100, ("guest", BEN): 50}
    shop.update_customer(ann, email=BEN)
    assert tell(house, store, shop) == {("user", ann): 10}


def test_a_brought_guest_who_registers_is_the_same_friend(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, referrer=100, friend=40)
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", email=BEN, referrer=ann)
    tell(house, store, shop)
    ben = shop.register_customer(BEN)["id"]
    assert tell(house, store, shop) == {("user", ann): 100, ("user", ben): 50}


def test_a_product_is_rewarded_once_while_a_review_of_it_is_shown(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, review=5)
    ann = shop.register_customer(ANN)["id"]
    first, second = shop.write_review(ann, 11), shop.write_review(ann, 11)
    other = shop.write_review(ann, 12)
    assert tell(house, store, shop) == {("user", ann): 10}
    shop.withdraw_review(first)
    assert tell(house, store, shop) == {("user", ann): 10}
    shop.withdraw_review(second)
    shop.withdraw_review(other)
    assert tell(house, store, shop) == {}


def test_reviews_told_late_and_twice_end_the_same(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, review=5)
    ann = shop.register_customer(ANN)["id"]
    house.clock.advance(seconds=1)
    shop.withdraw_review(shop.write_review(ann, 11))
    shop.write_review(ann, 12)
    sent = list(shop.plugin.sent)
    for delivery in [*sent[::-1], *sent]:
        house.deliver(store, [delivery])
        house.drain()
    assert house.balances(store) == {("user", ann): 5}
    assert [row.source.rpartition(":")[2] for row in house.rows(select(lots.c.source))] == ["12"]


def born(house: House, shop: SampleShop, email: str, birthday: str) -> int:
    customer = int(shop.register_customer(email)["id"])
    shop.update_customer(customer, meta_data=[{"key": "regulars_birthday", "value": birthday}])
    return customer


def test_birthdays_are_rewarded_on_the_stores_day_and_once_a_year(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, birthday=30)
    ann = born(house, shop, ANN, "11-24")
    tell(house, store, shop)
    until_midnight = datetime(2026, 11, 24, tzinfo=store.zone) - house.clock()
    assert let_pass(house, store, seconds=int(until_midnight.total_seconds()) - 1) == {}
    house.clock.advance(minutes=11)
    run_due(house.context)
    house.catch_up()
    assert house.balances(store) == {("user", ann): 30}
    (lot,) = house.rows(select(lots))
    assert lot.earned_at == datetime(2026, 11, 24, tzinfo=store.zone)
    assert let_pass(house, store, days=300) == {("user", ann): 30}
    assert let_pass(house, store, days=66) == {("user", ann): 60}


def test_a_birthday_that_moves_is_not_celebrated_twice_in_a_year(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, birthday=30)
    ann = born(house, shop, ANN, "1990-11-24")
    tell(house, store, shop)
    assert let_pass(house, store, days=3) == {("user", ann): 30}
    shop.update_customer(ann, meta_data=[{"key": "regulars_birthday", "value": "11-27"}])
    tell(house, store, shop)
    assert let_pass(house, store, days=3) == {("user", ann): 30}


def test_days_on_which_nothing_ran_are_made_up_for(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, birthday=30)
    ann = born(house, shop, ANN, "11-24")
    tell(house, store, shop)
    let_pass(house, store, days=1)
    house.clock.advance(days=5)
    run_due(house.context)
    house.catch_up()
    assert house.balances(store) == {("user", ann): 30}


def test_anniversaries_of_registration_are_rewarded_from_the_first_year_on(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, anniversary=15)
    ann = shop.register_customer(ANN)["id"]
    tell(house, store, shop)
    assert let_pass(house, store, days=364) == {}
    assert let_pass(house, store, days=2) == {("user", ann): 15}
    assert let_pass(house, store, days=365) == {("user", ann): 30}


def test_the_blocked_and_the_deleted_celebrate_without_points(house: House, shop: SampleShop, store: Store) -> None:
    give(house, store, birthday=30, sign_up=50)
    ann, ben = born(house, shop, ANN, "11-24"), born(house, shop, BEN, "11-24")
    tell(house, store, shop)
    with transaction(house.engine) as connection:
        ours = connection.execute(select(customers.c.id).where(customers.c.wc_id == ann)).scalar_one()
        connection.execute(
            blocks.insert().values(
                store_id=store.id, customer_id=ours, reason="x", made_by="x", from_at=house.clock()
            )
        )
    shop.delete_customer(ben)
    tell(house, store, shop)
    assert let_pass(house, store, days=3) == {("user", ann): 50, ("user", ben): 50}


def test_half_a_history_makes_nobodys_order_their_first(house: House, shop: SampleShop) -> None:
    store = house.pair(shop)
    give(house, store, from_now=True, first_order=25)
    shop.place_order("10.00", email=ANN, created_at=house.clock() - timedelta(days=500))
    shop.place_order("10.00", email=ANN)
    new = shop.plugin.sent[-1]
    house.deliver(store, [new])
    house.drain()
    assert house.balances(store) == {("guest", ANN): 10}
    house.backfill(store)
    house.catch_up()
    assert house.balances(store) == {("guest", ANN): 20}
    shop.place_order("10.00", email=BEN)
    house.backfill(store)
    house.catch_up()
    assert house.balances(store) == {("guest", ANN): 20, ("guest", BEN): 35}


def test_a_friends_order_told_before_who_sent_them_rewards_both_all_the_same(
    house: House, shop: SampleShop, store: Store
) -> None:
    give(house, store, referrer=100, friend=40)
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("10.00", email=BEN, referrer=ann)
    house.deliver(store, shop.plugin.sent[1:])
    house.drain()
    assert house.balances(store) == {("guest", BEN): 10}
    assert tell(house, store, shop) == {("user", ann): 100, ("guest", BEN): 50}
