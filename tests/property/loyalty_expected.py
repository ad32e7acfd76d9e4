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

from connector.domain.account import Inactivity, Lot, Spend, WriteOff
from connector.domain.orders import OrderState
from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis
from tests.property.walk import Walk, months_on

BERLIN = ZoneInfo("Europe/Berlin")
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
ROUNDINGS = {"down": ROUND_FLOOR, "nearest": ROUND_HALF_UP, "up": ROUND_CEILING}
Person = tuple[str, object]


@dataclass
class ByHand:
    """Points a person gave or took."""

    owner: Person
    source: str
    points: int
    at: datetime


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
    """Everything the connector was told so far, the newest sight of each order (None: it is gone)."""

    orders: dict[int, tuple[int, OrderState | None]] = field(default_factory=dict)
    last_seen: dict[int, OrderState] = field(default_factory=dict)
    claimed: dict[str, int] = field(default_factory=dict)
    given: list[ByHand] = field(default_factory=list)
    taken: list[ByHand] = field(default_factory=list)
    redeemed: list[Redeemed] = field(default_factory=list)
    versions: list[Programme] = field(default_factory=list)
    blocks: list[tuple[Person, datetime, datetime]] = field(default_factory=list)

    def told(self, wc_id: int, number: int, state: OrderState | None) -> None:
        """Take a sight of an order; one that is older than the newest says nothing."""
        if number >= self.orders.get(wc_id, (-1, None))[0]:
            self.orders[wc_id] = (number, state)
            if state is not None:
                self.last_seen[wc_id] = state

    def owner(self, state: OrderState) -> Person:
        user = state.wc_customer_id or self.claimed.get(state.email or "")
        return ("user", user) if user else ("guest", state.email)

    def register(self, user: int, email: str) -> None:
        """The address is the user's from now on, and what the guest was given is, too."""
        guest: Person = ("guest", email)
        self.claimed[email] = user
        for one in (*self.given, *self.taken):
            if one.owner == guest:
                one.owner = ("user", user)
        self.blocks = [(("user", user) if who == guest else who, *span) for who, *span in self.blocks]

    def version_at(self, moment: datetime) -> Programme:
        return [one for one in self.versions if one.effective_from is None or one.effective_from <= moment][-1]

    def walks(self, now: datetime, forgiven: dict[Person, list[WriteOff]]) -> dict[Person, Walk]:
        """Each person's account as a walk from the beginning until now leaves it."""
        earned: dict[Person, list[Lot]] = defaultdict(list)
        spent: dict[Person, list[Spend]] = defaultdict(list)
        for wc_id, (_, state) in self.orders.items():
            if state is not None:
                earned[self.owner(state)].append(self._lot(wc_id, state))
        for one in self.given:
            earned[one.owner].append(Lot(one.source, one.points, one.at, one.at, None))
        for one in self.taken:
            spent[one.owner].append(Spend(one.source, one.points, one.at))
        for made in self.redeemed:
            spent[made.owner].append(Spend(f"redemption:{made.number}", self._kept(made, now), made.at))
        rules = self._rules()
        return {
            who: Walk(earned[who], spent[who], forgiven.get(who, []), rules, BERLIN).through(
                moments(earned[who], spent[who], forgiven.get(who, []), rules, now)
            )
            for who in {*earned, *spent, *forgiven}
        }

    def _lot(self, wc_id: int, state: OrderState) -> Lot:
        rules = self.version_at(state.ordered_at)
        who = self.owner(state)
        counts = state.status in ("processing", "completed") and state.currency == "USD"
        counts = counts and (state.refunded < state.total or state.total == 0)
        shut_out = any(one == who and since <= state.ordered_at < until for one, since, until in self.blocks)
        worth = Decimal(state.total - state.refunded) / 100 * rules.earning.rate if counts and not shut_out else 0
        points = int(Decimal(worth).to_integral_value(ROUNDINGS[rules.earning.rounding]))
        ends = None
        if rules.expiry.basis is ExpiryBasis.EARNED:
            ends = midnight_after(months_on(state.ordered_at.astimezone(BERLIN).date(), rules.expiry.months))
        freed = state.ordered_at + timedelta(days=rules.earning.hold_days)
        return Lot(f"order {wc_id}", points, state.ordered_at, freed, ends)

    def _kept(self, made: Redeemed, now: datetime) -> int:
        """The points of a redemption that stay spent, by the orders that carry its code."""
        carrying = [wc_id for wc_id, seen in self.last_seen.items() if made.code in seen.coupon_codes]
        kept = []
        for wc_id in carrying:
            state = self.orders[wc_id][1]
            if state is not None and state.status != "cancelled" and state.refunded < state.total:
                kept.append(made.points - made.points * state.refunded // state.total)
        if kept:
            return max(kept)
        return 0 if carrying or made.expires_at + timedelta(days=3) <= now else made.points

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
