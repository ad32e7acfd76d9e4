"""When a campaign is due for a customer, on which occasion, and for how long its reason lasts."""

from bisect import bisect_left
from calendar import monthrange
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from connector.domain.calendar import birthday
from connector.domain.money import average
from connector.domain.programme.ladder import Tier
from connector.domain.programme.offers import Audience, Campaign, Timing, Trigger

_DECILES: Final = 10
# A day that fell into an outage, or behind another coupon, is made up for within this long.
_LATE_DAYS: Final = 7
# How long a shop has to know somebody before their day of joining comes round.
_A_YEAR: Final = 1


@dataclass(frozen=True, slots=True)
class Profile:
    """What campaigns look at in a customer on the store's today. Money in minor units of the store's currency.

    ``orders`` counts orders, ``purchase_days`` the days with one; ``tier_since`` is when the tier was reached from
    below, None where it was not; ``birthday`` is "MM-DD" or "YYYY-MM-DD"; predictions are None before the first
    scoring.
    """

    orders: int = 0
    purchase_days: int = 0
    first_day: date | None = None
    last_day: date | None = None
    value_total: int = 0
    tier: str = ""
    tier_since: date | None = None
    segment: str = ""
    country: str = ""
    clv: int | None = None
    clv_decile: int | None = None
    p_alive: float | None = None
    p_order_90d: float | None = None
    p_order_365d: float | None = None
    joined_on: date | None = None
    birthday: str | None = None

    @property
    def usual_gap(self) -> float | None:
        """Days from one purchase to the next on average; None for who has not come back yet."""
        if self.purchase_days < 2 or self.first_day is None or self.last_day is None:
            return None
        return (self.last_day - self.first_day).days / (self.purchase_days - 1)

    @property
    def average_order(self) -> int | None:
        """Net value of an order on average, or None for who has bought nothing."""
        return average(self.value_total, self.orders) if self.orders else None


@dataclass(frozen=True, slots=True)
class Due:
    """A campaign that is due: which time of those that recur ("" where there is but one), and the facts why."""

    occasion: str
    because: str


@dataclass(frozen=True, slots=True)
class Moment:
    """What a campaign is judged by besides the customer: today, the ladder, and when it was granted before."""

    today: date
    ladder: Sequence[Tier] = ()
    earlier: Sequence[date] = ()


def due(campaign: Campaign, profile: Profile, moment: Moment) -> Due | None:
    """Say whether a campaign is due for a customer, whatever else they have: None, or the occasion and its facts.

    An occasion stays the same for as long as it is due, so that it is granted or suppressed once. What is issued by
    hand is never due by itself.
    """
    if not campaign.enabled or not in_audience(campaign.audience, profile):
        return None
    asked = _DUE.get(campaign.trigger)
    return asked(campaign.timing, profile, moment) if asked else None


def in_audience(audience: Audience, profile: Profile) -> bool:
    """Say whether a customer is one of those a campaign is for."""
    if profile.orders < audience.minimum_orders:
        return False
    for wanted, has in (
        (audience.segments, profile.segment),
        (audience.tiers, profile.tier),
        (audience.countries, profile.country),
    ):
        if wanted and has not in wanted:
            return False
    if audience.clv_deciles is None:
        return True
    low, high = audience.clv_deciles
    return profile.clv_decile is not None and low <= profile.clv_decile <= high


def still_holds(trigger: Trigger, occasion: str, profile: Profile, ladder: Sequence[Tier]) -> bool:
    """Say whether the reason a coupon was given for is still there, by the customer's latest history.

    A first order that is undone, a second purchase made without the coupon, a silence that is broken, a tier that is
    lost: each takes its coupon, and undone in turn gives it back. A day that came, and a person's word, stay.
    """
    if trigger is Trigger.WELCOME:
        return profile.orders > 0
    if trigger is Trigger.SECOND_PURCHASE:
        return profile.orders == 1
    if trigger is Trigger.WIN_BACK:
        return profile.last_day is not None and profile.last_day.isoformat() == occasion
    if trigger is Trigger.TIER_REACHED:
        return holds_tier(profile.tier, occasion.rpartition(" ")[0], ladder)
    return True


def holds_tier(held: str, wanted: str, ladder: Sequence[Tier]) -> bool:
    """Say whether a tier is the wanted one or above it. A tier that left the ladder is nobody's."""
    thresholds = {tier.name: tier.threshold for tier in ladder}
    return held in thresholds and wanted in thresholds and thresholds[held] >= thresholds[wanted]


def clv_decile(clv: int | None, bounds: Sequence[int]) -> int | None:
    """Return which tenth of the store's customers a predicted value is in, 1 the lowest; None where there is none.

    ``bounds`` are the nine values between the tenths, ascending; who is on a bound is below it.
    """
    if clv is None or len(bounds) != _DECILES - 1:
        return None
    return 1 + bisect_left(bounds, clv)


