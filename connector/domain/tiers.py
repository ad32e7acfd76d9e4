"""Tiers: which step of the ladder a customer's history has led to, how long it is kept, and what comes next."""

from bisect import bisect_right
from calendar import month_name
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from connector.domain.calendar import months_after, months_before
from connector.domain.money import exponent, format_amount
from connector.domain.programme.ladder import Downgrade, Ladder, TierBasis, TierWindow

_DAY = timedelta(days=1)
# As in programmes; there must be days after it that can be reckoned with.
_LAST_DAY = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class Override:
    """A tier that a person gave, first and last day included: nobody falls below it while it lasts."""

    tier: str
    from_day: date
    until_day: date | None

    def holds_on(self, day: date) -> bool:
        """Say whether it is in force on a day."""
        return self.from_day <= day <= (self.until_day or date.max)


def wrong_last_day(until: date | None, today: date) -> str | None:
    """Return why a tier cannot be given until a day (None: until it is ended), or None where it can."""
    if until is None or today <= until <= _LAST_DAY:
        return None
    return (
        f"The last day must not be before today, which is {today} in the store, nor after the year {_LAST_DAY.year}."
    )


@dataclass(frozen=True, slots=True)
class TierState:
    """A customer's tier on a day. ``metric`` is the basis in the window; net spend in minor units.

    ``since`` is None for the tier everybody starts in. The tier is sure until ``keep_until`` (None: as long as it is
    earned), and lost on ``falls_on`` if nothing more is bought (None: never). ``by_hand``: a person gave it.
    ``fell``: it was not reached from below on that day, but is what was left of a higher one; never said of the tier
    everybody starts in.
    """

    tier: str
    since: date | None
    keep_until: date | None
    falls_on: date | None
    metric: int
    by_hand: bool = False
    fell: bool = False


