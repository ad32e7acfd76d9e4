from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from connector.domain.expiry import expiry_of
from connector.domain.programme.points import ExpiryBasis, ExpiryRules

BERLIN, AUCKLAND = ZoneInfo("Europe/Berlin"), ZoneInfo("Pacific/Auckland")
AFTER_EARNING = ExpiryRules(ExpiryBasis.EARNED, 3)


@pytest.mark.parametrize("basis", [ExpiryBasis.NEVER, ExpiryBasis.INACTIVITY])
def test_age_ends_points_only_where_the_programme_says_so(basis):
    assert expiry_of(datetime(2026, 1, 10, tzinfo=UTC), ExpiryRules(basis, 3), BERLIN) is None


@pytest.mark.parametrize(
    ("earned_at", "zone", "ends_at"),
    [
        # Winter to summer time: the store's midnight is an hour earlier in UTC.
        (datetime(2026, 1, 10, 12, tzinfo=UTC), BERLIN, datetime(2026, 4, 10, 22, tzinfo=UTC)),
        (datetime(2026, 8, 10, 12, tzinfo=UTC), BERLIN, datetime(2026, 11, 10, 23, tzinfo=UTC)),
        # Just before and just after the store's midnight.
        (datetime(2026, 1, 10, 22, 59, tzinfo=UTC), BERLIN, datetime(2026, 4, 10, 22, tzinfo=UTC)),
        (datetime(2026, 1, 10, 23, 0, tzinfo=UTC), BERLIN, datetime(2026, 4, 11, 22, tzinfo=UTC)),
        # It is tomorrow already at the other end of the world.
        (datetime(2026, 1, 10, 12, tzinfo=UTC), AUCKLAND, datetime(2026, 4, 11, 12, tzinfo=UTC)),
        # The thirtieth of November has no counterpart in February.
        (datetime(2026, 11, 30, 12, tzinfo=UTC), BERLIN, datetime(2027, 2, 28, 23, tzinfo=UTC)),
    ],
)
def test_points_end_with_the_stores_day(earned_at, zone, ends_at):
    assert expiry_of(earned_at, AFTER_EARNING, zone) == ends_at
