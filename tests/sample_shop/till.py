"""What a shop owner and a shopper do in WooCommerce; after each the plugin notices what changed."""

import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from tests.sample_shop import catalogue, customers, order_status, orders, refunds, snapshot
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

    def add_category(self, name: str, parent: int = 0) -> Json:
        """Make a category of products."""
        with self._lock:
            return copied(catalogue.add_category(self._state, name, parent))

    def add_product(self, name: str, price: str, categories: Sequence[int] = (), sale_price: str = "") -> Json:
        """Offer a product."""
        with self._lock:
            product = catalogue.add_product(self._state, name, price, categories)
            catalogue.put_on_sale(self._state, product, sale_price)
            return copied(product)

    def move_product(self, product_id: int, categories: Sequence[int]) -> None:
        """Put a product into other categories. No order changes by it, so nothing is delivered."""
        with self._lock:
            catalogue.move(self._state, self._state.products[product_id], categories)

    def delete_product(self, product_id: int) -> None:
        """Delete a product for good; orders keep their lines."""
        with self._lock:
            del self._state.products[product_id]

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

    def write_review(self, customer_id: int, product_id: int) -> int:
        """Let a customer's review of a product be shown; answers its id."""
        with self._lock:
            review: Json = {"id": self._state.new_id("comment"), "product_id": product_id, "customer_id": customer_id}
            review["date_created_gmt"] = self._state.now().strftime("%Y-%m-%dT%H:%M:%S")
            self._state.reviews[review["id"]] = review
        self.last_delivery = self.plugin.notice("review", review["id"], "approved")
        return int(review["id"])

    def withdraw_review(self, review_id: int) -> None:
        """Show a review no more."""
        with self._lock:
            del self._state.reviews[review_id]
        self.last_delivery = self.plugin.notice("review", review_id, "withdrawn")

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
        products: Mapping[int, str] | None = None,
        referrer: int = 0,
    ) -> Json:
        """Check out: one line of ``quantity`` pieces for ``total`` before coupons, a guest's without ``customer_id``.

        ``products`` gives more lines, by product and their totals; ``total`` may be empty then. ``referrer`` is the
        user whose link was followed. Raises ValueError for an unknown customer or a coupon that may not be used.
        """
        with self._lock:
            bought = self._bought(total, quantity, products or {})
            customer = self._state.customers.get(customer_id)
            billing = dict(customer["billing"]) if customer else {}
            billing["email"] = email or (customer["email"] if customer else "")
            fields = {
                "customer_id": customer_id,
                "billing": billing,
                "payment_method": "cod",
                "payment_method_title": "Cash on delivery",
                "line_items": bought,
                "coupon_lines": [{"code": code} for code in coupons],
                "status": status,
                "meta_data": [{"key": snapshot.REFERRER, "value": str(referrer)}] if referrer else [],
            }
            order = _or_value_error(lambda: orders.create(self._state, fields))
            order["created_via"] = "checkout"
            if created_at is not None:
                stamp(order, "date_created", created_at, self._state.zone)
        return self._noticed("order", order["id"], "created")

    def _bought(self, total: str, quantity: int, products: Mapping[int, str]) -> list[Json]:
        """The lines of a checkout, each with what the plugin writes down of its product then."""
        known = self._state.products
        lines = [(known[product_id], 1, amount) for product_id, amount in products.items()]
        if total:
            disc = next(iter(known.values()), None) or catalogue.add_product(self._state, "Compact disc", "14.95")
            lines.insert(0, (disc, quantity, total))
        return [
            {
                "product_id": product["id"],
                "quantity": pieces,
                "subtotal": amount,
                "total": amount,
                "meta_data": snapshot.sale_meta(self._state, product) if self._state.has_plugin else [],
            }
            for product, pieces, amount in lines
        ]

    def refund(
        self, order_id: int, amount: str | None = None, reason: str = "", lines: Mapping[int, str] | None = None
    ) -> Json:
        """Refund an amount, or what ``lines`` give back (by id), or all that remains.

        Raises ValueError if more is asked for than remains.
        """
        items = [{"id": line_id, "quantity": 1, "refund_total": total} for line_id, total in (lines or {}).items()]
        with self._lock:
            order = self._state.orders[order_id]
            if amount is not None:
                sum_back = Decimal(amount)
            elif items:
                sum_back = sum((Decimal(item["refund_total"]) for item in items), Decimal(0))
            else:
                sum_back = order_status.remaining(order)
            _or_value_error(lambda: order_status.create_refund(self._state, order, sum_back, reason, items))
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
