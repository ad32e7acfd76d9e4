"""What becomes of the offers to somebody whose account the store has deleted."""

from __future__ import annotations

from sqlalchemy import select, update

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, suppressions
from connector.domain.programme import SECOND_PURCHASE
from tests.integration.jobs.campaigning import granted, night, run_campaigns, tell
from tests.integration.jobs.house import House
from tests.integration.jobs.test_campaigns import season
from tests.sample_shop import SampleShop

ANN = "ann@example.com"


def test_nobody_is_offered_anything_once_their_account_is_deleted(
    house: House, shop: SampleShop, store: Store
) -> None:
    ann = shop.register_customer(ANN)["id"]
    shop.place_order("50.00", customer_id=ann, email=ANN)
    tell(house, store, shop)
    shop.delete_customer(ann)
    tell(house, store, shop)
    run_campaigns(house, store, SECOND_PURCHASE, season(house), full_price_days=0, minimum_gap_days=0)
    night(house, store, days=1)
    assert shop.coupons() == []
    assert house.rows(select(suppressions)) == []


def test_what_was_offered_is_withdrawn_and_stays_so_when_the_order_that_used_it_is_undone(
    house: House, shop: SampleShop, store: Store
) -> None:
    run_campaigns(house, store, SECOND_PURCHASE)
    bea = shop.register_customer("bea@example.com")["id"]
    ann = shop.register_customer(ANN)["id"]
    for one in (ann, bea):
        shop.place_order("50.00", customer_id=one)
    tell(house, store, shop)
    code = next(coupon["code"] for coupon in shop.coupons() if coupon["email_restrictions"] == [ANN])
    order = shop.place_order("50.00", customer_id=ann, coupons=[code])
    tell(house, store, shop)
    assert sorted(state for _, state in granted(house)) == ["granted", "used"]
    for one in (ann, bea):
        shop.delete_customer(one)
    tell(house, store, shop)
    assert sorted(state for _, state in granted(house)) == ["used", "withdrawn"]
    shop.cancel(order["id"])
    tell(house, store, shop)
    assert [state for _, state in granted(house)] == ["withdrawn", "withdrawn"]
    assert shop.coupons() == []


def test_birthday_and_consent_go_with_the_account(house: House, shop: SampleShop, store: Store) -> None:
    ann = shop.register_customer(ANN)["id"]
    tell(house, store, shop)
    with transaction(house.engine) as connection:
        connection.execute(update(customers).values(birthday="1985-03-14", consent=True))
    shop.delete_customer(ann)
    tell(house, store, shop)
    (gone,) = house.rows(select(customers).where(customers.c.wc_id == ann))
    assert (gone.email, gone.birthday, gone.consent) == (None, None, None)
