from datetime import UTC, datetime

import pytest

from connector.shop.client import ShopClient
from connector.shop.errors import PayloadError
from connector.shop.store import StoreVersions, current_currency, store_time, versions
from tests.unit.shop.conftest import ScriptedStore


def test_a_store_names_its_currency(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"code": "usd"})
    assert current_currency(client) == "USD"
    assert store.asked[0].path == "/wp-json/wc/v3/data/currencies/current"


@pytest.mark.parametrize("body", [{}, [], {"code": None}, {"code": ""}])
def test_a_store_without_a_currency_is_refused(store: ScriptedStore, client: ShopClient, body: object) -> None:
    store.answers(body)
    with pytest.raises(PayloadError):
        current_currency(client)


def test_a_stores_clock_is_the_date_of_its_answer(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"code": "USD"}, Date="Sun, 22 Nov 2026 11:59:00 GMT")
    assert store_time(client) == datetime(2026, 11, 22, 11, 59, tzinfo=UTC)
    store.answers({"code": "USD"})
    assert store_time(client) is None


def test_only_three_versions_are_asked_for(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"environment": {"version": "10.9.1", "wp_version": "7.1.0", "php_version": "8.2.29"}})
    assert versions(client) == StoreVersions("10.9.1", "7.1.0", "8.2.29")
    assert store.asked[0].params["_fields"] == "environment.version,environment.wp_version,environment.php_version"


def test_versions_that_are_not_told_are_unknown(store: ScriptedStore, client: ShopClient) -> None:
    store.answers({"environment": {"version": "10.9.1"}})
    assert versions(client) == StoreVersions("10.9.1", "unknown", "unknown")
    store.answers({"environment": []})
    with pytest.raises(PayloadError):
        versions(client)
