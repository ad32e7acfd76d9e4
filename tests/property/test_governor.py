"""What must hold of personal coupons whatever customers do and however the programme is set."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.campaigns import Profile, still_holds
from connector.domain.coupons import Coupon, EntitlementState, review
from connector.domain.governor import Circumstances, Rule
from connector.domain.hold_out import is_held_out
from connector.domain.offering import Decision, Setting, candidates, conclude
from connector.domain.programme import Programme
from connector.domain.programme.offers import Campaign, Consent, Discount, DiscountKind, Governor, Timing, Trigger

FIRST = date(2026, 1, 1)
KEY = bytes(range(32))
LIVE = EntitlementState.GRANTED

discounts = st.builds(
    Discount,
    kind=st.sampled_from(DiscountKind),
    amount=st.integers(1, 40).map(Decimal),
    valid_days=st.integers(1, 40),
)
programmes = st.lists(st.sampled_from(Trigger), min_size=1, max_size=6, unique=True).flatmap(
    lambda triggers: st.tuples(
        *(
            st.builds(
                Campaign,
                st.just(trigger.value),
                st.just(trigger),
                discount=discounts,
                timing=st.just(Timing(from_day=FIRST, to_day=FIRST + timedelta(days=40), every_days=20)),
            )
            for trigger in triggers
        )
    )
)
governors = st.builds(
    Governor,
    minimum_gap_days=st.sampled_from([0, 1, 3, 14]),
    full_price_days=st.sampled_from([0, 2, 7]),
    budget_per_year=st.none() | st.integers(0, 60),
    consent=st.sampled_from(Consent),
    hold_out_percent=st.sampled_from([Decimal(0), Decimal(30)]),
)
# What happens to whom after how many days: an order with or without the coupon, the undoing of the latest, nothing.
happenings = st.lists(
    st.tuples(st.integers(0, 12), st.integers(0, 3), st.sampled_from(["buy", "use", "undo", "look"])),
    min_size=5,
    max_size=40,
)


@dataclass
class Person:
    """A customer with their orders as (day, code or none) and their coupons with the day of each grant."""

    id: int
    consent: bool | None
    orders: list[tuple[date, str]] = field(default_factory=list)
    coupons: dict[int, Coupon] = field(default_factory=dict)
    granted_on: dict[int, date] = field(default_factory=dict)
    triggers: dict[int, Trigger] = field(default_factory=dict)

    def profile(self, today: date) -> Profile:
        days = sorted({day for day, _ in self.orders})
        return Profile(
            orders=len(self.orders),
            purchase_days=len(days),
            first_day=days[0] if days else None,
            last_day=days[-1] if days else None,
            value_total=5_000 * len(self.orders),
            tier="member",
            birthday="01-20",
            joined_on=date(2024, 2, 1),
            p_order_90d=0.01,
            clv=10_000,
        )

    def live(self) -> list[Coupon]:
        return [coupon for coupon in self.coupons.values() if coupon.state is LIVE]


class Shop:
    """The decisions of a store over its days, as the jobs make them."""

    def __init__(self, campaigns: tuple[Campaign, ...], governor: Governor) -> None:
        self.programme = Programme(campaigns=campaigns, governor=governor)
        self.governor = governor
        self.people = [Person(number, consent) for number, consent in enumerate([True, None, None, False])]
        self.grants = 0

    def budget_left(self) -> int | None:
        if self.governor.budget_per_year is None:
            return None
        kept = (LIVE, EntitlementState.USED)
        spent = sum(c.cost for person in self.people for c in person.coupons.values() if c.state in kept)
        return self.governor.budget_per_year * 100 - spent

    def held_out(self, person: Person) -> bool:
        return is_held_out(KEY, person.id, self.governor.hold_out_percent)

    def decide(self, person: Person, today: date) -> tuple[Decision, list]:
        profile = person.profile(today)
        coupons = [
            replace(coupon, holds=still_holds(person.triggers[coupon.id], coupon.occasion, profile, ()))
            for coupon in person.coupons.values()
        ]
        found = review(coupons, {code for _, code in person.orders}, today, one_live=True)
        for coupon in found.returning:
            person.coupons[coupon.id] = replace(coupon, state=EntitlementState.WITHDRAWN)
        for number, state in found.states.items():
            person.coupons[number] = replace(person.coupons[number], state=state)
        earlier = defaultdict(list)
        for coupon in person.coupons.values():
            earlier[coupon.campaign].append(person.granted_on[coupon.id])
        had = {(coupon.campaign, coupon.occasion) for coupon in person.coupons.values()}
        due = candidates(Setting(self.programme, "EUR", today, KEY, 5_000), person.id, profile, had, earlier)
        circumstances = Circumstances(
            live=found.live[0].campaign if found.live else None,
            last_granted_on=max(person.granted_on.values(), default=None),
            last_full_price_on=max((day for day, code in person.orders if not code), default=None),
            consent=person.consent,
            held_out=self.held_out(person),
        )
        decision = conclude(found, due, circumstances, self.governor, self.budget_left(), today)
        self.check(person, decision, due, found.returning, today)
        self.apply(person, decision, today)
        return decision, due

    def check(self, person: Person, decision: Decision, due: list, returning: tuple, today: date) -> None:
        granted = [decision.grant.offer] if decision.grant else []
        back = [coupon for coupon in returning if decision.states[coupon.id] is LIVE]
        stopped = [one.offer for one in decision.suppressed]
        ended = sorted((offer.campaign, offer.occasion) for offer in [*granted, *stopped, *back])
        asked = [one.offer for one in due] + list(returning)
        assert ended == sorted((offer.campaign, offer.occasion) for offer in asked)
        assert len(granted) + len(back) <= 1
        assert all(isinstance(one.rule, Rule) and one.why for one in decision.suppressed)
        if decision.grant:
            assert not self.held_out(person)
            assert person.consent is not False
            assert person.consent or self.governor.consent is Consent.ASSUMED
            for day in person.granted_on.values():
                assert (today - day).days >= self.governor.minimum_gap_days

    def apply(self, person: Person, decision: Decision, today: date) -> None:
        for number, state in decision.states.items():
            person.coupons[number] = replace(person.coupons[number], state=state)
        if decision.grant:
            self.grants += 1
            offer, terms = decision.grant.offer, decision.grant.terms
            expires = today + timedelta(days=decision.grant.valid_days)
            code = f"code{self.grants}"
            person.coupons[self.grants] = Coupon(
                self.grants, offer.campaign, offer.occasion, code, LIVE, expires, offer.cost
            )
            person.granted_on[self.grants] = today
            person.triggers[self.grants] = terms.trigger


@settings(max_examples=150, deadline=None)
@given(programmes, governors, happenings)
def test_whatever_happens_no_rule_of_the_governor_is_ever_broken(campaigns, governor, happened):
    shop, today = Shop(campaigns, governor), FIRST
    for days, number, what in happened:
        today += timedelta(days=days)
        person = shop.people[number]
        if what == "buy":
            person.orders.append((today, ""))
        elif what == "use" and person.live():
            person.orders.append((today, person.live()[0].code))
        elif what == "undo" and person.orders:
            person.orders.pop()
        before = shop.budget_left()
        shop.decide(person, today)
        assert len(person.live()) <= 1
        after = shop.budget_left()
        if after is not None:
            # What is used stays spent; no decision takes more than there is.
            assert after >= min(0, before)
        again, _ = shop.decide(person, today)
        assert again.grant is None or governor.minimum_gap_days == 0
        assert len(person.live()) <= 1


@settings(max_examples=100, deadline=None)
@given(programmes, happenings)
def test_an_occasion_brings_one_coupon_however_often_it_is_looked_at(campaigns, happened):
    shop, today = Shop(campaigns, Governor(minimum_gap_days=0, full_price_days=0, hold_out_percent=Decimal(0))), FIRST
    for days, number, what in happened:
        today += timedelta(days=days)
        person = shop.people[number]
        if what == "buy":
            person.orders.append((today, ""))
        elif what == "undo" and person.orders:
            person.orders.pop()
        for _ in range(3):
            shop.decide(person, today)
        occasions = [(coupon.campaign, coupon.occasion) for coupon in person.coupons.values()]
        assert len(occasions) == len(set(occasions))
