"""Whose clock it is: sights of a store's resources are ordered by the store's own."""

from datetime import datetime, timedelta
from typing import Final

from connector.shop.client import ShopClient


def on_store_clock(shop: ShopClient, moment: datetime) -> datetime:
    """Return our time in the store's, by which all sights of its resources are ordered."""
    skew = shop.clock_skew or timedelta()
    return moment + skew if abs(skew) > _SECOND_HAND else moment


# The Date header has whole seconds: clocks that agree seem to differ by up to that, now more and now less.
_SECOND_HAND: Final = timedelta(seconds=2)
