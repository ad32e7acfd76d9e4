"""Fixtures for tests that let the jobs work."""

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine

from connector.db.stores import Store
from connector.db.vault import Vault
from tests.clock import Clock
from tests.integration.jobs.house import House
from tests.sample_shop import SampleShop


@pytest.fixture
def house(engine: Engine, vault: Vault, clock: Clock) -> House:
    return House(engine, vault, clock)


@pytest.fixture
def shop(clock: Clock) -> Iterator[SampleShop]:
    """An empty shop in Berlin that takes requests."""
    with SampleShop(timezone="Europe/Berlin", clock=clock, allow_basic=True) as shop:
        yield shop


@pytest.fixture
def store(house: House, shop: SampleShop) -> Store:
    """The shop, connected, with its whole (empty) history read."""
    store = house.pair(shop)
    house.history_is_read(store)
    return store
