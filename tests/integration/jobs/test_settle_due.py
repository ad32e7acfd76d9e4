"""What time alone does to points, and what a change of the programme does to all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from connector.db import accounts, adjustments
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import accounts as accounts_table
from connector.db.tables import customers, outbox, postings
from connector.domain.programme import Programme
from connector.domain.programme.earning import EarningRules
from connector.domain.programme.points import ExpiryBasis, ExpiryRules
from jobs import settle_due
from jobs.schedule import settle_stores
from jobs.worker import perform_in
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import fresh_balances
from tests.sample_shop import SampleShop

ANN = "ann@example.com"
AGEING = replace(Programme(), expiry=ExpiryRules(ExpiryBasis.EARNED, 3))
HOLDING = replace(Programme(), earning=EarningRules(hold_days=14))


def tell(house: House, store: Store, shop: SampleShop) -> None:
    house.hear(store, shop)
    house.drain()


def available(house: House) -> list[int]:
    return [row.available for row in house.rows(select(accounts_table).order_by(accounts_table.c.customer_id))]


def kinds(house: House) -> list[str]:
    return [row.kind for row in house.rows(select(postings).order_by(postings.c.id))]


def turn_to(house: House, moment: datetime) -> int:
    """Let it be that time, and the scheduler have a look; return how many stores had something to settle."""
    house.clock.advance(seconds=(moment - house.clock()).total_seconds())
    asked = settle_stores(house.context)
    house.drain()
    return asked


# A purchase in November, to be used within three months, and the first moment after the last day in each zone.
ENDS = {
    "Europe/Berlin": datetime(2027, 2, 22, 23, tzinfo=UTC),
    "America/New_York": datetime(2027, 2, 23, 5, tzinfo=UTC),
    "Pacific/Auckland": datetime(2027, 2, 22, 11, tzinfo=UTC),
    "-09:30": datetime(2027, 2, 23, 9, 30, tzinfo=UTC),
}


@pytest.mark.parametrize(("timezone", "ends_at"), ENDS.items())
def test_points_end_with_the_stores_own_day(house: House, timezone: str, ends_at: datetime) -> None:
    shop = SampleShop(clock=house.clock)
    store = house.pair(shop, timezone=timezone)
    house.decide(store, AGEING)
    shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    assert turn_to(house, ends_at - timedelta(microseconds=1)) == 0
    assert available(house) == [70]
    assert turn_to(house, ends_at) == 1
    assert available(house) == [0]
    assert kinds(house) == ["earn", "expire"]


@pytest.mark.parametrize(
    ("ordered_at", "ends_at"),
    [
        # Clocks go forward in between, and back.
        (datetime(2027, 1, 15, 12, tzinfo=UTC), datetime(2027, 4, 15, 22, tzinfo=UTC)),
        (datetime(2027, 8, 15, 12, tzinfo=UTC), datetime(2027, 11, 15, 23, tzinfo=UTC)),
        # On the last day itself.
        (datetime(2026, 12, 28, 12, tzinfo=UTC), datetime(2027, 3, 28, 22, tzinfo=UTC)),
        (datetime(2027, 7, 31, 12, tzinfo=UTC), datetime(2027, 10, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_change_of_clocks_does_not_move_the_end_of_the_day(
    house: House, shop: SampleShop, store: Store, ordered_at: datetime, ends_at: datetime
) -> None:
    house.decide(store, AGEING)
    turn_to(house, ordered_at)
    shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    assert ends_at.astimezone(ZoneInfo("Europe/Berlin")).hour == 0
    turn_to(house, ends_at - timedelta(microseconds=1))
    assert available(house) == [70]
    turn_to(house, ends_at)
    assert available(house) == [0]


def test_a_hold_ends_by_itself_and_the_store_hears_of_it(house: House, shop: SampleShop, store: Store) -> None:
    house.decide(store, HOLDING)
    ann = shop.register_customer(ANN)
    shop.place_order("70.00", customer_id=ann["id"])
    tell(house, store, shop)
    assert available(house) == [0]
    turn_to(house, house.clock() + timedelta(days=14))
    assert available(house) == [70]
    (desired,) = (row.desired for row in house.rows(select(outbox).where(outbox.c.kind == "customer")))
    assert desired["regulars_points"] == "70"


def test_a_purchase_keeps_the_points_of_a_store_that_forgets_the_inactive(
    house: House, shop: SampleShop, store: Store
) -> None:
    house.decide(store, replace(Programme(), expiry=ExpiryRules(ExpiryBasis.INACTIVITY, 3)))
    shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    turn_to(house, house.clock() + timedelta(days=80))
    shop.place_order("5.00", email=ANN)
    tell(house, store, shop)
    turn_to(house, house.clock() + timedelta(days=80))
    assert available(house) == [75]
    turn_to(house, house.clock() + timedelta(days=20))
    assert available(house) == [0]


def test_a_refund_after_the_end_takes_nothing_twice_and_its_undoing_gives_nothing(
    house: House, shop: SampleShop, store: Store
) -> None:
    house.decide(store, AGEING)
    order = shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    turn_to(house, ENDS["Europe/Berlin"])
    shop.refund(order["id"], "20.00")
    tell(house, store, shop)
    assert house.balances(store) == {}
    assert kinds(house) == ["earn", "expire", "clawback", "restore"]


@pytest.mark.parametrize("effective_from", [None, datetime(2026, 11, 22, 9, 30, tzinfo=UTC)])
def test_a_new_programme_reaches_every_account_of_the_time_it_covers(
    house: House, shop: SampleShop, store: Store, effective_from: datetime | None
) -> None:
    house.clock.advance(days=-1)
    shop.place_order("70.00", email=ANN)
    house.clock.advance(days=1)
    shop.place_order("7.00", email="ben@example.com")
    tell(house, store, shop)
    house.decide(store, AGEING, since=effective_from)
    assert turn_to(house, house.clock()) == 1
    assert turn_to(house, house.clock()) == 0
    turn_to(house, house.clock() + timedelta(days=100))
    assert available(house) == ([0, 0] if effective_from is None else [70, 0])


def order_again(house: House, store: Store, shop: SampleShop, _: int) -> None:
    shop.place_order("5.00", email=ANN)
    tell(house, store, shop)


def be_given_points(house: House, store: Store, _: SampleShop, ann: int) -> None:
    with transaction(house.engine) as connection:
        adjustments.adjust(connection, store, ann, 10, adjustments.Act("Sorry", "Owner", "key"), house.clock())


@pytest.mark.parametrize("first", [order_again, be_given_points])
def test_a_new_programme_reaches_earlier_orders_of_those_too_who_are_settled_before_it_does(
    house: House, shop: SampleShop, store: Store, first: Callable[..., None]
) -> None:
    shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    house.decide(store, replace(Programme(), earning=EarningRules(rate=Decimal(2))))
    (ann,) = (row.customer_id for row in house.rows(select(accounts_table)))
    first(house, store, shop, ann)
    assert turn_to(house, house.clock()) == 1
    assert turn_to(house, house.clock()) == 0
    assert available(house) == [140 + 10]


def test_switching_inactivity_on_warns_those_who_have_been_silent_for_long(
    house: House, shop: SampleShop, store: Store
) -> None:
    shop.place_order("70.00", email=ANN)
    tell(house, store, shop)
    house.clock.advance(days=999)
    house.decide(store, replace(Programme(), expiry=ExpiryRules(ExpiryBasis.INACTIVITY, 3, 30)))
    assert turn_to(house, house.clock()) == 1
    (row,) = house.rows(select(accounts_table))
    assert (row.available, row.expiring) == (70, 70)
    assert timedelta(days=30) < row.expiring_at - house.clock() < timedelta(days=31)
    turn_to(house, row.expiring_at)
    assert available(house) == [0]


def many_orders(house: House, store: Store, shop: SampleShop, count: int) -> None:
    for number in range(count):
        shop.place_order("70.00", email=f"person{number}@example.com")
    tell(house, store, shop)


def test_a_run_that_dies_is_taken_up_where_it_ended(
    house: House, shop: SampleShop, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_due, "_CHUNK", 2)
    house.decide(store, HOLDING)
    many_orders(house, store, shop, 7)
    house.clock.advance(days=14)
    settle, chunks = accounts.settle, []

    def dies(*given: object) -> set[int]:
        chunks.append(given)
        if len(chunks) == 3:
            raise ZeroDivisionError
        return settle(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(accounts, "settle", dies)
        work_id = house.want(store, "settle_due")
        with pytest.raises(ZeroDivisionError):
            perform_in(house.context, work_id)
    assert sorted(available(house)) == [0] * 3 + [70] * 4
    house.queue.waiting.clear()
    house.catch_up()
    assert available(house) == [70] * 7
    assert kinds(house) == ["earn"] * 7 + ["mature"] * 7
    assert house.balances(store) == fresh_balances(shop)


def test_a_long_run_gives_its_place_to_others(
    house: House, shop: SampleShop, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settle_due, "_CHUNK", 1)
    house.decide(store, HOLDING)
    many_orders(house, store, shop, 5)
    house.clock.advance(days=14)
    house.context = replace(house.context, clock=Ticking(house.clock))
    work_id = house.want(store, "settle_due")
    house.queue.waiting.clear()
    assert perform_in(house.context, work_id)
    settled = sum(points == 70 for points in available(house))
    assert 0 < settled < 5
    assert (work_id, "settle_due") in house.queue.waiting
    house.catch_up()
    assert available(house) == [70] * 5


class Ticking:
    """A clock that moves on by eight seconds whenever somebody looks at it."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock

    def __call__(self) -> datetime:
        return self.clock.advance(seconds=8)


def test_stores_are_settled_by_themselves(house: House, shop: SampleShop, store: Store) -> None:
    other = house.pair(shop, 2, site_url="https://other.example")
    for one in (store, other):
        house.decide(one, HOLDING)
    shop.place_order("70.00", email=ANN)
    told = list(shop.plugin.sent)
    for one in (store, other):
        house.deliver(one, told)
    house.drain()
    house.clock.advance(days=14)
    house.want(other, "settle_due")
    house.drain()
    assert available_in(house, [store, other]) == [0, 70]


def available_in(house: House, stores: Iterable[Store]) -> list[int]:
    wanted = select(accounts_table.c.available).join(customers, customers.c.id == accounts_table.c.customer_id)
    return [house.rows(wanted.where(customers.c.store_id == store.id))[0].available for store in stores]
