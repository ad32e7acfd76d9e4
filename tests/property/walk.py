"""What the rules of a points account say, written down a second time and as plainly as can be."""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta, tzinfo

from connector.domain.account import Inactivity, Spend, WriteOff
from connector.domain.lots import Lot


class Walk:
    """The rules told as a story: one moment after the other, with plain lists, and nothing looked up ahead."""

    def __init__(
        self,
        lots: Sequence[Lot],
        spends: Sequence[Spend],
        write_offs: Sequence[WriteOff],
        rules: Sequence[Inactivity],
        zone: tzinfo,
    ) -> None:
        self.oldest_first = sorted(lots, key=lambda lot: (lot.earned_at, lot.source))
        self.lots, self.spends, self.write_offs, self.rules, self.zone = lots, spends, write_offs, rules, zone
        self.left = {lot.source: lot.points for lot in lots}
        self.spent = dict.fromkeys(self.left, 0)
        self.expired = dict.fromkeys(self.left, 0)
        self.matured: set[str] = set()
        self.debt = 0
        self.forgiven: dict[int, int] = {}
        self.last_use: datetime | None = None
        self.ended: datetime | None = None

    def through(self, moments: Iterable[datetime]) -> Walk:
        """Live through these moments, the earliest first; everything that happens must happen at one of them."""
        for moment in moments:
            self._expire([lot for lot in self.lots if lot.expires_at is not None and lot.expires_at <= moment])
            if self._silent_too_long(moment):
                self.ended = moment
                self._expire([lot for lot in self.lots if lot.source in self.matured])
            self._use(moment)
        return self

    @property
    def pending(self) -> int:
        return sum(left for source, left in self.left.items() if source not in self.matured)

    @property
    def available(self) -> int:
        return sum(left for source, left in self.left.items() if source in self.matured) - self.debt

    def _expire(self, lots: Iterable[Lot]) -> None:
        for lot in lots:
            if self.left[lot.source]:
                self.matured.add(lot.source)
            self.expired[lot.source] += self.left[lot.source]
            self.left[lot.source] = 0

    def _use(self, moment: datetime) -> None:
        if any((lot.received_at or lot.earned_at) == moment and lot.points for lot in self.lots):
            self.last_use = moment
        for lot in self.oldest_first:
            if lot.available_at == moment and lot.source not in self.matured:
                self._mature(lot, moment)
        for spend in self.spends:
            if spend.at == moment:
                self.last_use = moment if spend.points else self.last_use
                self.debt += spend.points
                for lot in self.oldest_first:
                    if lot.source in self.matured:
                        self._take(lot.source)
        for one in self.write_offs:
            if one.at == moment:
                self.forgiven[one.id] = min(self.debt, one.points)
                self.debt -= self.forgiven[one.id]

    def _mature(self, lot: Lot, moment: datetime) -> None:
        self.matured.add(lot.source)
        self._take(lot.source)
        if self.ended is not None and lot.earned_at < self.ended and lot.points:
            self.last_use = moment

    def _take(self, source: str) -> None:
        taken = min(self.debt, self.left[source])
        self.debt -= taken
        self.left[source] -= taken
        self.spent[source] += taken

    def _silent_too_long(self, moment: datetime) -> bool:
        """At this moment, under the rule that holds in it, the last day is over."""
        rule = next((rule for rule in reversed(self.rules) if rule.since <= moment), None)
        if rule is None or rule.months is None or self.last_use is None:
            return False
        warned = rule.since.astimezone(self.zone).date() + timedelta(days=rule.warn_days)
        last_day = max(months_on(self.last_use.astimezone(self.zone).date(), rule.months), warned)
        return moment.astimezone(self.zone).date() > last_day


def months_on(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))
