"""A sample shop: speaks the part of WooCommerce's wc/v3 that the connector uses, on a real socket.

It also plays the plugin's side (pairing, signed deliveries) and can fail in the ways stores fail.
What it claims about WooCommerce is held to the real one by ``tests/contract``.
"""

from tests.sample_shop.plugin import Delivery, PairingRefused
from tests.sample_shop.shop import SampleShop

__all__ = ["Delivery", "PairingRefused", "SampleShop"]
