"""What a shop owner and a shopper do in WooCommerce; after each the plugin notices what changed."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.sample_shop import about, customers, order_status, orders, refunds
from tests.sample_shop.dates import stamp
from tests.sample_shop.plugin import Delivery, Plugin
from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, RestError, copied


class Till:
    """Every act changes the records, then lets the plugin deliver; answers are copies of wc/v3 objects."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._lock = threading.RLock()
        self.plugin = Plugin(state, self._lock)
        self.last_delivery: Delivery | None = None

    def register_customer(self, email: str, first_name: str = "", last_name: str = "", username: str = "") -> Json:
        """Open an account. Raises ValueError for an address that is none or is taken."""
        fields = {"email": email, "first_name": first_name, "last_name": last_name, "username": username}
        with self._lock:
            customer = _or_value_error(lambda: customers.create(self._state, fields))
        return self._noticed("customer", customer["id"], "created")

    def update_customer(self, customer_id: int, **fields: Any) -> Json:
        """Change an account by wc/v3 fields."""
        with self._lock:
            _or_value_error(lambda: customers.update(self._state, customer_id, fields))
        return self._noticed("customer", customer_id, "updated")

    def delete_customer(self, customer_id: int) -> None:
        """Delete an account; its orders stay, as a guest's."""
        with self._lock:
            customers.remove(self._state, customer_id)
        self._noticed("customer", customer_id, "deleted")

    def place_order(
        self,
        total: str,
        *,
        customer_id: int = 0,
        email: str = "",
        status: str = "processing",
        quantity: int = 1,
        coupons: Sequence[str] = (),
        created_at: datetime | None = None,
    ) -> Json:
        """Check out: one line of ``quantity`` pieces for ``total`` before coupons, a guest's without ``customer_id``.

        Raises ValueError for an unknown customer or a coupon that may not be used.
        """
        with self._lock:
            product = next(iter(self._state.products.values()), None) or about.add_product(
                self._state, "Compact disc", "14.95"
            )
            customer = self._state.customers.get(customer_id)
            billing = dict(customer["billing"]) if customer else {}
            billing["email"] = email or (customer["email"] if customer else "")
            line = {"product_id": product["id"], "quantity": quantity, "subtotal": total, "total": total}
            fields = {
                "customer_id": customer_id,
                "billing": billing,
                "payment_method": "cod",
                "payment_method_title": "Cash on delivery",
                "line_items": [line],
                "coupon_lines": [{"code": code} for code in coupons],
                "status": status,
            }
            order = _or_value_error(lambda: orders.create(self._state, fields))
            order["created_via"] = "checkout"
            if created_at is not None:
                stamp(order, "date_created", created_at, self._state.zone)
        return self._noticed("order", order["id"], "created")

    def refund(self, order_id: int, amount: str | None = None, reason: str = "") -> Json:
        """Refund an amount, or all that remains. Raises ValueError if more is asked for than remains."""
        with self._lock:
            order = self._state.orders[order_id]
            sum_back = order_status.remaining(order) if amount is None else Decimal(amount)
            _or_value_error(lambda: order_status.create_refund(self._state, order, sum_back, reason))
        return self._noticed("order", order_id, "refunded")

    def delete_refund(self, order_id: int, refund_id: int) -> Json:
        """Take a refund back; the order keeps its status."""
        with self._lock:
            refunds.remove(self._state, order_id, refund_id)
        return self._noticed("order", order_id, "refund_deleted")

    def set_status(self, order_id: int, status: str) -> Json:
        """Give an order a status."""
        with self._lock:
            order_status.set_status(self._state, self._state.orders[order_id], status)
        return self._noticed("order", order_id, "status")

    def cancel(self, order_id: int) -> Json:
        """Cancel an order."""
        return self.set_status(order_id, "cancelled")

    def trash(self, order_id: int) -> Json:
        """Put an order into the trash."""
        with self._lock:
            _or_value_error(lambda: orders.trash(self._state, order_id))
        return self._noticed("order", order_id, "trashed")

    def restore(self, order_id: int) -> Json:
        """Take an order out of the trash, with the status it had."""
        with self._lock:
            orders.restore(self._state, order_id)
        return self._noticed("order", order_id, "restored")

    def delete(self, order_id: int) -> None:
        """Delete an order for ever."""
        with self._lock:
            orders.remove(self._state, order_id)
        self._noticed("order", order_id, "deleted")

    def _noticed(self, kind: str, record_id: int, cause: str) -> Json:
        self.last_delivery = self.plugin.notice(kind, record_id, cause)
        with self._lock:
            records = self._state.orders if kind == "order" else self._state.customers
            return copied(records.get(record_id) or {})


def _or_value_error(act: Callable[[], Any]) -> Any:
    try:
        return act()
    except RestError as error:
        raise ValueError(error.message) from error
