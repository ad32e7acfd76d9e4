"""What a store says about itself."""

from tests.contract.store_api import StoreApi


def test_the_currency_is_told(store: StoreApi) -> None:
    currency = store.get("data/currencies/current").body

    assert currency["code"] == "USD"
    assert set(currency) == {"code", "name", "symbol", "_links"}


def test_the_versions_are_told(store: StoreApi) -> None:
    status = store.get("system_status", _fields="environment.version,environment.wp_version,settings.currency").body

    assert status["environment"]["version"]
    assert status["environment"]["wp_version"]
    assert status["settings"] == {"currency": "USD"}


def test_the_decimals_are_told(store: StoreApi) -> None:
    setting = store.get("settings/general/woocommerce_price_num_decimals").body

    assert str(setting["value"]) == "2"


def test_the_root_of_the_api_is_open_and_tells_the_time_zone(store: StoreApi) -> None:
    root = store.send("GET", store.rest_url).body

    assert "wc/v3" in root["namespaces"]
    assert root["timezone_string"] == "Europe/Berlin"


def test_answers_are_json_in_utf_8(store: StoreApi) -> None:
    assert store.get("orders", per_page=1).headers["Content-Type"] == "application/json; charset=UTF-8"
