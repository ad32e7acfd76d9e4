from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from connector.domain.calendar import end_of_day, from_epoch_day, local_day, months_before, store_zone

BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize("name", ["Europe/Berlin", "Asia/Taipei", "America/Argentina/Buenos_Aires", "UTC"])
def test_a_zone_is_known_by_its_iana_name(name):
    assert store_zone(name) == ZoneInfo(name)


@pytest.mark.parametrize(
    ("name", "hours"),
    [("+02:00", 2), ("-03:30", -3.5), ("+00:00", 0), ("-00:00", 0), ("+14:00", 14), ("+5", 5), ("-9", -9)],
)
def test_a_zone_may_be_a_bare_offset(name, hours):
    assert store_zone(name).utcoffset(None) == timedelta(hours=hours)


@pytest.mark.parametrize(
    "name",
    [
        *("", "Europe", "Atlantis/Poseidonis", "../../etc/passwd", "/etc/passwd", "Europe/Berlin\x00", "x" * 5_000),
        *("+", "-", "+25:00", "+02:60", "+2:5", "+99999999999999:00", "+1_0:00", "+ 2", "+٣:00"),
    ],
)
def test_what_is_no_zone_is_refused(name):
    with pytest.raises(ValueError, match="is not a time zone"):
        store_zone(name)


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "Europe/Berlin", date(2026, 11, 23)),
        (datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 11, 22)),
        (datetime(2026, 11, 22, 23, 30, tzinfo=UTC), "UTC", date(2026, 11, 22)),
        (datetime(2026, 11, 22, 2, 0, tzinfo=UTC), "America/New_York", date(2026, 11, 21)),
        (datetime(2026, 11, 22, 10, 30, tzinfo=UTC), "+14:00", date(2026, 11, 23)),
        # Summer time: midnight in Berlin is 22:00 in UTC, not 23:00.
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), "Europe/Berlin", date(2026, 7, 2)),
        (datetime(2026, 7, 1, 21, 59, 59, tzinfo=UTC), "Europe/Berlin", date(2026, 7, 1)),
    ],
)
def test_a_moment_belongs_to_the_day_on_the_stores_own_calendar(moment, zone, day):
    assert local_day(moment, store_zone(zone)) == day


@pytest.mark.parametrize(
    ("day", "end"),
    [
        (date(2026, 11, 22), datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC)),
        # The days on which the clocks change end in the time that is then in force.
        (date(2026, 3, 28), datetime(2026, 3, 28, 22, 59, 59, tzinfo=UTC)),
        (date(2026, 3, 29), datetime(2026, 3, 29, 21, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 24), datetime(2026, 10, 24, 21, 59, 59, tzinfo=UTC)),
        (date(2026, 10, 25), datetime(2026, 10, 25, 22, 59, 59, tzinfo=UTC)),
    ],
)
def test_a_day_ends_with_its_last_second_in_the_stores_own_time(day, end):
    assert end_of_day(day, BERLIN) == end


def test_a_day_whose_last_hour_comes_twice_ends_with_the_second_one():
    # Beirut sets its clocks back from midnight to 23:00.
    assert end_of_day(date(2025, 10, 25), ZoneInfo("Asia/Beirut")) == datetime(2025, 10, 25, 21, 59, 59, tzinfo=UTC)


def test_a_day_the_calendar_left_out_ends_with_the_day_before():
    # Samoa went from the 29th to the 31st of December 2011.
    samoa = ZoneInfo("Pacific/Apia")

    assert end_of_day(date(2011, 12, 30), samoa) == end_of_day(date(2011, 12, 29), samoa)


@pytest.mark.parametrize(
    ("day", "months", "before"),
    [
        (date(2026, 11, 22), 12, date(2025, 11, 22)),
        (date(2026, 11, 22), 0, date(2026, 11, 22)),
        (date(2026, 1, 31), 1, date(2025, 12, 31)),
        (date(2026, 3, 31), 1, date(2026, 2, 28)),
        (date(2024, 3, 31), 1, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)),
        (date(2024, 2, 29), 48, date(2020, 2, 29)),
        (date(2026, 12, 31), 6, date(2026, 6, 30)),
        (date(2026, 1, 1), 13, date(2024, 12, 1)),
    ],
)
def test_months_earlier_is_the_same_day_or_the_last_of_a_shorter_month(day, months, before):
    assert months_before(day, months) == before


@pytest.mark.parametrize(
    ("number", "day"), [(0, date(1970, 1, 1)), (-1, date(1969, 12, 31)), (20_779, date(2026, 11, 22))]
)
def test_epoch_days_count_from_the_first_of_january_1970(number, day):
    assert from_epoch_day(number) == day
