"""A connected sample shop, and what the tests do with it again and again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from connector.db import customers, programmes, redeeming
from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import redemptions
from connector.domain.programme import Programme
from connector.domain.redemption import Refused
from tests.integration.jobs.house import House
from tests.integration.jobs.snapshot import ledger_is_sound, snapshot
from tests.integration.rewarded import available
from tests.sample_shop import SampleShop

ANN = "ann@example.com"
BEN = "ben@example.com"


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened since the last time, and do the work that follows."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.catch_up()
    ledger_is_sound(house.engine, store)


def points_of(house: House, store: Store, email: str = ANN) -> int:
    """What somebody can spend, by the ledger."""
    with transaction(house.engine) as connection:
        person = customers.find(connection, store.id, email)
        owner = None if person is None else person.merged_into_id or person.id
    return 0 if owner is None else available(house.engine, store, owner)


def tier_of(house: House, store: Store, user: int) -> str:
    """The tier of a registered customer."""
    tier: str = snapshot(house.engine, store)["standings"]["user", user]["tier"]
    return tier


def redeem(house: House, store: Store, user: dict[str, Any], points: object, key: str = "key") -> Row[Any] | Refused:
    """Redeem as the API does, with the work that follows."""
    with transaction(house.engine) as connection:
        customer = customers.find(connection, store.id, str(user["id"]))
        assert customer is not None
        made = redeeming.redeem(connection, store, customer, points, key, house.clock())
    house.want(store, "award", f"customer:{user['id']}")
    house.want(store, "write_back")
    house.catch_up()
    return made


def code_of(made: Row[Any] | Refused) -> str:
    """The code of a redemption that was made."""
    assert not isinstance(made, Refused), made
    return str(made.code)


def redemption_states(house: House, store: Store) -> list[str]:
    return [row.state for row in house.rows(select(redemptions).where(redemptions.c.store_id == store.id))]


def change_programme(
    house: House, store: Store, change: Callable[[Programme], Programme], since: datetime | None = None
) -> None:
    """Save another programme; without ``since`` it covers the past too. The work that follows is not done yet."""
    with transaction(house.engine) as connection:
        latest = programmes.latest(connection, store.id)
        programmes.save(connection, store.id, change(replace(latest)), latest.version, since, house.clock())
