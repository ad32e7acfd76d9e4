"""Entitle: grant, withdraw and renew personal coupons as customers' histories and the programme's campaigns ask for.

Decided for up to a thousand locked customers at a time, with the same few queries for one of them as for all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import backfills, entitlements, hold_outs, stores, suppressions
from connector.db.entitlements import Change, Grant
from connector.db.offers import Use
from connector.db.stores import Store
from connector.db.suppressions import Suppressed
from connector.domain.calendar import end_of_day, local_day
from connector.domain.coupons import EntitlementState
from connector.domain.discounts import Terms
from connector.domain.history import epoch_day
from connector.domain.hold_out import is_held_out
from connector.domain.offering import ByHand, Candidate, Setting, conclude
from connector.domain.programme import Programme
from jobs import coupon_state
from jobs.coupon_state import Coupons
from jobs.offer_cases import Case, Known, budget_left, circumstances, gather, look_at


def decide(
    connection: Connection,
    store: Store,
    programme: Programme,
    people: Sequence[Row[Any]],
    known: Known,
    now: datetime,
    by_hand: ByHand | None = None,
) -> Coupons:
    """Bring existing entitlements up to date, let the governor rule on what is due, and desire the coupons.

    All of it waits until the store's history has been read to its end, because half a history makes everybody a
    first-time buyer. Nobody without an e-mail address is entitled: the coupon could not be bound to them.
    """
    if not backfills.is_complete(connection, store.id):
        return Coupons()
    today = local_day(now, store.zone)
    setting = Setting(
        programme, store.currency, today, stores.draw_key(connection, store.id), known.figures.typical_order
    )
    cases = gather(connection, store, programme, people, known)
    for case in cases.values():
        look_at(case, store, setting, by_hand)
    _record_reviews(connection, store, cases.values())
    asked = [case for case in cases.values() if case.review.returning or case.due]
    if asked:
        _rule(connection, store, setting, asked, now, by_hand)
    _give_benefits(connection, store, setting, cases.values(), now)
    return coupon_state.desire(connection, store, people, now)


def _record_reviews(connection: Connection, store: Store, cases: Collection[Case]) -> None:
    """Write what histories alone decide. What would come back is withdrawn until the governor allows it."""
    changes: list[Change] = []
    for case in cases:
        waiting = {coupon.id: EntitlementState.WITHDRAWN for coupon in case.review.returning}
        states = case.review.states | waiting
        changes += [
            change
            for row in case.held
            if row.id in states and (change := _change(row, states[row.id], case.uses)) is not None
        ]
    entitlements.change(connection, store.id, changes)


def _change(row: Row[Any], state: EntitlementState, uses: Mapping[str, Use]) -> Change | None:
    """Return what is new about an entitlement, or None."""
    use = uses.get(row.code) if state is EntitlementState.USED else None
    took_off = None if use is None else row.cost if use.discount is None else use.discount
    used_on = None if use is None else epoch_day(use.day)
    new = (state, took_off, used_on)
    return None if new == (row.state, row.took_off, row.used_on) else Change(row.id, *new)


def _rule(
    connection: Connection,
    store: Store,
    setting: Setting,
    asked: Sequence[Case],
    now: datetime,
    by_hand: ByHand | None,
) -> None:
    """Let the governor rule on every customer who has something due, and write down what it says."""
    programme, today = setting.programme, setting.today
    held_out = _held_out(connection, store, setting, [case.person.id for case in asked], now)
    about = circumstances(connection, store, setting, asked, held_out, now)
    left = budget_left(connection, store, setting, 0 if by_hand is None else by_hand.reserved)
    grants: list[Grant] = []
    changes: list[Change] = []
    stopped: list[Suppressed] = []
    for case in asked:
        decision = conclude(case.review, case.due, about[case.person.id], programme.governor, left, today)
        if left is not None:
            left -= decision.cost
        if by_hand is not None:
            by_hand.note(decision)
        back = {coupon.id for coupon in case.review.returning}
        granted = EntitlementState.GRANTED
        changes += [Change(one, granted) for one in back if decision.states[one] is granted]
        if decision.grant is not None and decision.grant.terms is not None:
            grants.append(_grant(case.person.id, decision.grant, decision.grant.terms, store, today))
        stopped += [
            Suppressed(case.person.id, one.offer.campaign, one.offer.occasion, one.rule, one.why)
            for one in decision.suppressed
        ]
    entitlements.change(connection, store.id, changes)
    entitlements.grant(connection, store.id, grants, programme.version, now)
    suppressions.record(connection, store.id, stopped, programme.version, now)


def _held_out(
    connection: Connection, store: Store, setting: Setting, ids: Sequence[int], now: datetime
) -> dict[int, bool]:
    """Return who is held out, drawing those who have not been. Without a hold-out nobody is drawn free for ever."""
    percent = setting.programme.governor.hold_out_percent
    drawn = hold_outs.of_customers(connection, store.id, ids)
    if percent:
        new = {one: is_held_out(setting.draw_key, one, percent) for one in ids if one not in drawn}
        hold_outs.keep(connection, store.id, new, now)
        drawn |= new
    return {one: drawn.get(one, False) for one in ids}


def _give_benefits(
    connection: Connection, store: Store, setting: Setting, cases: Collection[Case], now: datetime
) -> None:
    """Grant what tiers bring: promises of the programme that no governor stops."""
    grants = [
        replace(_grant(case.person.id, one, one.terms, store, setting.today), is_benefit=True)
        for case in cases
        for one in case.benefits
        if one.terms is not None
    ]
    entitlements.grant(connection, store.id, grants, setting.programme.version, now)


def _grant(customer_id: int, candidate: Candidate, terms: Terms, store: Store, today: date) -> Grant:
    return Grant(
        customer_id=customer_id,
        campaign=candidate.offer.campaign,
        occasion=candidate.offer.occasion,
        variant=candidate.variant,
        why=candidate.why,
        expires_at=end_of_day(today + timedelta(days=candidate.valid_days), store.zone),
        terms=terms.to_json(),
        cost=candidate.offer.cost or 0,
    )
