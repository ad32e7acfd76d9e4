"""The history a store has before it connects: five registered customers whose scores can be worked out by hand.

Each is one rank better than the next in recency, frequency and monetary value alike, so that among five customers the
best scores 5-5-5 and the least 1-1-1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.real_store.store import RealStore

PASSWORD = "correct-horse-battery"

_ORDER = """
$order = wc_create_order( array( 'customer_id' => $args['customer_id'] ) );
$price = array( 'total' => $args['total'], 'subtotal' => $args['total'] );
$order->add_product( wc_get_product( $args['product_id'] ), 1, $price );
$order->set_billing_email( $args['email'] );
$order->set_payment_method( 'cod' );
$order->calculate_totals();
$order->set_date_created( time() - $args['days_ago'] * DAY_IN_SECONDS );
$order->set_status( $args['status'] );
$order->save();
return $order->get_id();
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
    """Create the five customers with their orders; returns customer ids by name."""
    product = store.add_product("Seeded", "10.00")
    ids: dict[str, int] = {}
    for seed in SEEDS:
        ids[seed.name] = store.add_customer(seed.email, PASSWORD, seed.name.capitalize())
        placed = [_order(store, seed, ids[seed.name], product, days, total) for days, total in seed.orders.items()]
        if seed.refund:
            store.api.post(f"orders/{placed[0]}/refunds", {"amount": seed.refund, "api_refund": False})
        for days, total in (seed.cancelled or {}).items():
            _order(store, seed, ids[seed.name], product, days, total, status="cancelled")
    return ids


def _order(
    store: RealStore, seed: Seed, customer: int, product: int, days: int, total: str, *, status: str = "completed"
) -> Any:
    return store.php(
        _ORDER, customer_id=customer, product_id=product, email=seed.email, days_ago=days, total=total, status=status
    )
