"""RealStore: the running WordPress + WooCommerce as tests see it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from tests.real_store.api import Api
from tests.real_store.shopper import Shopper

_RUN_QUEUE = """
$left = $args['at_most'];
$done = 0;
while ( $left-- > 0 ) {
    $now = ActionScheduler_QueueRunner::instance()->run( 'Test run' );
    if ( 0 === $now ) { break; }
    $done += $now;
}
return $done;
"""

_INSTALL_PLUGIN = """
require_once ABSPATH . 'wp-admin/includes/admin.php';
require_once ABSPATH . 'wp-admin/includes/class-wp-upgrader.php';
wp_set_current_user( 1 );
$upgrader = new Plugin_Upgrader( new WP_Ajax_Upgrader_Skin() );
$done     = $upgrader->install( $args['zip'], array( 'overwrite_package' => true ) );
if ( true !== $done ) {
    $errors = is_wp_error( $done ) ? $done : $upgrader->skin->get_errors();
    throw new RuntimeException( implode( '; ', $errors->get_error_messages() ) );
}
return $upgrader->plugin_info();
"""

_ACTIVATE = """
require_once ABSPATH . 'wp-admin/includes/admin.php';
wp_set_current_user( 1 );
$done = activate_plugin( $args['plugin'] );
if ( is_wp_error( $done ) ) { throw new RuntimeException( $done->get_error_message() ); }
return is_plugin_active( $args['plugin'] );
"""


@dataclass(frozen=True)
class Versions:
    wordpress: str
    woocommerce: str
    php: str


@dataclass(frozen=True)
class Admin:
    user: str
    password: str
    email: str


@dataclass(frozen=True)
class ApiKey:
    consumer_key: str
    consumer_secret: str


class RealStore:
    """One running store, its own database and address. Made by `build.start_store`, ended by `stop()`."""

    def __init__(
        self, work: Path, url: str, token: str, storage: str, admin: Admin, key: ApiKey, stop: Callable[[], None]
    ) -> None:
        self._work = work
        self._token = token
        self._stop = stop
        self.url = url
        self.rest_url = f"{url}/wp-json/"
        self.storage = storage
        self.currency = "USD"
        self.timezone = "Europe/Berlin"
        self.admin = admin
        self.consumer_key = key.consumer_key
        self.consumer_secret = key.consumer_secret
        self.versions = Versions("", "", "")
        self.api = Api(self.rest_url, key.consumer_key, key.consumer_secret)

    def php(self, code: str, **args: Any) -> Any:
        """Run PHP with WordPress loaded (no opening tag; `return` gives the answer, `$args` the arguments).

        Runs in one web request of its own, as nobody. AssertionError with PHP's message if it throws or dies.
        """
        return self.run_script("snippet", {"code": code, "args": args})

    def run_script(self, name: str, values: dict[str, Any]) -> Any:
        """One of the scripts in `php/`, called with these values."""
        with requests.Session() as session:
            session.trust_env = False
            answer = session.post(
                f"{self.url}/__test/{name}.php",
                json=values,
                headers={"X-Test-Token": self._token},
                timeout=(3, 300),
            )
        try:
            result = answer.json()
        except ValueError:
            raise AssertionError(
                f"{name}.php answered {answer.status_code}: {answer.text[:2000]}\n{self.debug_log()[-2000:]}"
            ) from None
        if "error" in result:
            raise AssertionError(result["error"])
        return result["result"]

    def run_queue(self, at_most: int = 40) -> int:
        """Run Action Scheduler batches until nothing is due (bounded); returns how many actions ran."""
        return int(self.php(_RUN_QUEUE, at_most=at_most))

    def install_plugin(self, zip_path: Path) -> str:
        """Install a zip through WordPress' own upgrader and activate it; returns `folder/file.php`."""
        plugin = str(self.php(_INSTALL_PLUGIN, zip=str(zip_path)))
        if self.php(_ACTIVATE, plugin=plugin) is not True:
            raise AssertionError(f"{plugin} did not become active")
        return plugin

    def shopper(self, email: str, first_name: str = "Ada", last_name: str = "Byron") -> Shopper:
        """A guest with an empty cart; `.log_in(password)` makes it the registered customer."""
        return Shopper(self.url, email, first_name, last_name)

    def add_product(self, name: str, price: str) -> int:
        """A purchasable product; the price is a decimal string in the store's currency."""
        product = self.api.post("products", {"name": name, "type": "simple", "regular_price": price})
        return int(product["id"])

    def add_customer(self, email: str, password: str, first_name: str = "Ada", last_name: str = "Byron") -> int:
        customer = self.api.post(
            "customers",
            {"email": email, "password": password, "first_name": first_name, "last_name": last_name},
        )
        return int(customer["id"])

    def customer_meta(self, customer_id: int, prefix: str = "regulars_") -> dict[str, str]:
        """The customer's meta whose key starts with `prefix`, as wc/v3 gives it."""
        customer = self.api.get(f"customers/{customer_id}")
        return {entry["key"]: entry["value"] for entry in customer["meta_data"] if entry["key"].startswith(prefix)}

    def debug_log(self) -> str:
        """Everything PHP noted so far (WP_DEBUG_LOG)."""
        path = self._work / "debug.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def notices_of(self, plugin: str, namespace: str) -> list[str]:
        """What PHP and the database complained about in this plugin's files, text domain or namespace."""
        entries = re.split(r"^(?=\[\d\d-\w{3}-\d{4} )", self.debug_log(), flags=re.MULTILINE)
        return [entry.strip() for entry in entries if plugin in entry or f"{namespace}\\" in entry]

    def mails(self) -> list[dict[str, Any]]:
        """Every mail WordPress wanted to send: to, subject, message, request, at."""
        return self._notes("mails.jsonl")

    def http_requests(self) -> list[dict[str, Any]]:
        """Every request WordPress made: method, url, headers, body, and the `request` to the store behind it."""
        return self._notes("http.jsonl")

    def stop(self) -> None:
        """End the processes and remove the files. Safe to call twice."""
        self.api.close()
        self._stop()

    def _notes(self, name: str) -> list[dict[str, Any]]:
        path = self._work / name
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
