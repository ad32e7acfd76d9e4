"""What a store says about itself: its currency, its clock, its versions."""

from dataclasses import dataclass
from datetime import datetime

from connector.shop.client import ShopClient
from connector.shop.errors import PayloadError


@dataclass(frozen=True, slots=True)
class StoreVersions:
    """Versions as the store reports them."""

    woocommerce: str
    wordpress: str
    php: str


def current_currency(client: ShopClient) -> str:
    """Return the store's currency code. The cheapest request that proves that the API key can read."""
    answer = client.get("data/currencies/current", {"_fields": "code"})
    code = answer.json.get("code") if isinstance(answer.json, dict) else None
    if not isinstance(code, str) or not code:
        raise PayloadError("The store does not say what its currency is.", fields=("code",))
    return code.upper()


def home_url(client: ShopClient) -> str:
    """Return the address of the site that answers, as WordPress has it. Needs a key that may manage the shop."""
    answer = client.get("system_status", {"_fields": "environment.home_url"})
    environment = answer.json.get("environment") if isinstance(answer.json, dict) else None
    home = environment.get("home_url") if isinstance(environment, dict) else None
    if not isinstance(home, str) or not home:
        raise PayloadError("The store does not say what its address is.", fields=("environment.home_url",))
    return home


def store_time(client: ShopClient) -> datetime | None:
    """Ask the store for its clock: UTC in whole seconds, None where its web server sends no Date."""
    return client.get("data/currencies/current", {"_fields": "code"}).store_time


def versions(client: ShopClient) -> StoreVersions:
    """Return the versions of WooCommerce, WordPress and PHP, for people and for bug reports.

    Only these fields are asked for: the whole report makes the store call the internet and count its tables.
    """
    names = ("version", "wp_version", "php_version")
    answer = client.get("system_status", {"_fields": ",".join(f"environment.{name}" for name in names)})
    environment = answer.json.get("environment") if isinstance(answer.json, dict) else None
    if not isinstance(environment, dict):
        raise PayloadError("The store does not report its versions.", fields=("environment",))
    return StoreVersions(*(str(environment.get(name) or "unknown") for name in names))
