"""Who was drawn into which arm and what they bought, read as columns for `domain.experiment`."""

from collections.abc import Iterable
from datetime import datetime
from itertools import chain
from typing import Any, Final

import numpy as np
from sqlalchemy import Connection, Select, Text, and_, cast, func, or_, select, union_all

from connector.db import programmes, reports
from connector.db.bulk import numbers
from connector.db.stores import Store
from connector.db.tables import customers, entitlements, hold_outs, lots, orders, redemptions, suppressions
from connector.domain.breakage import expected_breakage
from connector.domain.calendar import local_day
from connector.domain.experiment import Bought, Drawn, Finding, Terms, findings
from connector.domain.governor import Rule
from connector.domain.history import Orders, epoch_day
from connector.domain.money import exponent

OFFERS: Final = "customers with offers"
HELD_OUT: Final = "the hold-out"
_BLOCK: Final = 50_000
# Only who is given coupons is ever stopped by these. Left out, they would be missing from the treated, but not from
# the hold-out, in whom nothing stands in the way.
_OF_TREATMENT: Final = (Rule.LIVE_COUPON, Rule.MINIMUM_GAP)


def campaigns_of(connection: Connection, store_id: int) -> list[str]:
    """Return the campaigns that anybody was ever given or kept from, by name."""
    granted = select(entitlements.c.campaign).where(entitlements.c.store_id == store_id, ~entitlements.c.is_benefit)
    kept = select(suppressions.c.campaign).where(suppressions.c.store_id == store_id)
    return sorted(set(connection.execute(granted.union(kept)).scalars()))


def measure(
    connection: Connection, store: Store, campaign: str | None, horizon_days: int, now: datetime
) -> list[Finding]:
    """Return what a campaign, or the programme as a whole (None), changed: against the hold-out, then its variants.

    Of a campaign's customers the first time counts at which they were eligible.
    """
    programme = programmes.current(connection, store.id, now)
    breakage = expected_breakage(reports.cohorts(connection, store, now))
    unit = 10 ** exponent(store.currency) / programme.redeeming.points_per_unit
    terms = Terms(horizon_days, programme.margin, unit * (1 - breakage.of(0)))
    today = epoch_day(local_day(now, store.zone))
    everybody = _everybody(store.id) if campaign is None else _eligible(store.id, campaign)
    drawn = _drawn(connection, store, everybody, (OFFERS, HELD_OUT))
    bought = _bought(connection, store, everybody)
    found = findings(drawn, bought, terms, today, store.currency)
    if campaign is not None:
        found += _between_variants(connection, store, campaign, bought, terms, today)
    return found


def _between_variants(
    connection: Connection, store: Store, campaign: str, bought: Bought, terms: Terms, today: int
) -> list[Finding]:
    of_campaign = and_(entitlements.c.store_id == store.id, entitlements.c.campaign == campaign)
    variants = connection.execute(select(entitlements.c.variant).where(of_campaign).distinct()).scalars()
    names = tuple(sorted(name for name in variants if name))
    if len(names) < 2:
        return []
    number = {name: place for place, name in enumerate(names)}
    rows = connection.execute(
        select(entitlements.c.customer_id, entitlements.c.granted_at, entitlements.c.variant)
        .where(of_campaign, entitlements.c.variant != "")
        .order_by(entitlements.c.customer_id, entitlements.c.granted_at)
    )
    first: dict[int, tuple[int, datetime, int]] = {}
    for row in rows:
        first.setdefault(row.customer_id, (row.customer_id, row.granted_at, number[row.variant]))
    return findings(_columns(store, names, list(first.values())), bought, terms, today, store.currency, variants=True)


def _everybody(store_id: int) -> Select[Any]:
    return (
        select(hold_outs.c.customer_id, hold_outs.c.drawn_at.label("at"), hold_outs.c.held_out.label("held_out"))
        .join(customers, customers.c.id == hold_outs.c.customer_id)
        # Guests who registered are with their user, and so is what they drew.
        .where(hold_outs.c.store_id == store_id, customers.c.merged_into_id.is_(None))
    )