@dataclass(frozen=True, slots=True)
class Goal:
    """What still has to be bought (minor units, orders or points) for a tier: by a day, or at once at any time."""

    tier: str
    amount: int
    by: date | None


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is to the next tier, and to keeping this one. None where there is none, or nothing to be done."""

    reach: Goal | None
    keep: Goal | None


@dataclass(frozen=True, slots=True)
class Climb:
    """Where a customer stands on a day, and what is still to do."""

    state: TierState
    progress: Progress


def goal_sentence(goal: Goal, doing: str, basis: TierBasis, currency: str) -> str:
    """Return a goal in words, such as "Spend 320.00 USD more by 31 March 2027 to reach gold." (``doing``: reach)."""
    what = {
        TierBasis.NET_SPEND: f"Spend {format_amount(goal.amount, currency)} {currency} more",
        TierBasis.ORDERS: "Place one more order" if goal.amount == 1 else f"Place {goal.amount} more orders",
        TierBasis.POINTS: "Earn one more point" if goal.amount == 1 else f"Earn {goal.amount} more points",
    }[basis]
    by = "" if goal.by is None else f" by {goal.by.day} {month_name[goal.by.month]} {goal.by.year}"
    return f"{what}{by} to {doing} {goal.tier}."


def thresholds(ladder: Ladder, currency: str) -> list[int]:
    """Return where each tier starts, in what amounts are counted in: minor units, orders or points."""
    unit = 10 ** exponent(currency) if ladder.basis is TierBasis.NET_SPEND else 1
    return [tier.threshold * unit for tier in ladder.tiers]


def window_begins(ladder: Ladder, day: date) -> date:
    """Return the first day that counts in the window that ends with a day."""
    if ladder.window is TierWindow.LIFETIME:
        return date.min
    if ladder.window is TierWindow.CALENDAR_YEAR:
        return date(day.year, 1, 1)
    return months_before(day, ladder.months) + _DAY


@dataclass(slots=True)
class _Held:
    """The step held at a moment of the walk. ``unearned_from``: since when it would fall but for the grace."""

    step: int = 0
    since: date | None = None
    keep_until: date | None = None
    unearned_from: date | None = None
    fell: bool = False


class TierWalk:
    """A customer's way over the ladder, from what they bought by its latest state; the order of telling is nothing.

    A tier is reached on the day its threshold is, and sure for ``keep_months``. Then it is judged anew: still earned,
    it is sure for as long again; else it falls after ``grace_days`` in which it was not earned back, and the step
    below is held as if it had been reached that day. Without ``keep_months`` every day judges.
    """

    def __init__(self, ladder: Ladder, currency: str, overrides: Iterable[Override] = ()) -> None:
        self._ladder = ladder
        self._starts = thresholds(ladder, currency)
        self._names = [tier.name for tier in ladder.tiers]
        self._grace = timedelta(days=ladder.grace_days)
        self._overrides = [one for one in overrides if one.tier in self._names]
        self._amounts: dict[date, int] = defaultdict(int)

    def add(self, day: date, amount: int) -> None:
        """Count what was bought on a day of the store (minor units, one order, or points); never negative."""
        self._amounts[day] += amount

    def on(self, day: date) -> TierState:
        """Return the tier at the end of a day, from what was bought until then."""
        return self.climb(day).state

    def progress(self, day: date) -> Progress:
        """Return what there is still to do on a day, after what was bought on it.

        The amounts are exact: bought by that day they are enough, and less is not (to keep a tier: on the last day).
        Keeping is named only where what is bought today still counts when the tier is judged.
        """
        return self.climb(day).progress

    def climb(self, day: date) -> Climb:
        """Return both, for the price of one walk."""
        history, held = self._walked(day)
        state = self._state(day, history, held)
        step = self._names.index(state.tier)
        reach = keep = None
        if step + 1 < len(self._names):
            year_ends = date(day.year, 12, 31) if self._ladder.window is TierWindow.CALENDAR_YEAR else None
            missing = self._starts[step + 1] - state.metric
            reach = Goal(self._names[step + 1], missing, history.next_loss(day) or year_ends)
        if state.falls_on is not None and not state.by_hand:
            judged = state.falls_on - _DAY if self._grace else state.falls_on
            if self._counts_until(day) >= judged:
                keep = Goal(state.tier, self._starts[step] - history.metric(judged), state.falls_on - _DAY)
        return Climb(state, Progress(reach, keep))

    def _walked(self, day: date) -> "tuple[_History, _Held]":
        history, held = self._history(day), _Held()
        for change in history.days:
            if change > day:
                break
            self._pass_time(held, history.metric(change - _DAY), change - _DAY)
            self._judge(held, history.metric(change), change)
            self._pass_time(held, history.metric(change), change)
        self._pass_time(held, history.metric(day), day)
        return history, held

    def _state(self, day: date, history: "_History", held: _Held) -> TierState:
        given = max(
            (one for one in self._overrides if one.holds_on(day)),
            key=lambda one: (self._names.index(one.tier), one.until_day or date.max),
            default=None,
        )
        metric = history.metric(day)
        if given is not None and self._names.index(given.tier) > held.step:
            # What nobody limits, and what once was given until the last day there is, never ends.
            falls = None if given.until_day in (None, date.max) else given.until_day + _DAY
            return TierState(given.tier, given.from_day, given.until_day, falls, metric, by_hand=True)
        since, fell = (held.since, held.fell) if held.step else (None, False)
        falls = self._fall(day, history, held)
        return TierState(self._names[held.step], since, held.keep_until, falls, metric, fell=fell)

    def _fall(self, day: date, history: "_History", held: _Held) -> date | None:
        """Return when the tier is lost if nothing more is bought: the walk goes on through what leaves the window."""
        if not held.step:
            return None
        ahead = _Held(held.step, held.since, held.keep_until, held.unearned_from)
        for change in [*history.days[bisect_right(history.days, day) :], date.max]:
            self._pass_time(ahead, history.metric(change - _DAY), change - _DAY, until_fall=True)
            if ahead.step == held.step and change < date.max:
                self._judge(ahead, history.metric(change), change)
                self._pass_time(ahead, history.metric(change), change, until_fall=True)
            if ahead.step < held.step:
                return ahead.since
        return None

    def _judge(self, held: _Held, metric: int, day: date) -> None:
        """Let a day on which the metric changed do what it does at once: raise, save, or begin the grace."""
        earned = self._earned(metric)
        if earned > held.step:
            self._take(held, earned, day)
        elif earned == held.step and held.unearned_from is not None:
            held.keep_until, held.unearned_from = self._kept_from(day), None
        elif earned < held.step and held.unearned_from is None and self._is_over(held, day):
            held.unearned_from = day

    def _pass_time(self, held: _Held, metric: int, until: date, *, until_fall: bool = False) -> None:
        """Let time alone do what it does up to and on a day: judge what is not sure any more, and end graces."""
        earned = self._earned(metric)
        while held.step:
            if held.unearned_from is not None:
                falls = held.unearned_from + self._grace
                if falls > until:
                    return
                lower = held.step - 1 if self._ladder.downgrade is Downgrade.ONE_STEP else earned
                self._take(held, max(lower, earned), falls)
                if held.step > earned and held.keep_until is None:
                    held.unearned_from = falls + _DAY
                if until_fall:
                    return
            elif held.keep_until is None or held.keep_until >= until:
                return
            elif earned >= held.step:
                if until == date.max - _DAY:
                    return  # what is earned for good is judged for good
                held.keep_until = months_after(held.keep_until, self._ladder.keep_months)
            else:
                held.unearned_from = held.keep_until + _DAY

    def _take(self, held: _Held, step: int, day: date) -> None:
        held.fell = step < held.step
        held.step, held.since, held.unearned_from = step, day, None
        held.keep_until = self._kept_from(day) if step else None

    def _kept_from(self, day: date) -> date | None:
        return months_after(day, self._ladder.keep_months) if self._ladder.keep_months else None

    @staticmethod
    def _is_over(held: _Held, day: date) -> bool:
        return held.keep_until is None or day > held.keep_until

    def _earned(self, metric: int) -> int:
        return bisect_right(self._starts, metric) - 1

    def _history(self, day: date) -> "_History":
        changes: dict[date, int] = defaultdict(int)
        for bought, amount in self._amounts.items():
            if amount and bought <= day:
                changes[bought] += amount
                if (last := self._counts_until(bought)) < date.max:
                    changes[last + _DAY] -= amount
        return _History(changes)

    def _counts_until(self, bought: date) -> date:
        """Return the last day in whose window a purchase is."""
        if self._ladder.window is TierWindow.LIFETIME:
            return date.max
        if self._ladder.window is TierWindow.CALENDAR_YEAR:
            return date(bought.year, 12, 31)
        ends = months_after(bought, self._ladder.months)
        # Where the month is too short for the day, the window moves past it with the first of the next.
        return ends - _DAY if ends.day == bought.day else ends


class _History:
    """The metric as it changes from day to day."""

    def __init__(self, changes: dict[date, int]) -> None:
        self.days = sorted(changes)
        self._after = list(accumulate((changes[day] for day in self.days), initial=0))

    def metric(self, day: date) -> int:
        """Return the basis in the window that ends with a day."""
        return self._after[bisect_right(self.days, day)]

    def next_loss(self, day: date) -> date | None:
        """Return the last day before something leaves the window, or None where nothing will."""
        ahead = bisect_right(self.days, day)
        return self.days[ahead] - _DAY if ahead < len(self.days) else None
