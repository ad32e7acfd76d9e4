"""Who is entitled to a personal coupon, and why. One entitlement, one coupon, ever."""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from connector.domain.programme import SecondPurchaseCoupon

SECOND_PURCHASE: Final = "second_purchase"


class EntitlementState(StrEnum):
    """What has become of an entitlement."""

    GRANTED = "granted"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Buyer:
    """What the decision looks at: counted orders, the store's day of the first, codes used on counted orders."""

    purchases: int
    first_day: date | None
    used_codes: frozenset[str] = frozenset()


def entitled_to_second_purchase(buyer: Buyer, rule: SecondPurchaseCoupon, today: date) -> bool:
    """Say whether a customer without this entitlement gets it now: bought exactly once, and not too long ago."""
    return (
        buyer.purchases == 1
        and buyer.first_day is not None
        and buyer.first_day >= today - timedelta(days=rule.reach_days)
    )


def second_purchase_state(buyer: Buyer, code: str, expires_on: date, today: date) -> EntitlementState:
    """Return the state of an existing entitlement from the customer's latest history.

    A second purchase without the coupon ends it, as does the loss of the first; either undone, it comes back with
    the code and the expiry it had.
    """
    if code in buyer.used_codes:
        return EntitlementState.USED
    if today > expires_on:
        return EntitlementState.EXPIRED
    return EntitlementState.GRANTED if buyer.purchases == 1 else EntitlementState.WITHDRAWN
