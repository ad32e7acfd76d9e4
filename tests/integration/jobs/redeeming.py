"""A store whose only customer turns points into coupons, and what becomes of both."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, select

from connector.db import customers, redeeming
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import redemptions
from connector.domain.redemption import Refused
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import ledger_is_sound
from tests.integration.rewarded import available, redeeming_by
from tests.sample_shop import SampleShop

ANN = "ann@example.com"


def redeeming_store(house: House, shop: SampleShop) -> Store:
    """A paired store where points are redeemed."""
    store = house.pair(shop)
    redeeming_by(house.engine, store, house.clock())
    return store


def rich_customer(house: House, shop: SampleShop, store: Store) -> dict[str, Any]:
    """Ann, who has 2,000 points of an order."""
    ann: dict[str, Any] = shop.register_customer(ANN)
    shop.place_order("2000.00", customer_id=ann["id"])
    tell(house, store, shop)
    return ann


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened since the last time, and do the work that follows."""
    house.hear(store, shop)
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
