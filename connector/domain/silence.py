"""How long an account may be silent: inactivity rules, from which day on each holds, and when they end points."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo

from connector.domain.calendar import first_moment_after, local_day, months_after
from connector.domain.programme import Programme
from connector.domain.programme.points import ExpiryBasis

THE_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Inactivity:
    """The rule in force from ``since`` on: points go after so many months of silence (None: they do not).

    A new rule ends nothing before ``warn_days`` have passed under it.
    """

    since: datetime
    months: int | None
    warn_days: int


class Silence:
    """Says when points go that nobody adds to or takes from."""

    def __init__(self, rules: Sequence[Inactivity], zone: tzinfo) -> None:
        """Take the rules from the oldest on, and the zone the store counts its days in."""
        self._zone = zone
        ends: list[datetime | None] = [*(rule.since for rule in rules[1:]), None]
        self._terms = [
            (rule.months, local_day(rule.since, zone) + timedelta(days=rule.warn_days), end)
            for rule, end in zip(rules, ends, strict=False)
            if rule.months is not None
        ]
        self.ever_ends = bool(self._terms)

    def ends_at(self, last: datetime) -> datetime | None:
        """Return the moment at which points go if nothing happens after ``last``; None: they stay.

        That is the first moment after the store's last day, under the rule in force then.
        """
        day = local_day(last, self._zone)
        for months, not_before, until in self._terms:
            ends_at = first_moment_after(max(months_after(day, months), not_before), self._zone)
            if until is None or ends_at < until:
                return ends_at
        return None


def inactivity_of(programmes: Sequence[Programme]) -> tuple[Inactivity, ...]:
    """Return the rules that the versions of a programme put into force, the oldest first, each once.

    A version that covers the past ends points only from when it was saved: nobody could have known it before.
    """
    starts = sorted({_starts_at(programme) for programme in programmes})
    rules: list[Inactivity] = []
    for since in starts:
        chosen = max((one for one in programmes if _starts_at(one) <= since), key=lambda one: one.version)
        months = chosen.expiry.months if chosen.expiry.basis is ExpiryBasis.INACTIVITY else None
        if months != (rules[-1].months if rules else None):
            rules.append(Inactivity(since, months, chosen.expiry.warn_days))
    return tuple(rules)


def _starts_at(programme: Programme) -> datetime:
    return max(moment for moment in (programme.effective_from, programme.saved_at, THE_BEGINNING) if moment)
