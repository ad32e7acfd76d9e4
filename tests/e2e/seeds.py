"""The history a store has before it connects: customers whose scores can be worked out by hand.

Five registered customers, each better than the next in recency, frequency and monetary value alike, and for each a
guest who bought the same: ten customers in five pairs, so that the best pair scores 5-5-5 and the least 1-1-1. Ten
are also the fewest for which a customer's value is estimated.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.real_store.store import RealStore

PASSWORD = "correct-horse-battery"

_PLANT = """
foreach ( array( 'new_order', 'customer_completed_order', 'cancelled_order' ) as $mail ) {
    add_filter( "woocommerce_email_enabled_$mail", '__return_false' );
}
$product = wc_get_product( $args['product'] );
$ids     = array();
foreach ( $args['orders'] as $given ) {
    $order = wc_create_order( array( 'customer_id' => $given['customer_id'] ) );
    $order->add_product( $product, 1, array( 'total' => $given['total'], 'subtotal' => $given['total'] ) );
    $order->set_billing_email( $given['email'] );
    $order->set_payment_method( 'cod' );
    $order->calculate_totals();
    $order->set_date_created( time() - $given['days_ago'] * DAY_IN_SECONDS );
    $order->set_status( $given['status'] );
    $order->save();
    $ids[] = $order->get_id();
}
return $ids;
"""


@dataclass(frozen=True)
class Seed:
    """One customer: the totals of completed orders by days ago, and what must come back for them."""

    name: str
    orders: dict[int, str]
    points: str
    tier: str
    rfm: str
    segment: str
    refund: str | None = None
    cancelled: dict[int, str] | None = None

    @property
    def email(self) -> str:
        return f"{self.name}@store.example"

    @property
    def twin(self) -> str:
        """The guest with the same history, refund and cancellation aside."""
        return f"twin-of-{self.name}@store.example"


SEEDS = (
    Seed(
        name="anna",
        orders={2: "1500.00", 30: "1500.00", 50: "1500.00", 80: "1500.00", 110: "100.00"},
        points="6100",
        tier="gold",
        rfm="555",
        segment="champions",
    ),
    # Of 2,000 in orders 100 was refunded.
    Seed(
        name="bert",
        orders={20: "500.00", 45: "500.00", 75: "500.00", 100: "500.00"},
        points="1900",
        tier="silver",
        rfm="444",
        segment="loyal",
        refund="100.00",
    ),
    # Points are whole for each order: 3 x 199. What was cancelled counts for nothing.
    Seed(
        name="cleo",
        orders={60: "199.99", 90: "199.99", 130: "199.99"},
        points="597",
        tier="member",
        rfm="333",
        segment="needs_attention",
        cancelled={1: "3000.00"},
    ),
    Seed("dora", {120: "150.00", 150: "150.00"}, "300", "member", "222", "hibernating"),
    Seed("emil", {200: "99.50"}, "99", "member", "111", "lost"),
)


def plant(store: RealStore) -> dict[str, int]:
    """Create the customers with their orders; returns the ids of the registered ones by name."""
    product = store.add_product("Seeded", "10.00")
    ids = {seed.name: store.add_customer(seed.email, PASSWORD, seed.name.capitalize()) for seed in SEEDS}
    orders: list[dict[str, Any]] = []
    refunds: dict[int, str] = {}
    for seed in SEEDS:
        if seed.refund:
            refunds[len(orders)] = seed.refund
        for days, total in seed.orders.items():
            orders.append(_order(ids[seed.name], seed.email, days, total))
            orders.append(_order(0, seed.twin, days, total))
        for days, total in (seed.cancelled or {}).items():
            orders.append(_order(ids[seed.name], seed.email, days, total, status="cancelled"))
    placed = store.php(_PLANT, product=product, orders=orders)
    for position, amount in refunds.items():
        store.api.post(f"orders/{placed[position]}/refunds", {"amount": amount, "api_refund": False})
    return ids


def _order(customer: int, email: str, days: int, total: str, *, status: str = "completed") -> dict[str, Any]:
    return {"customer_id": customer, "email": email, "days_ago": days, "total": total, "status": status}
