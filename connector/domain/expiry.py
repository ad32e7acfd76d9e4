"""When points end by age."""

from datetime import datetime, tzinfo

from connector.domain.calendar import first_moment_after, local_day, months_after
from connector.domain.programme.points import ExpiryBasis, ExpiryRules


def expiry_of(earned_at: datetime, rules: ExpiryRules, zone: tzinfo) -> datetime | None:
    """Return the first moment after the last day of points earned at a time, or None where age does not end them.

    The last day is the store's day ``months`` later, or that month's last where it is shorter.
    """
    if rules.basis is not ExpiryBasis.EARNED:
        return None
    return first_moment_after(months_after(local_day(earned_at, zone), rules.months), zone)
