"""One customer's explanation, read from ledger, lots, standings, entitlements and what was withheld."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from connector.db import accounts, entitlements, ledger, programmes, spends, standings, tier_overrides
from connector.db.stores import Store
from connector.db.tables import lots, orders, redemptions, suppressions
from connector.domain.calendar import from_epoch_day, local_day
from connector.domain.coupons import EntitlementState
from connector.domain.discounts import Terms
from connector.domain.explanation import (
    ACCOUNTS,
    Counted,
    CouponTold,
    Delivery,
    Explanation,
    LotTold,
    Movement,
    TierTold,
    Withheld,
    sources_of,
)
from connector.domain.ledger import is_earned
from connector.domain.money import format_amount
from connector.domain.programme import Programme
from connector.domain.programme.ladder import TierBasis
from connector.domain.redemption import RedemptionState
from connector.domain.tiers import TierWalk, goal_sentence, window_begins


def of(connection: Connection, store: Store, customer: Row[Any], now: datetime) -> Explanation:
    """Return what a customer (a row of the table) sees, and why. Ask from a reading view: it is of one moment."""
    account = accounts.of(connection, store.id, customer.id)
    programme = programmes.current(connection, store.id, now)
    earned = _lots(connection, store.id, customer.id)
    spent = spends.of_customers(connection, store.id, [customer.id])
    titles = {row.source: row.reason for row in [*earned, *spent]}
    movements = _movements(ledger.history(connection, store.id, customer.id))
    return Explanation(
        customer=customer.id,
        user=customer.wc_id,
        currency=store.currency,
        shown={name: 0 if account is None else int(account._mapping[name]) for name in ACCOUNTS},
        expiring=0 if account is None else account.expiring,
        expiring_at=account and account.expiring_at,
        points_per_unit=programme.redeeming.points_per_unit,
        tier=_tier(connection, store, customer.id, programme, earned, local_day(now, store.zone)),
        sources=sources_of(movements, {row.source: _lot(row) for row in earned}, titles),
        coupons=_coupons(connection, store, customer.id, now),
        withheld=_withheld(connection, store.id, customer.id),
    )


def _lots(connection: Connection, store_id: int, customer_id: int) -> Sequence[Row[Any]]:
    wanted = select(lots).where(lots.c.store_id == store_id, lots.c.customer_id == customer_id)
    return connection.execute(wanted.order_by(lots.c.earned_at, lots.c.id)).all()


def _lot(row: Row[Any]) -> LotTold:
    return LotTold(**{name: row._mapping[name] for name in LotTold.__dataclass_fields__})


def _movements(rows: Iterable[Row[Any]]) -> list[Movement]:
    """Return postings with all of the customer's entries in each, the oldest first."""
    points: dict[int, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    first: dict[int, Row[Any]] = {}
    for row in rows:
        first.setdefault(row.posting_id, row)
        points[row.posting_id][row.account] += row.points
    return [
        Movement(
            at=row.posted_at,
            source=row.source,
            kind=row.kind,
            reason=row.reason,
            rule_version=row.rule_version,
            points=dict(points[posting]),
            order=row.order_wc_id,
            delivery=None
            if row.delivery_id is None
            else Delivery(row.delivery_id, tuple(row.causes or ()), row.received_at),
        )
        for posting, row in first.items()
    ]


def _tier(
    connection: Connection,
    store: Store,
    customer_id: int,
    programme: Programme,
    earned: Iterable[Row[Any]],
    today: date,
) -> TierTold:
    """Return the walk over the ladder, made again from what counts for it."""
    ladder = programme.ladder
    given = tier_overrides.of_customers(connection, store.id, [customer_id]).get(customer_id, [])
    walk = TierWalk(ladder, store.currency, given)
    counted = _counted(connection, store, customer_id, ladder.basis, earned)
    for one in counted:
        walk.add(one.day, one.amount)
    climb = walk.climb(today)
    goals = [(climb.progress.reach, "reach"), (climb.progress.keep, "keep")]
    begins = window_begins(ladder, today)
    standing = standings.of(connection, store.id, customer_id)
    return TierTold(
        shown=climb.state.tier if standing is None else standing.tier,
        tier=climb.state.tier,
        since=climb.state.since,
        falls_on=climb.state.falls_on,
        by_hand=climb.state.by_hand,
        basis=ladder.basis,
        metric=climb.state.metric,
        next_steps=tuple(
            goal_sentence(goal, doing, ladder.basis, store.currency) for goal, doing in goals if goal is not None
        ),
        counted=tuple(one for one in counted if begins <= one.day <= today),
        rule_version=programme.version,
    )


def _counted(
    connection: Connection, store: Store, customer_id: int, basis: TierBasis, earned: Iterable[Row[Any]]
) -> list[Counted]:
    if basis is TierBasis.POINTS:
        return [
            Counted(row.reason, local_day(row.earned_at, store.zone), row.points)
            for row in earned
            if is_earned(row.source)
        ]
    rows = connection.execute(
        select(orders.c.wc_id, orders.c.local_day, orders.c.net_value)
        .where(orders.c.store_id == store.id, orders.c.customer_id == customer_id, orders.c.counts)
        .order_by(orders.c.local_day, orders.c.id)
    )
    return [
        Counted(
            f"order {row.wc_id}", from_epoch_day(row.local_day), row.net_value if basis is TierBasis.NET_SPEND else 1
        )
        for row in rows
    ]


def _coupons(connection: Connection, store: Store, customer_id: int, now: datetime) -> tuple[CouponTold, ...]:
    redeemed = select(redemptions).where(redemptions.c.store_id == store.id, redemptions.c.customer_id == customer_id)
    return (
        *(_given(row, store, now) for row in entitlements.of_customers(connection, store.id, [customer_id])),
        *(_redeemed(row, now) for row in connection.execute(redeemed.order_by(redemptions.c.id))),
    )


def _given(row: Row[Any], store: Store, now: datetime) -> CouponTold:
    return CouponTold(
        code=row.code,
        live=row.state == EntitlementState.GRANTED and now <= row.expires_at,
        state=row.state,
        gives=Terms.from_json(row.terms).in_words(store.currency),
        campaign=row.campaign,
        why=row.why,
        rule_version=row.rule_version,
        granted_at=row.granted_at,
        expires_at=row.expires_at,
    )


def _redeemed(row: Row[Any], now: datetime) -> CouponTold:
    return CouponTold(
        code=row.code,
        live=row.state == RedemptionState.RESERVED and now <= row.expires_at,
        state=row.state,
        gives=f"{format_amount(row.amount, row.currency)} {row.currency}",
        campaign="",
        why=f"{row.points:,} points turned into it",
        rule_version=row.rule_version,
        granted_at=row.reserved_at,
        expires_at=row.expires_at,
    )


def _withheld(connection: Connection, store_id: int, customer_id: int) -> tuple[Withheld, ...]:
    rows = connection.execute(
        select(suppressions)
        .where(suppressions.c.store_id == store_id, suppressions.c.customer_id == customer_id)
        .order_by(suppressions.c.id)
    )
    return tuple(Withheld(row.campaign, row.rule, row.why, row.suppressed_at, row.rule_version) for row in rows)
