"""Who is kept without offers: drawn once, by the store's own key, and never again."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import select, update

from connector.db import stores
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, hold_outs, suppressions
from connector.db.tables import stores as stores_table
from connector.domain.hold_out import is_held_out
from connector.domain.programme import SECOND_PURCHASE
from tests.integration.jobs.campaigning import granted, night, run_campaigns, stopped, tell
from tests.integration.jobs.house import House
from tests.integration.jobs.test_campaigns import season
from tests.sample_shop import SampleShop

ANN, BEN = "ann@example.com", "ben@example.com"


def test_held_out_people_get_nothing_and_are_never_drawn_again(house: House, shop: SampleShop, store: Store) -> None:
    with transaction(house.engine) as connection:
        # A key that does not draw Ben.
        connection.execute(update(stores_table).values(draw_key=bytes(32)))
    run_campaigns(house, store, SECOND_PURCHASE, hold_out_percent=Decimal(100))
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    assert (granted(house), stopped(house)) == ([], [("second_purchase", "hold_out")])

    run_campaigns(house, store, SECOND_PURCHASE, hold_out_percent=Decimal("0.01"))
    shop.place_order("50.00", email=BEN)
    tell(house, store, shop)
    night(house, store, days=1)
    assert [coupon["email_restrictions"] for coupon in shop.coupons()] == [[BEN]]

    run_campaigns(house, store, SECOND_PURCHASE, season(house), hold_out_percent=Decimal(100))
    night(house, store, days=60)
    assert granted(house) == [("second_purchase", "expired"), ("season", "granted")]
    assert [row.held_out for row in house.rows(select(hold_outs).order_by(hold_outs.c.customer_id))] == [True, False]


def test_a_guest_who_registers_stays_held_out_and_keeps_what_they_were_not_given(
    house: House, shop: SampleShop, store: Store
) -> None:
    run_campaigns(house, store, SECOND_PURCHASE, hold_out_percent=Decimal(100))
    shop.place_order("50.00", email=ANN)
    tell(house, store, shop)
    run_campaigns(house, store, SECOND_PURCHASE, hold_out_percent=Decimal("0.01"))
    ann = shop.register_customer(ANN)["id"]
    tell(house, store, shop)
    (user,) = house.rows(select(customers).where(customers.c.wc_id == ann))
    assert granted(house) == []
    assert {row.customer_id: row.held_out for row in house.rows(select(hold_outs))}[user.id] is True
    assert [row.customer_id for row in house.rows(select(suppressions))] == [user.id]


def test_who_is_held_out_is_whom_the_stores_own_key_draws(house: House, shop: SampleShop, store: Store) -> None:
    run_campaigns(house, store, SECOND_PURCHASE, hold_out_percent=Decimal(40))
    for number in range(30):
        shop.place_order("50.00", email=f"p{number}@example.com")
    tell(house, store, shop)
    with transaction(house.engine) as connection:
        key = stores.draw_key(connection, store.id)
    drawn = {row.customer_id: row.held_out for row in house.rows(select(hold_outs))}
    assert len(drawn) == 30
    assert drawn == {customer: is_held_out(key, customer, Decimal(40)) for customer in drawn}
    assert {row.customer_id for row in house.rows(select(entitlements))} == {one for one in drawn if not drawn[one]}
    assert {row.customer_id for row in house.rows(select(suppressions))} == {one for one in drawn if drawn[one]}
