"""Entitle: grant, withdraw and renew personal coupons as customers' histories and the programme's campaigns ask for.

Decided for up to a thousand locked customers at a time, with the same few queries for one of them as for all.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import backfills, blocks, entitlements, hold_outs, offers, stores, suppressions
from connector.db.entitlements import Change, Grant
from connector.db.offers import Use
from connector.db.stores import Store
from connector.db.suppressions import Suppressed
from connector.domain.calendar import end_of_day, from_epoch_day, local_day
from connector.domain.campaigns import Profile, clv_decile, still_holds
from connector.domain.coupons import Coupon, EntitlementState, Review, review
from connector.domain.discounts import Terms
from connector.domain.governor import Circumstances
from connector.domain.history import Histories, epoch_day
from connector.domain.hold_out import is_held_out
from connector.domain.money import exponent
from connector.domain.offering import Candidate, Setting, candidates, conclude
from connector.domain.programme import Programme
from connector.domain.standings import StoreFigures
from jobs import coupon_state
from jobs.coupon_state import Coupons


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of customers: the rows of their standings, their histories, and the store's own figures."""

    rows: Mapping[int, Mapping[str, Any]]
    histories: Histories
    figures: StoreFigures


@dataclass(slots=True)
class _Case:
    """One customer before the decision. ``profile`` None: a guest who registered, who buys nothing any more."""

    person: Row[Any]
    profile: Profile | None
    held: list[Row[Any]] = field(default_factory=list)
    uses: Mapping[str, Use] = field(default_factory=dict)
    review: Review = field(default_factory=Review)
    due: Sequence[Candidate] = ()


