"""One connected store with everything around it, and the few things tests do with it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Any, TypeVar

from tests.e2e.connector import RunningConnector
from tests.e2e.pages import Browsing
from tests.real_store.api import Api
from tests.real_store.store import RealStore

T = TypeVar("T")

# Looking is cheap, running the store's queue is not, and mostly the answer is on its way already.
_LOOKS_PER_RUN = 4


_WAITING = """
global $wpdb;
return (int) $wpdb->get_var( "SELECT COUNT(*) FROM {$wpdb->prefix}regulars_outbox WHERE status = 'waiting'" );
"""
# What waits to be sent, and why; for people who read a failure.
_OUTBOX = """
global $wpdb;
return array(
    'record'  => get_option( 'regulars_deliveries' ),
    'outbox'  => $wpdb->get_results( "SELECT * FROM {$wpdb->prefix}regulars_outbox" ),
    'actions' => as_get_scheduled_actions( array( 'group' => 'regulars', 'status' => 'pending' ), ARRAY_A ),
);
"""


@dataclass(frozen=True)
class Delivery:
    """What the plugin sent to the connector, as WordPress' HTTP layer saw it."""

    type: str
    resource_id: int
    message_id: str
    request: str


@dataclass(frozen=True)
class Shown:
    """The settings page after the first sync: the progress in words, how bad the last error is, and all its text."""

    sync: str
    error: str | None
    text: str


@dataclass
class World:
    """A store whose owner has pressed Connect. `seeds` are customer ids by name, `first_sync` their meta after it."""

    store: RealStore
    connector: RunningConnector
    browsing: Browsing
    seeds: dict[str, int]
    first_sync: dict[str, dict[str, str]]
    shown: Shown

    @property
    def api(self) -> Api:
        return self.store.api

    def eventually(self, check: Callable[[], T], within: float = 100.0) -> T:
        """Let the queue run until `check` raises no AssertionError; its last one is raised at the deadline."""
        try:
            return eventually(self.store, check, within)
        except AssertionError as error:
            error.add_note(f"The store's side: {self.store.php(_OUTBOX)}")
            error.add_note(f"The connector's log:\n{self.connector.log()[-4000:]}")
            raise

    def mark(self) -> int:
        """A place in the list of deliveries, for `deliveries(since=...)`."""
        return len(self.deliveries())

    def deliveries(self, since: int = 0) -> list[Delivery]:
        """Everything sent to the connector's hooks so far, in order."""
        sent = [note for note in self.store.http_requests() if "/v1/hooks/" in note["url"]]
        return [_delivery(note) for note in sent[since:]]

    def settled(self, customer_id: int, **expected: str) -> None:
        """Wait until the customer's regulars_* meta holds these values (`points="120"`).

        WooCommerce stores one entry after the other: what is not waited for may still be the old, or missing.
        """

        def check() -> None:
            meta = self.store.customer_meta(customer_id)
            found = {name: meta.get(f"regulars_{name}") for name in expected}
            assert found == expected

        self.eventually(check)

    def at_rest(self) -> None:
        """Wait until the store has told everything and the connector has done all that followed."""

        def check() -> None:
            # In this order: what the connector writes may leave something to tell.
            assert self.connector.owed() == []
            assert self.store.php(_WAITING) == 0

        self.eventually(check)

    def code_of(self, customer_id: int) -> str:
        """Wait until the customer has exactly one coupon, and return its code."""

        def check() -> str:
            codes = json.loads(self.store.customer_meta(customer_id).get("regulars_coupons", "[]"))
            assert len(codes) == 1
            return str(codes[0])

        return self.eventually(check)

    def coupon_code_for(self, email: str) -> str:
        """Wait until there is exactly one coupon for this address, and return its code."""

        def check() -> str:
            coupons = self.coupons_of(email)
            assert len(coupons) == 1
            return str(coupons[0]["code"])

        return self.eventually(check)

    def no_coupon_left(self, email: str) -> None:
        """Wait until WooCommerce has no coupon for this address any more."""

        def check() -> None:
            assert self.coupons_of(email) == []

        self.eventually(check)

    def coupons_of(self, email: str) -> list[dict[str, Any]]:
        """The coupons in WooCommerce that only this e-mail address may use."""
        coupons: list[dict[str, Any]] = self.api.get("coupons", per_page=100)
        return [coupon for coupon in coupons if coupon["email_restrictions"] == [email]]


def eventually(store: RealStore, check: Callable[[], T], within: float = 100.0) -> T:
    deadline = time.monotonic() + within
    for turn in count():
        if turn % _LOOKS_PER_RUN == 0:
            store.run_queue()
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(0.1)
    raise AssertionError("count() never ends")


def _delivery(note: dict[str, Any]) -> Delivery:
    body = json.loads(note["body"])
    return Delivery(body["type"], int(body["data"]["id"]), str(note["headers"]["webhook-id"]), note["request"])
