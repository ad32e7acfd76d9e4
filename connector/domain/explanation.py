"""Everything a shopper sees, and under each figure what it came from: postings, lots, rules and deliveries.

The figures are not told beside their reasons but made of them: an account's points are the sums of its movements, a
tier's metric the sum of what was counted. `Explanation.differences` says where what is shown is something else.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from connector.domain.ledger import AVAILABLE, OWED, PENDING, lot_of
from connector.domain.programme.ladder import TierBasis

ACCOUNTS = (PENDING, AVAILABLE, OWED)


@dataclass(frozen=True, slots=True)
class Delivery:
    """What the store told us, and why it did."""

    id: str
    causes: tuple[str, ...]
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One posting as far as it concerns this customer: points by account. ``order`` is the store's own number."""

    at: datetime
    source: str
    kind: str
    reason: str
    rule_version: int
    points: Mapping[str, int]
    order: int | None = None
    delivery: Delivery | None = None


@dataclass(frozen=True, slots=True)
class LotTold:
    """What a source earned by its latest state, line by line, and what has become of it."""

    points: int
    spent: int
    expired: int
    earned_at: datetime
    available_at: datetime
    expires_at: datetime | None
    rule_version: int
    detail: Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Source:
    """What points came from or went to, with everything that was posted about it."""

    name: str
    title: str
    movements: tuple[Movement, ...]
    lot: LotTold | None = None

    def total(self, account: str) -> int:
        return sum(movement.points.get(account, 0) for movement in self.movements)


@dataclass(frozen=True, slots=True)
class Counted:
    """What counts towards the tier: net value (minor units), one order, or points, on the store's day."""

    what: str
    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class TierTold:
    """The tier the shopper sees, and the walk that led to it. ``next_steps`` are sentences; ``metric`` as counted."""

    shown: str
    tier: str
    since: date | None
    falls_on: date | None
    by_hand: bool
    basis: TierBasis
    metric: int
    next_steps: tuple[str, ...]
    counted: tuple[Counted, ...]
    rule_version: int


@dataclass(frozen=True, slots=True)
class CouponTold:
    """A coupon, what gave it and what has become of it. ``live``: the shopper sees it."""

    code: str
    live: bool
    state: str
    gives: str
    campaign: str
    why: str
    rule_version: int
    granted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Withheld:
    """An offer that was not made, and the rule that stopped it."""

    campaign: str
    rule: str
    why: str
    at: datetime
    rule_version: int


@dataclass(frozen=True, slots=True)
class Explanation:
    """Of one customer of the store. ``shown`` are the balances kept for the shopper, by account."""

    customer: int
    user: int | None
    currency: str
    shown: Mapping[str, int]
    expiring: int
    expiring_at: datetime | None
    points_per_unit: int
    tier: TierTold
    sources: tuple[Source, ...]
    coupons: tuple[CouponTold, ...]
    withheld: tuple[Withheld, ...]

    @property
    def differences(self) -> dict[str, int]:
        """Where the sum of the reasons is not the figure shown, by how much. Anything here is a defect."""
        off = {
            account: self.shown.get(account, 0) - sum(source.total(account) for source in self.sources)
            for account in ACCOUNTS
        }
        off["tier"] = self.tier.metric - sum(one.amount for one in self.tier.counted)
        return {name: by for name, by in off.items() if by}

    def to_json(self) -> dict[str, Any]:
        """What the shopper sees under ``sees``, what it came from under ``because``; times in UTC."""
        return {
            "customer_id": self.user,
            "currency": self.currency,
            "sees": {
                "tier": {"name": self.tier.shown, "next_steps": list(self.tier.next_steps)},
                "points": {
                    **{account: self.shown.get(account, 0) for account in ACCOUNTS},
                    "expiring": self.expiring,
                    "expiring_at": _iso(self.expiring_at),
                },
                "coupons": [one.code for one in self.coupons if one.live],
            },
            "because": {
                "tier": _tier_json(self.tier),
                "points": [_source_json(source) for source in self.sources],
                "coupons": [_coupon_json(one) for one in self.coupons],
                "not_offered": [
                    {
                        "campaign": one.campaign,
                        "rule": one.rule,
                        "why": one.why,
                        "at": _iso(one.at),
                        "rule_version": one.rule_version,
                    }
                    for one in self.withheld
                ],
            },
            "differences": self.differences,
        }


def sources_of(
    movements: Sequence[Movement], lots: Mapping[str, LotTold], titles: Mapping[str, str]
) -> tuple[Source, ...]:
    """Return movements by what they are about, the oldest source first; an expiry belongs to the lot that expired.

    ``titles`` is what people call a source; one that has no name of its own is called by its latest posting's reason.
    """
    about: dict[str, list[Movement]] = defaultdict(list)
    for movement in movements:
        about[lot_of(movement.source)].append(movement)
    for name in lots:
        about.setdefault(name, [])
    found = [
        Source(name, titles.get(name) or (moved[-1].reason if moved else name), tuple(moved), lots.get(name))
        for name, moved in about.items()
    ]
    return tuple(sorted(found, key=_began))


def _began(source: Source) -> datetime:
    """Return when points were earned, or first moved. A source has a lot or movements, or there would be none."""
    return source.lot.earned_at if source.lot is not None else source.movements[0].at


def _tier_json(tier: TierTold) -> dict[str, Any]:
    return {
        "tier": tier.tier,
        "since": tier.since and tier.since.isoformat(),
        "falls_on": tier.falls_on and tier.falls_on.isoformat(),
        "by_hand": tier.by_hand,
        "basis": tier.basis.value,
        "metric": tier.metric,
        "rule_version": tier.rule_version,
        "counted": [{"what": one.what, "day": one.day.isoformat(), "amount": one.amount} for one in tier.counted],
    }


def _source_json(source: Source) -> dict[str, Any]:
    return {
        "source": source.name,
        "title": source.title,
        **{account: source.total(account) for account in ACCOUNTS},
        "lot": source.lot
        and {
            "points": source.lot.points,
            "spent": source.lot.spent,
            "expired": source.lot.expired,
            "earned_at": _iso(source.lot.earned_at),
            "available_at": _iso(source.lot.available_at),
            "expires_at": _iso(source.lot.expires_at),
            "rule_version": source.lot.rule_version,
            "detail": list(source.lot.detail),
        },
        "postings": [_movement_json(movement) for movement in source.movements],
    }


def _movement_json(movement: Movement) -> dict[str, Any]:
    told = movement.delivery
    return {
        "at": _iso(movement.at),
        "source": movement.source,
        "kind": movement.kind,
        "reason": movement.reason,
        "rule_version": movement.rule_version,
        **{account: movement.points.get(account, 0) for account in ACCOUNTS},
        "order": movement.order,
        "delivery": told and {"id": told.id, "causes": list(told.causes), "received_at": _iso(told.received_at)},
    }


def _coupon_json(coupon: CouponTold) -> dict[str, Any]:
    return {
        "code": coupon.code,
        "live": coupon.live,
        "state": coupon.state,
        "gives": coupon.gives,
        "campaign": coupon.campaign,
        "why": coupon.why,
        "rule_version": coupon.rule_version,
        "granted_at": _iso(coupon.granted_at),
        "expires_at": _iso(coupon.expires_at),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
