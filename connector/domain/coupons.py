"""What becomes of coupons that were granted. One entitlement, one coupon, ever; its state follows the history."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum


class EntitlementState(StrEnum):
    """What has become of an entitlement."""

    GRANTED = "granted"
    USED = "used"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Coupon:
    """An entitlement as it is held. Days are the store's own; ``cost`` in minor units, see `discounts.promise`.

    ``single_use``: it ends with the order it is used on. ``holds``: the reason it was given for is still there.
    """

    id: int
    campaign: str
    occasion: str
    code: str
    state: EntitlementState
    expires_on: date
    cost: int = 0
    is_benefit: bool = False
    single_use: bool = True
    holds: bool = True


@dataclass(frozen=True, slots=True)
class Review:
    """What is to become of a customer's coupons.

    ``states`` by entitlement, only where the history alone decides. ``returning`` could be used again, which the
    governor has to allow, and is withdrawn until then. ``live`` are the personal coupons that can be used now.
    """

    states: dict[int, EntitlementState] = field(default_factory=dict)
    returning: tuple[Coupon, ...] = ()
    live: tuple[Coupon, ...] = ()


def state_by_history(coupon: Coupon, used_codes: Container[str], today: date) -> EntitlementState:
    """Return the state of an entitlement from the customer's latest history.

    Used on a counted order, it is used. Past its last day it is expired. Where the reason it was given for is gone it
    is withdrawn, and comes back with the code and the expiry it had once the reason does.
    """
    if coupon.single_use and coupon.code in used_codes:
        return EntitlementState.USED
    if today > coupon.expires_on:
        return EntitlementState.EXPIRED
    return EntitlementState.GRANTED if coupon.holds else EntitlementState.WITHDRAWN


def review(coupons: Iterable[Coupon], used_codes: Container[str], today: date, *, one_live: bool) -> Review:
    """Return what the latest history makes of all coupons of a customer, in the order in which they were granted.

    Of several that could be used (two people turned out to be one), the one granted first stays where ``one_live``;
    benefits of a tier stand beside it.
    """
    states: dict[int, EntitlementState] = {}
    returning: list[Coupon] = []
    live: list[Coupon] = []
    for coupon in sorted(coupons, key=lambda one: one.id):
        state = state_by_history(coupon, used_codes, today)
        if state is not EntitlementState.GRANTED or coupon.is_benefit:
            states[coupon.id] = state
        elif coupon.state is EntitlementState.GRANTED and not (one_live and live):
            states[coupon.id] = state
            live.append(coupon)
        else:
            returning.append(coupon)
    return Review(states, tuple(returning), tuple(live))
