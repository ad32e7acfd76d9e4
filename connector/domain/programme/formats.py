"""Formats of documents, and how one of an older format becomes one of the next."""

from collections.abc import Callable, Mapping
from typing import Any, Final

FORMAT: Final = 2
"""The format in which documents are written now."""


def _nested_parts(document: Mapping[str, Any]) -> dict[str, Any]:
    """Tiers and their window are the ladder's now, and the second-purchase coupon is one campaign of several."""
    moved = {"tiers", "tier_window_months", "second_purchase"}
    coupon = document["second_purchase"]
    campaign = {
        "name": "second_purchase",
        "trigger": "second_purchase",
        "discount": {"amount": coupon["percent"], "valid_days": coupon["valid_days"]},
        "timing": {"reach_days": coupon["reach_days"]},
    }
    return {
        **{name: value for name, value in document.items() if name not in moved},
        "ladder": {"tiers": document["tiers"], "months": document["tier_window_months"]},
        "campaigns": [campaign],
    }


MIGRATIONS: Final[Mapping[int, Callable[[Mapping[str, Any]], dict[str, Any]]]] = {1: _nested_parts}
"""From each older format to the next one."""


def in_latest_format(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return a stored document of any format we have ever written in the latest one. The first named no format.

    Raises ValueError for a format of a later release.
    """
    found = document.get("format", 1)
    if found not in range(1, FORMAT + 1):
        raise ValueError(f"this release reads programmes of format 1 to {FORMAT}, not {found}")
    current = dict(document)
    for older in range(found, FORMAT):
        current = MIGRATIONS[older](current) | {"format": older + 1}
    return current
