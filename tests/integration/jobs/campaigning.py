"""What tests of campaigns do with a house: change the programme, let nights pass, and look at what was decided."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update

from connector.db.session import transaction
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, suppressions
from connector.domain.programme.offers import Campaign, Governor
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop


def run_campaigns(house: House, store: Store, *campaigns: Campaign, **governor: Any) -> None:
    """Let a store run these campaigns and no others, without a hold-out unless one is asked for."""
    house.decide(store, campaigns=campaigns, governor=Governor(**{"hold_out_percent": Decimal(0), **governor}))


def tell(house: House, store: Store, shop: SampleShop) -> None:
    """Deliver what happened since the last time, and do everything that follows."""
    house.hear(store, shop)
    house.clock.advance(seconds=1)
    house.catch_up()


def read_history(house: House, store: Store, shop: SampleShop) -> None:
    """Read what the shop has, many orders at once, instead of delivering each."""
    shop.plugin.sent.clear()
    house.backfill(store)
    house.catch_up()


def night(house: House, store: Store, *, days: int = 0) -> None:
    """Let days pass, and score the store."""
    house.clock.advance(days=days)
    house.want(store, "score")
    house.catch_up()


def granted(house: House) -> list[tuple[str, str]]:
    """The campaign and state of every entitlement, the oldest first."""
    return [(row.campaign, row.state) for row in house.rows(select(entitlements).order_by(entitlements.c.id))]


def stopped(house: House) -> list[tuple[str, str]]:
    """The campaign and rule of every suppression, the oldest first."""
    return [(row.campaign, row.rule) for row in house.rows(select(suppressions).order_by(suppressions.c.id))]


def set_about(house: House, emails: Sequence[str], **facts: Any) -> None:
    """Change what the store says about customers."""
    with transaction(house.engine) as connection:
        connection.execute(update(customers).where(customers.c.email.in_(emails)).values(**facts))
