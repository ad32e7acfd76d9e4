"""An order as a store sends it."""

from __future__ import annotations

from typing import Any

# As WooCommerce 10.9 writes it, shortened to what matters and what might confuse.
ORDER: dict[str, Any] = {
    "id": 727,
    "parent_id": 0,
    "status": "completed",
    "currency": "USD",
    "version": "10.9.1",
    "prices_include_tax": False,
    "date_created": "2026-03-22T16:28:02",
    "date_created_gmt": "2026-03-22T19:28:02",
    "date_modified": "2026-03-22T16:28:08",
    "date_modified_gmt": "2026-03-22T19:28:08",
    "discount_total": "0.00",
    "shipping_total": "10.00",
    "total": "29.35",
    "total_tax": "1.35",
    "customer_id": 25,
    "billing": {"first_name": "Ana", "email": " Ana@Shop.Example "},
    "meta_data": [{"id": 13106, "key": "_download_permissions_granted", "value": "yes"}],
    "line_items": [
        {
            "id": 315,
            "name": "Woo Single #1",
            "product_id": 93,
            "variation_id": 0,
            "quantity": 2,
            "subtotal": "6.00",
            "total": "6.00",
            "total_tax": "0.45",
            "price": 3,
        }
    ],
    "coupon_lines": [{"id": 9, "code": "RG-Again", "discount": "1.00"}],
    "refunds": [
        {"id": 726, "reason": "", "total": "-10.00"},
        {"id": 724, "reason": "broken", "total": "-9.00", "total_tax": "0.00"},
    ],
    "_links": {"self": [{"href": "https://shop.example/wp-json/wc/v3/orders/727"}]},
}


def order(**changes: object) -> dict[str, Any]:
    return ORDER | changes
