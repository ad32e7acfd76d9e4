"""What the store should hold about a customer: the meta that My Account and the merchant's own tools read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from connector.domain.calendar import local_day
from connector.domain.money import exponent, format_amount
from connector.domain.programme.earning import Bonuses
from connector.domain.programme.ladder import TierBasis
from connector.domain.programme.points import RedeemingRules
from connector.domain.redemption import Limits
from connector.domain.tiers import Climb, Goal

_SCORED_AT: Final = "regulars_scored_at"
_CLV: Final = "regulars_clv"
# A predicted value drifts a little every night; below this it is not worth a write to every customer.
_CLV_TOLERANCE: Final = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Standing:
    """A customer's standing at one moment. Money in minor units; ``clv`` None where there is no number yet."""

    tier: str
    points: int
    segment: str
    rfm: str
    clv: int | None
    coupon_codes: Sequence[str]
    scored_at: datetime
    pending: int = 0
    expiring: Mapping[str, Any] | None = None
    redeemable: Mapping[str, Any] | None = None
    progress: Mapping[str, Any] | None = None
    invitation: Mapping[str, int] | None = None


def expiring(points: int, expires_at: datetime | None, zone: tzinfo) -> dict[str, Any] | None:
    """Return what expires next and the store's last day on which it can be used, or None where nothing does."""
    if points <= 0 or expires_at is None:
        return None
    return {"points": points, "last_day": local_day(expires_at - timedelta(microseconds=1), zone).isoformat()}


def redeemable(limits: Limits | None, rules: RedeemingRules, currency: str) -> dict[str, Any] | None:
    """Return what a form for redeeming points needs to know, or None where none can be redeemed.

    ``per_unit`` points buy one unit of ``currency``, which has ``decimals``; ``share`` of a cart may be paid so.
    """
    if limits is None:
        return None
    return {
        "from": limits.smallest,
        "to": limits.largest,
        "step": limits.step,
        "per_unit": rules.points_per_unit,
        "share": f"{rules.largest_share.normalize():f}",
        "currency": currency,
        "decimals": exponent(currency),
    }


def invitation(bonuses: Bonuses) -> dict[str, int] | None:
    """Return the points that a customer and a friend they bring are promised, or None where there are none."""
    promised = {"you": bonuses.referrer, "friend": bonuses.friend}
    return promised if any(promised.values()) else None


def still_to_do(climb: Climb, basis: TierBasis, currency: str) -> dict[str, Any]:
    """Return what is still to do for tiers, for the plugin to say in the shopper's language.

    ``reach`` and ``keep`` name tier, amount (a decimal of the currency, orders or points) and the last day (None: any
    time); either is None where there is nothing to do.
    """

    def told(goal: Goal | None) -> dict[str, Any] | None:
        if goal is None:
            return None
        amount = format_amount(goal.amount, currency) if basis is TierBasis.NET_SPEND else str(goal.amount)
        return {"tier": goal.tier, "amount": amount, "by": goal.by and goal.by.isoformat()}

    return {"basis": basis.value, "reach": told(climb.progress.reach), "keep": told(climb.progress.keep)}


def customer_meta(standing: Standing, currency: str) -> dict[str, str]:
    """Return the customer meta of a standing, all values strings as WordPress keeps them."""
    return {
        "regulars_tier": standing.tier,
        "regulars_points": str(standing.points),
        "regulars_pending": str(standing.pending),
        "regulars_expiring": _json(standing.expiring),
        "regulars_redeem": _json(standing.redeemable),
        "regulars_segment": standing.segment,
        "regulars_rfm": standing.rfm,
        _CLV: "" if standing.clv is None else format_amount(standing.clv, currency),
        "regulars_progress": _json(standing.progress),
        "regulars_invite": _json(standing.invitation),
        "regulars_coupons": json.dumps(list(standing.coupon_codes)),
        _SCORED_AT: standing.scored_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


def _json(document: Mapping[str, Any] | None) -> str:
    return "" if document is None else json.dumps(document, ensure_ascii=False)


def worth_writing(held: Mapping[str, str] | None, wanted: Mapping[str, str]) -> bool:
    """Say whether the store's meta should be replaced: something a person would notice has changed.

    The time of scoring never counts by itself, and a predicted value only from one per cent.
    """
    if held is None:
        return True
    if any(held.get(key) != value for key, value in wanted.items() if key not in (_SCORED_AT, _CLV)):
        return True
    return _value_moved(held.get(_CLV, ""), wanted[_CLV])


def _value_moved(held: str, wanted: str) -> bool:
    if not held or not wanted:
        return held != wanted
    return abs(Decimal(wanted) - Decimal(held)) > abs(Decimal(held)) * _CLV_TOLERANCE
