"""`store`: each test of the contract is asked of the sample shop and of the real store."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest

from tests.contract.store_api import StoreApi
from tests.sample_shop import SampleShop

# The real store of the tests keeps Berlin time; a zone away from UTC tells local times from GMT.
ZONE = "Europe/Berlin"


@pytest.fixture(scope="session")
def sample_store() -> Iterator[SampleShop]:
    with SampleShop(timezone=ZONE, administrator=True) as shop:
        yield shop


@pytest.fixture(
    scope="session",
    params=[
        "sample",
        pytest.param("real", marks=[pytest.mark.real_store, pytest.mark.xdist_group("real_store")]),
    ],
)
def store(request: pytest.FixtureRequest) -> Iterator[StoreApi]:
    found = request.getfixturevalue(f"{request.param}_store")
    api = StoreApi(found.rest_url, found.consumer_key, found.consumer_secret)
    yield api
    api.close()


@pytest.fixture(scope="session")
def zone() -> ZoneInfo:
    return ZoneInfo(ZONE)
