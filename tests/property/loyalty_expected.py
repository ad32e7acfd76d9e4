"""What every account should hold, worked out from what happened in a store and from nothing the connector keeps.

Only what it did of its own will is taken from it: the debts it forgave.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from zoneinfo import ZoneInfo

from connector.domain.account import Inactivity, Spend, WriteOff
from connector.domain.lots import Lot
from connector.domain.orders import OrderState
from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis
from tests.property.walk import Walk, months_on

BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ROUNDINGS = {"down": ROUND_FLOOR, "nearest": ROUND_HALF_UP, "up": ROUND_CEILING}
Person = tuple[str, object]


@dataclass
class Redeemed:
    owner: Person
    number: int
    points: int
    at: datetime
    expires_at: datetime
    code: str


@dataclass
class Happened:
    """Everything the connector was told so far, the newest sight of each order (None: it is gone).

    ``owed``: what waits to be awarded, each with the people whose accounts may be behind until then. ``ids`` holds
    the connector's numbers of orders and people, which names of lots are made of.
    """

    versions: list[Programme]
    orders: dict[int, tuple[int, OrderState | None]] = field(default_factory=dict)
    last_seen: dict[int, OrderState] = field(default_factory=dict)
    registered: dict[int, datetime] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)
    given: list[tuple[Person, Lot]] = field(default_factory=list)
    taken: list[tuple[Person, Spend]] = field(default_factory=list)
    redeemed: list[Redeemed] = field(default_factory=list)
    blocks: list[tuple[Person, datetime, datetime]] = field(default_factory=list)
    owed: dict[str, set[Person]] = field(default_factory=dict)
    ids: dict[object, int] = field(default_factory=dict)

    def told(self, wc_id: int, number: int, state: OrderState | None) -> set[Person]:
        """Take a sight of an order; one that is older than the newest says nothing. Returns who is concerned."""
        concerned = self._concerned(wc_id)
        if number >= self.orders.get(wc_id, (-1, None))[0]:
            self.orders[wc_id] = (number, state)
            if state is not None:
                self.last_seen[wc_id] = state
        return concerned | self._concerned(wc_id)

    def _concerned(self, wc_id: int) -> set[Person]:
        seen = self.last_seen.get(wc_id)
        if seen is None:
            return set()
        return {self.owner(seen)} | {made.owner for made in self.redeemed if made.code in seen.coupon_codes}

    def owner(self, state: OrderState) -> Person:
        user = state.wc_customer_id or self.claimed.get(state.email or "")
        return ("user", user) if user else ("guest", state.email)

    def register(self, user: int, email: str, at: datetime) -> set[Person]:
        """The address is the user's from now on. Returns who is concerned."""
        before = self.owner_of(email)
        self.registered.setdefault(user, at)
        self.claimed[email] = user
        return {before, ("guest", email), ("user", user)}

    def owner_of(self, email: str) -> Person:
        return ("user", self.claimed[email]) if email in self.claimed else ("guest", email)

    def awarded(self, subject: str) -> None:
        """Nothing is owed for this any more. A user has got what the guests were given whose addresses are theirs."""
        del self.owed[subject]
        kind, _, number = subject.partition(":")
        if kind == "customer":
            guests = {("guest", email) for email, user in self.claimed.items() if user == int(number)}
            self.given = [(("user", int(number)) if who in guests else who, lot) for who, lot in self.given]
            self.taken = [(("user", int(number)) if who in guests else who, spend) for who, spend in self.taken]
            self.blocks = [(("user", int(number)) if who in guests else who, *span) for who, *span in self.blocks]

    def version_at(self, moment: datetime) -> Programme:
        return [one for one in self.versions if one.effective_from is None or one.effective_from <= moment][-1]

    def walks(self, now: datetime, forgiven: dict[Person, list[WriteOff]]) -> dict[Person, Walk]:
        """Each person's account as a walk from the beginning until now leaves it."""
        earned: dict[Person, list[Lot]] = defaultdict(list)
        spent: dict[Person, list[Spend]] = defaultdict(list)
        for who, theirs in self._orders_of_each().items():
            earned[who] += self._lots(who, theirs)
        for user, at in self.registered.items():
            earned["user", user].append(self._sign_up(user, at))
        for who, lot in self.given:
            earned[who].append(lot)
        for who, spend in self.taken:
            spent[who].append(spend)
        for made in self.redeemed:
            spent[made.owner].append(Spend(f"redemption:{made.number}", self._kept(made, now), made.at))
        rules = self._rules()
        return {
            who: Walk(earned[who], spent[who], forgiven.get(who, []), rules, BERLIN).through(
                moments(earned[who], spent[who], forgiven.get(who, []), rules, now)
            )
            for who in {*earned, *spent, *forgiven}
        }

    def _orders_of_each(self) -> dict[Person, list[OrderState]]:
        found: dict[Person, list[OrderState]] = defaultdict(list)
        for _, state in self.orders.values():
            if state is not None:
                found[self.owner(state)].append(state)
        return found

    def _lots(self, who: Person, orders: Iterable[OrderState]) -> list[Lot]:
        """What one person's orders earn, each in the tier that as many orders before it had led to."""
        lots, before = [], []
        for state in sorted(orders, key=lambda one: (one.ordered_at, one.wc_id)):
            rules = self.version_at(state.ordered_at)
            reached = sum(_counts(one, rules) for one in before)
            factor = [tier.benefits.multiplier for tier in rules.tiers if tier.threshold <= reached][-1]
            earns = _counts(state, rules) and not self.is_shut_out(who, state.ordered_at)
            worth = Decimal(state.total - state.refunded) / 100 * rules.earning.rate * factor if earns else Decimal(0)
            points = int(worth.to_integral_value(ROUNDINGS[rules.earning.rounding]))
            freed = state.ordered_at + timedelta(days=rules.earning.hold_days)
            source = f"order:{self.ids[state.wc_id]}"
            lots.append(Lot(source, points, state.ordered_at, freed, ends_at(state.ordered_at, rules)))
            before.append(state)
        return lots

    def _sign_up(self, user: int, at: datetime) -> Lot:
        rules, who = self.version_at(at), ("user", user)
        points = 0 if self.is_shut_out(who, at) else rules.bonuses.sign_up
        return Lot(f"bonus:sign_up:{self.ids[who]}", points, at, at, ends_at(at, rules))

    def is_shut_out(self, who: Person, moment: datetime) -> bool:
        return any(one == who and since <= moment < until for one, since, until in self.blocks)

    def _kept(self, made: Redeemed, now: datetime) -> int:
        """The points of a redemption that stay spent, by the orders that carry its code."""
        carrying = [(wc_id, seen) for wc_id, seen in self.last_seen.items() if made.code in seen.coupon_codes]
        unpaid = [seen for wc_id, seen in carrying if seen.status == "failed" and not self._is_gone(wc_id)]
        placed = [(wc_id, seen) for wc_id, seen in carrying if seen not in unpaid]
        kept = [
            made.points - made.points * seen.refunded // (seen.total or 1)
            for wc_id, seen in placed
            if seen.status != "cancelled"
            and (seen.refunded < seen.total or not seen.total)
            and not self._is_gone(wc_id)
        ]
        if kept:
            return max(kept)
        # A payment that failed may be tried again, as a coupon that was never used may be used, until it ends.
        waits = not placed or (unpaid and not any(seen.refunded for _, seen in placed))
        return made.points if waits and now < made.expires_at + timedelta(days=3) else 0

    def _is_gone(self, wc_id: int) -> bool:
        return self.orders[wc_id][1] is None

    def _rules(self) -> list[Inactivity]:
        """Which inactivity holds from when: none before the version that brings it was saved."""
        found: list[Inactivity] = []
        begins = {one.version: max(one.effective_from or LONG_AGO, one.saved_at or LONG_AGO) for one in self.versions}
        for since in sorted(begins.values()):
            rules = [one for one in self.versions if begins[one.version] <= since][-1].expiry
            months = rules.months if rules.basis is ExpiryBasis.INACTIVITY else None
            if months != (found[-1].months if found else None):
                found.append(Inactivity(since, months, rules.warn_days))
        return found


