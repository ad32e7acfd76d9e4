"""Shop histories that hypothesis makes up: what people do in a shop, as deliveries of its plugin."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from hypothesis import strategies as st

from tests.clock import Clock
from tests.integration.jobs.house import record_deliveries
from tests.sample_shop import SampleShop
from tests.sample_shop.plugin import Delivery

PEOPLE = ("ann@example.com", "ben@example.com", "cyd@example.com")
_DEEDS = {
    "order as a guest": 4,
    "order as a customer": 3,
    "register": 3,
    "change address": 2,
    "refund": 2,
    "delete a refund": 1,
    "cancel": 1,
    "complete": 2,
    "trash": 1,
    "restore": 1,
    "edit items": 1,
}
Deed = tuple[str, int, int]


def deeds(max_size: int = 10) -> st.SearchStrategy[list[Deed]]:
    """What happens, in order: the deed, to whom or which order, and a number (an amount in cents, or a pause)."""
    kinds = st.sampled_from([kind for kind, weight in _DEEDS.items() for _ in range(weight)])
    return st.lists(st.tuples(kinds, st.integers(0, 5), st.integers(0, 30_000)), min_size=2, max_size=max_size)


class Happened:
    """A shop in which it happened. ``told``: the deliveries, oldest first, each change its own."""

    def __init__(self, done: Sequence[Deed], start: datetime) -> None:
        self.clock = Clock(start)
        self.shop = SampleShop(timezone="Europe/Berlin", clock=self.clock)
        record_deliveries(self.shop, "st_shop", f"whsec_{1:0>32}")
        for kind, which, number in done:
            # Often within the second to which WooCommerce dates a change.
            self.clock.advance(milliseconds=1 + number % 700)
            self._do(kind, which, number)

    @property
    def told(self) -> list[Delivery]:
        return self.shop.plugin.sent

    def _do(self, kind: str, which: int, number: int) -> None:
        email = PEOPLE[which % len(PEOPLE)]
        if kind == "order as a guest":
            users = self.shop.customers()
            referrer = users[number % len(users)]["id"] if users and number % 2 else 0
            self.shop.place_order(f"{number / 100:.2f}", email=email, referrer=referrer)
        elif kind == "register":
            if self.shop.customer_by_email(email) is None:
                self.shop.register_customer(email)
        elif kind in ("order as a customer", "change address"):
            users = self.shop.customers()
            if users:
                self._as(users[which % len(users)], kind, number)
        elif self.shop.orders():
            orders = self.shop.orders()
            self._to(orders[which % len(orders)], kind, number)

    def _as(self, user: dict[str, Any], kind: str, number: int) -> None:
        if kind == "order as a customer":
            self.shop.place_order(f"{number / 100:.2f}", customer_id=user["id"])
        else:
            wanted = PEOPLE[number % len(PEOPLE)]
            if self.shop.customer_by_email(wanted) is None:
                self.shop.update_customer(user["id"], email=wanted)

    def _to(self, order: dict[str, Any], kind: str, number: int) -> None:
        wc_id, trashed = order["id"], order["status"] == "trash"
        if kind == "restore" and trashed:
            self.shop.restore(wc_id)
        if trashed or kind == "restore":
            return
        if kind == "trash":
            self.shop.trash(wc_id)
        elif kind in ("cancel", "complete"):
            self.shop.set_status(wc_id, "cancelled" if kind == "cancel" else "completed")
        elif kind == "edit items":
            # WooCommerce leaves the date of the last change as it is (woocommerce#34798).
            self.shop._state.orders[wc_id]["line_items"][0]["quantity"] = 1 + number % 9
            self.shop.plugin.deliver_order(wc_id)
        elif kind == "delete a refund" and order["refunds"]:
            self.shop.delete_refund(wc_id, order["refunds"][0]["id"])
        elif kind == "refund":
            left = float(order["total"]) + sum(float(refund["total"]) for refund in order["refunds"])
            amount = min(left, number / 100)
            if amount > 0:
                self.shop.refund(wc_id, f"{amount:.2f}")

    def owners_of_addresses(self) -> dict[str, int]:
        """The user last seen with each address."""
        bodies = [json.loads(delivery.body) for delivery in self.told]
        return {body["data"]["email"]: body["data"]["id"] for body in bodies if body["type"] == "customer.updated"}
