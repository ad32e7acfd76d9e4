"""What is known of customers before offers are ruled on: their profile, their coupons, and what is due.

The same few queries for one customer as for a thousand.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from connector.db import blocks, entitlements, offers
from connector.db.offers import Use
from connector.db.stores import Store
from connector.domain.benefits import benefit_holds, benefits_due
from connector.domain.calendar import from_epoch_day, local_day
from connector.domain.campaigns import Profile, clv_decile, still_holds
from connector.domain.coupons import Coupon, EntitlementState, Review, review
from connector.domain.discounts import Terms
from connector.domain.governor import Circumstances
from connector.domain.history import Histories
from connector.domain.money import exponent
from connector.domain.offering import ByHand, Candidate, Setting, candidates
from connector.domain.programme import Programme
from connector.domain.standings import StoreFigures


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """What is known of customers: the rows of their standings, their histories, and the store's own figures.

    ``reached``: the day on which they reached their tier, unless it is what was left of a higher one.
    """

    rows: Mapping[int, Mapping[str, Any]]
    histories: Histories
    figures: StoreFigures
    reached: Mapping[int, date | None]


@dataclass(slots=True)
class Case:
    """One customer before the decision. ``profile`` None: a guest who registered, or an account that was deleted."""

    person: Row[Any]
    profile: Profile | None
    held: list[Row[Any]] = field(default_factory=list)
    uses: Mapping[str, Use] = field(default_factory=dict)
    review: Review = field(default_factory=Review)
    due: Sequence[Candidate] = ()
    benefits: Sequence[Candidate] = ()


def gather(
    connection: Connection, store: Store, programme: Programme, people: Sequence[Row[Any]], known: Known
) -> dict[int, Case]:
    """Return what there is to know of each customer before anything is reviewed or found due."""
    ids = [person.id for person in people]
    held = entitlements.of_customers(connection, store.id, ids)
    by_country = any(campaign.audience.countries for campaign in programme.campaigns)
    countries = offers.countries(connection, store.id, ids) if by_country else {}
    histories = _by_customer(known.histories)
    cases = {
        person.id: Case(
            person,
            _profile(person, known, histories.get(person.id), countries.get(person.id, ""), store)
            if person.merged_into_id is None and person.deleted_at is None
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
        tier_since=known.reached.get(person.id),
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


def look_at(case: Case, store: Store, setting: Setting, by_hand: ByHand | None) -> None:
    """Review what the customer holds and find what is due. Most hold nothing, and that is quick."""
    coupons = _review(case, store, setting) if case.held else []
    if case.profile is None:
        return
    had = {(row.campaign, row.occasion) for row in case.held}
    earlier: dict[str, list[date]] = {}
    for row in case.held:
        earlier.setdefault(row.campaign, []).append(local_day(row.granted_at, store.zone))
    case.due = candidates(setting, case.person.id, case.profile, had, earlier)
    if by_hand is not None and (asked := by_hand.asks(setting, case.person.id, case.profile, had)) is not None:
        # What a person asks for now comes before what would come by itself.
        case.due = [asked, *case.due]
    if case.person.email is not None:
        case.benefits = benefits_due(setting, case.person.id, case.profile, coupons, had)


def _review(case: Case, store: Store, setting: Setting) -> list[Coupon]:
    programme = setting.programme
    coupons = [_coupon(row, case, store, programme) for row in case.held]
    # What a guest used before they registered stays used: the order is the user's now.
    is_merged = case.person.merged_into_id is not None
    settled = {row.id for row in case.held if is_merged and row.state == EntitlementState.USED}
    case.review = review(
        [coupon for coupon in coupons if coupon.id not in settled],
        case.uses,
        setting.today,
        one_live=programme.governor.one_live_coupon,
    )
    return coupons


def _coupon(row: Row[Any], case: Case, store: Store, programme: Programme) -> Coupon:
    terms = Terms.from_json(row.terms)
    if case.profile is None or case.person.email is None:
        holds = False
    elif row.is_benefit:
        holds = benefit_holds(row.campaign, row.occasion, case.profile, programme.tiers)
    else:
        holds = still_holds(terms.trigger, row.occasion, case.profile, programme.tiers)
    return Coupon(
        id=row.id,
        campaign=row.campaign,
        occasion=row.occasion,
        code=row.code,
        state=EntitlementState(row.state),
        expires_on=local_day(row.expires_at, store.zone),
        cost=row.cost,
        is_benefit=row.is_benefit,
        single_use=terms.single_use,
        holds=holds,
    )


def circumstances(
    connection: Connection,
    store: Store,
    setting: Setting,
    asked: Sequence[Case],
    held_out: Mapping[int, bool],
    now: datetime,
) -> dict[int, Circumstances]:
    """Return what the governor knows of the customers of these cases, of whom ``held_out`` knows the draw."""
    governor, ids = setting.programme.governor, [case.person.id for case in asked]
    since = setting.today - timedelta(days=governor.full_price_days - 1)
    full_price = offers.bought_at_full_price(connection, store.id, ids, since) if governor.full_price_days else {}
    shut_out = blocks.of_customers(connection, store.id, ids)
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


def budget_left(connection: Connection, store: Store, setting: Setting, reserved: int = 0) -> int | None:
    """Return what the year's budget still allows but for what is ``reserved``, in minor units; None without one."""
    budget = setting.programme.governor.budget_per_year
    if budget is None:
        return None
    unit: int = 10 ** exponent(store.currency)
    return budget * unit - reserved - entitlements.spent(connection, store.id, setting.today)
