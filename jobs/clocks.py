"""Whose clock it is: sights of a store's resources are ordered by the store's own."""

from datetime import datetime, timedelta
from typing import Final

from connector.shop.client import ShopClient


def on_store_clock(shop: ShopClient, moment: datetime) -> datetime:
    """Return our time in the store's, by which all sights of its resources are ordered; never a later one.

    What the store tells carries its own time. A look of ours that were dated too late would hide what it tells of the
    moment after; one that is dated too early hides nothing, because what it saw is told as well.
    """
    return moment + (shop.clock_skew or timedelta()) - _UNCERTAIN


# The Date header has whole seconds, so the skew is known to a second either way.
_UNCERTAIN: Final = timedelta(seconds=2)
