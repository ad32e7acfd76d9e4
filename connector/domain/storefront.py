"""What the store should hold about a customer: the meta that My Account and the merchant's own tools read."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Final

from connector.domain.money import format_amount

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


def customer_meta(standing: Standing, currency: str) -> dict[str, str]:
    """Return the customer meta of a standing, all values strings as WordPress keeps them."""
    return {
        "regulars_tier": standing.tier,
        "regulars_points": str(standing.points),
        "regulars_segment": standing.segment,
        "regulars_rfm": standing.rfm,
        _CLV: "" if standing.clv is None else format_amount(standing.clv, currency),
        "regulars_coupons": json.dumps(list(standing.coupon_codes)),
        _SCORED_AT: standing.scored_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


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