def _counts(state: OrderState, rules: Programme) -> bool:
    """Whether an order is a purchase."""
    return state.status in rules.counting.statuses and (state.refunded < state.total or state.total == 0)


def ends_at(earned_at: datetime, rules: Programme) -> datetime | None:
    """When points go by their age."""
    if rules.expiry.basis is not ExpiryBasis.EARNED:
        return None
    return midnight_after(months_on(earned_at.astimezone(BERLIN).date(), rules.expiry.months))


def moments(
    lots: Sequence[Lot],
    spends: Sequence[Spend],
    write_offs: Sequence[WriteOff],
    rules: Iterable[Inactivity],
    now: datetime,
) -> list[datetime]:
    """Every moment until now at which something may happen to an account."""
    uses = {lot.received_at or lot.earned_at for lot in lots} | {spend.at for spend in spends}
    found = uses | {lot.available_at for lot in lots} | {one.at for one in write_offs}
    found |= {lot.expires_at for lot in lots if lot.expires_at is not None}
    for rule in rules:
        found.add(midnight_after(rule.since.astimezone(BERLIN).date() + timedelta(days=rule.warn_days)))
        if rule.months is not None:
            found |= {midnight_after(months_on(use.astimezone(BERLIN).date(), rule.months)) for use in uses}
    return sorted(moment for moment in found if moment <= now)


def midnight_after(day) -> datetime:
    """Where the day ends, in a zone that never changes its clocks at midnight."""
    following = day + timedelta(days=1)
    return datetime(following.year, following.month, following.day, tzinfo=BERLIN).astimezone(UTC)