def decide(
    connection: Connection,
    store: Store,
    programme: Programme,
    people: Sequence[Row[Any]],
    known: Known,
    now: datetime,
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
    cases = _cases(connection, store, programme, people, known)
    for case in cases.values():
        _look_at(case, store, setting)
    _record_reviews(connection, store, cases.values())
    asked = [case for case in cases.values() if case.review.returning or case.due]
    if asked:
        _rule(connection, store, setting, asked, now)
    return coupon_state.desire(connection, store, people, now)


def _cases(
    connection: Connection, store: Store, programme: Programme, people: Sequence[Row[Any]], known: Known
) -> dict[int, _Case]:
    ids = [person.id for person in people]
    held = entitlements.of_customers(connection, store.id, ids)
    by_country = any(campaign.audience.countries for campaign in programme.campaigns)
    countries = offers.countries(connection, store.id, ids) if by_country else {}
    histories = _by_customer(known.histories)
    cases = {
        person.id: _Case(
            person,
            _profile(person, known, histories.get(person.id), countries.get(person.id, ""), store)
            if person.merged_into_id is None
            else None,
        )
        for person in people
    }
    for row in held:
        cases[row.customer_id].held.append(row)
    uses = offers.uses(connection, store.id, sorted({row.customer_id for row in held})) if held else {}
    for customer_id, used in uses.items():
        cases[customer_id].uses = used
    return cases


def _by_customer(histories: Histories) -> dict[int, tuple[int, int, int, int]]:
    """Return each customer's purchase days, first and last day and net value."""
    columns = (histories.x + 1, histories.first_day, histories.last_day, histories.value_total)
    facts = zip(*(column.tolist() for column in columns), strict=True)
    return dict(zip(histories.customer.tolist(), facts, strict=True))


def _profile(
    person: Row[Any], known: Known, history: tuple[int, int, int, int] | None, country: str, store: Store
) -> Profile:
    row = known.rows[person.id]
    days, first, last, value = history or (0, None, None, 0)
    return Profile(
        orders=row["orders"],
        purchase_days=days,
        first_day=None if first is None else from_epoch_day(first),
        last_day=None if last is None else from_epoch_day(last),
        value_total=value,
        tier=row["tier"],
        tier_since=row.get("tier_since"),
        segment=row["segment"],
        country=country,
        clv=row["clv"],
        clv_decile=clv_decile(row["clv"], known.figures.clv_tenths),
        p_alive=row["p_alive"],
        p_order_90d=row["p_order_90d"],
        p_order_365d=row["p_order_365d"],
        joined_on=None if person.registered_at is None else local_day(person.registered_at, store.zone),
        birthday=person.birthday,
    )


def _look_at(case: _Case, store: Store, setting: Setting) -> None:
    """Review what the customer holds and find what is due."""
    programme = setting.programme
    coupons = [_coupon(row, case, store, programme) for row in case.held]
    # What a guest used before they registered stays used: the order is the user's now.
    settled = {row.id for row in case.held if case.profile is None and row.state == EntitlementState.USED}
    case.review = review(
        [coupon for coupon in coupons if coupon.id not in settled],
        case.uses,
        setting.today,
        one_live=programme.governor.one_live_coupon,
    )
    if case.profile is not None:
        earlier: dict[str, list[date]] = {}
        for row in case.held:
            earlier.setdefault(row.campaign, []).append(local_day(row.granted_at, store.zone))
        had = {(row.campaign, row.occasion) for row in case.held}
        case.due = candidates(setting, case.person.id, case.profile, had, earlier)


def _coupon(row: Row[Any], case: _Case, store: Store, programme: Programme) -> Coupon:
    terms = Terms.from_json(row.terms)
    holds = case.profile is not None and still_holds(terms.trigger, row.occasion, case.profile, programme.tiers)
    return Coupon(
        id=row.id,
        campaign=row.campaign,
        occasion=row.occasion,
        code=row.code,
        state=EntitlementState(row.state),
        expires_on=local_day(row.expires_at, store.zone),
        cost=row.cost,
        is_benefit=row.is_benefit,
        holds=holds and case.person.email is not None,
    )


def _record_reviews(connection: Connection, store: Store, cases: Collection[_Case]) -> None:
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


def _rule(connection: Connection, store: Store, setting: Setting, asked: Sequence[_Case], now: datetime) -> None:
    """Let the governor rule on every customer who has something due, and write down what it says."""
    programme, today = setting.programme, setting.today
    circumstances = _circumstances(connection, store, setting, asked, now)
    left = _budget_left(connection, store, setting)
    grants: list[Grant] = []
    changes: list[Change] = []
    stopped: list[Suppressed] = []
    for case in asked:
        customer = circumstances[case.person.id]
        decision = conclude(case.review, case.due, customer, programme.governor, left, today)
        if left is not None:
            left -= decision.cost
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


def _circumstances(
    connection: Connection, store: Store, setting: Setting, asked: Sequence[_Case], now: datetime
) -> dict[int, Circumstances]:
    governor, ids = setting.programme.governor, [case.person.id for case in asked]
    since = setting.today - timedelta(days=governor.full_price_days - 1)
    full_price = offers.bought_at_full_price(connection, store.id, ids, since) if governor.full_price_days else {}
    shut_out = blocks.of_customers(connection, store.id, ids)
    held_out = _held_out(connection, store, setting, ids, now)
    found = {}
    for case in asked:
        person = case.person
        granted = [local_day(row.granted_at, store.zone) for row in case.held if not row.is_benefit]
        found[person.id] = Circumstances(
            live=case.review.live[0].campaign if case.review.live else None,
            last_granted_on=max(granted, default=None),
            last_full_price_on=full_price.get(person.id),
            consent=person.consent,
            reachable=person.email is not None,
            blocked=any(block.covers(person.id, now) for block in shut_out),
            held_out=held_out[person.id],
        )
    return found


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


def _budget_left(connection: Connection, store: Store, setting: Setting) -> int | None:
    budget = setting.programme.governor.budget_per_year
    if budget is None:
        return None
    unit: int = 10 ** exponent(store.currency)
    return budget * unit - entitlements.spent(connection, store.id, setting.today)


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