def _eligible(store_id: int, campaign: str) -> Select[Any]:
    """Who was given the campaign's coupon, or would have been but for the hold-out or an earlier coupon, and when."""
    granted = select(entitlements.c.customer_id, entitlements.c.granted_at.label("at"), hold_outs.c.held_out).where(
        entitlements.c.store_id == store_id, entitlements.c.campaign == campaign, ~entitlements.c.is_benefit
    )
    kept = select(suppressions.c.customer_id, suppressions.c.suppressed_at.label("at"), hold_outs.c.held_out).where(
        suppressions.c.store_id == store_id,
        suppressions.c.campaign == campaign,
        or_(
            and_(suppressions.c.rule == Rule.HOLD_OUT, hold_outs.c.held_out),
            and_(suppressions.c.rule.in_(_OF_TREATMENT), ~hold_outs.c.held_out),
        ),
    )
    events = union_all(
        granted.join(hold_outs, hold_outs.c.customer_id == entitlements.c.customer_id),
        kept.join(hold_outs, hold_outs.c.customer_id == suppressions.c.customer_id),
    ).subquery()
    return (
        select(events.c.customer_id, func.min(events.c.at).label("at"), events.c.held_out.label("held_out"))
        .join(customers, customers.c.id == events.c.customer_id)
        .where(customers.c.merged_into_id.is_(None))
        .group_by(events.c.customer_id, events.c.held_out)
    )


def _drawn(connection: Connection, store: Store, everybody: Select[Any], names: tuple[str, str]) -> Drawn:
    wanted = everybody.order_by("customer_id").execution_options(yield_per=_BLOCK)
    return _columns(store, names, ((row.customer_id, row.at, row.held_out) for row in connection.execute(wanted)))


def _columns(store: Store, names: tuple[str, ...], rows: Iterable[tuple[int, datetime, int]]) -> Drawn:
    zone = store.zone
    numbers = ((customer, epoch_day(local_day(at, zone)), arm) for customer, at, arm in rows)
    customer, day, arm = np.fromiter(chain.from_iterable(numbers), dtype=np.int64).reshape(-1, 3).T
    return Drawn(names, customer, day, arm)


def _bought(connection: Connection, store: Store, everybody: Select[Any]) -> Bought:
    people = everybody.subquery()
    counted = and_(
        orders.c.store_id == store.id, orders.c.counts, orders.c.customer_id.in_(select(people.c.customer_id))
    )
    bought = select(orders.c.customer_id, orders.c.local_day, orders.c.net_value).where(counted)
    earned = (
        select(orders.c.customer_id, orders.c.local_day, lots.c.points)
        .join(lots, lots.c.order_id == orders.c.id)
        .where(counted)
    )
    given, redeemed = (
        set(connection.execute(select(table.c.code).where(table.c.store_id == store.id)).scalars())
        for table in (entitlements, redemptions)
    )
    by_coupons, by_points = _taken_off(connection, counted, given, redeemed)
    return Bought(Orders(*numbers(connection, bought)), by_coupons, by_points, Orders(*numbers(connection, earned)))


def _taken_off(connection: Connection, counted: Any, *kinds: set[str]) -> list[Orders]:
    """Return what coupons took off counted orders, for each of several sets of codes."""
    rows = connection.execute(
        select(orders.c.customer_id, orders.c.local_day, orders.c.coupon_discounts)
        .where(counted, cast(orders.c.coupon_discounts, Text) != "{}")
        .execution_options(yield_per=_BLOCK)
    )
    found: list[list[tuple[int, int, int]]] = [[] for _ in kinds]
    for row in rows:
        for code, amount in row.coupon_discounts.items():
            for number, codes in enumerate(kinds):
                if code in codes:
                    found[number].append((row.customer_id, row.local_day, amount))
    return [Orders(*np.array(one, dtype=np.int64).reshape(-1, 3).T) for one in found]