def _welcome(timing: Timing, profile: Profile, moment: Moment) -> Due | None:
    first = _first_order(timing, profile, moment)
    return Due("", f"as a welcome, after the first order on {first}") if first else None


def _second_purchase(timing: Timing, profile: Profile, moment: Moment) -> Due | None:
    first = _first_order(timing, profile, moment)
    return Due("", f"for a second purchase, after a first one on {first}") if first else None


def _first_order(timing: Timing, profile: Profile, moment: Moment) -> date | None:
    """Return the day of the only order, unless it lies too far back: an old store's past gets no coupons."""
    first = profile.first_day
    if profile.orders != 1 or first is None or not _within(first, timing.reach_days, moment.today):
        return None
    return first


def _tier_reached(timing: Timing, profile: Profile, moment: Moment) -> Due | None:
    since = profile.tier_since
    if since is None or not moment.ladder or not _within(since, timing.reach_days, moment.today):
        return None
    lowest = min(moment.ladder, key=lambda tier: tier.threshold)
    if profile.tier == lowest.name:
        return None
    return Due(f"{profile.tier} {since}", f"for reaching {profile.tier} on {since}")


def _birthday(_: Timing, profile: Profile, moment: Moment) -> Due | None:
    born = birthday(profile.birthday or "")
    year = _just_came(*born, moment.today) if born else None
    # The year alone: the date of birth is nobody's business in a list of coupons.
    return Due(str(year), f"for the birthday in {year}") if year else None


def _anniversary(_: Timing, profile: Profile, moment: Moment) -> Due | None:
    joined = profile.joined_on or profile.first_day
    if joined is None:
        return None
    year = _just_came(joined.month, joined.day, moment.today)
    if not year or year - joined.year < _A_YEAR:
        return None
    years = year - joined.year
    return Due(str(year), f"for {years} year{'s' if years > 1 else ''} as a customer, since {joined}")


def _win_back(timing: Timing, profile: Profile, moment: Moment) -> Due | None:
    gap, chance, last = profile.usual_gap, profile.p_order_90d, profile.last_day
    if gap is None or chance is None or last is None:
        return None
    silent = (moment.today - last).days
    if chance >= float(timing.quiet_below) or silent < gap * float(timing.quiet_gaps):
        return None
    return Due(
        last.isoformat(),
        f"to come back: silent for {silent} days, usually every {max(1, round(gap))}; "
        f"{_percentage(chance)} likely to order within 90 days",
    )


def _vip(timing: Timing, profile: Profile, moment: Moment) -> Due | None:
    if moment.earlier and (moment.today - max(moment.earlier)).days < timing.every_days:
        return None
    facts = [f"segment {profile.segment}"] if profile.segment else []
    if profile.clv_decile is not None:
        facts.append(f"predicted value in tenth {profile.clv_decile} of {_DECILES}")
    facts.append(f"{profile.orders} orders")
    # Numbered, because the day it comes again is not known while something else is in its way.
    return Due(str(len(moment.earlier) + 1), f"for a valued customer: {', '.join(facts)}")


def _season(timing: Timing, _: Profile, moment: Moment) -> Due | None:
    first, last = timing.from_day, timing.to_day
    if first is None or last is None or not first <= moment.today <= last:
        return None
    return Due(first.isoformat(), f"for the season from {first} to {last}")


_DUE: Final[Mapping[Trigger, Callable[[Timing, Profile, Moment], Due | None]]] = {
    Trigger.WELCOME: _welcome,
    Trigger.SECOND_PURCHASE: _second_purchase,
    Trigger.TIER_REACHED: _tier_reached,
    Trigger.BIRTHDAY: _birthday,
    Trigger.ANNIVERSARY: _anniversary,
    Trigger.WIN_BACK: _win_back,
    Trigger.VIP: _vip,
    Trigger.SEASON: _season,
}


def _within(day: date, reach_days: int, today: date) -> bool:
    return day >= today - timedelta(days=reach_days)


def _just_came(month: int, day: int, today: date) -> int | None:
    """Return the year of a day that is today or was within the last week, else None."""
    for year in (today.year, today.year - 1):
        came = _day_in(year, month, day)
        if 0 <= (today - came).days <= _LATE_DAYS:
            return year
    return None


def _day_in(year: int, month: int, day: int) -> date:
    """Return the day in a year; who was born on 29 February has the 28th in the years between."""
    return date(year, month, min(day, monthrange(year, month)[1]))


def _percentage(chance: float) -> str:
    return "less than 1 %" if chance < 0.005 else f"{chance:.0%}".replace("%", " %")
