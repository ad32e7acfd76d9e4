from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import example, given
from hypothesis import strategies as st

from connector.domain.calendar import end_of_day, local_day, months_before, store_zone

# Zones that change their clocks at night, at midnight, by half an hour, and never.
zones = st.sampled_from(
    [
        *map(
            ZoneInfo,
            [
                "Europe/Berlin",
                "America/New_York",
                "Asia/Beirut",
                "America/Santiago",
                "Africa/Cairo",
                "Australia/Lord_Howe",
                "Asia/Taipei",
            ],
        ),
        store_zone("-09:30"),
    ]
)
days = st.dates(date(2000, 1, 1), date(2037, 12, 31))
moments = st.datetimes(datetime(2000, 1, 1), datetime(2037, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
ONE_SECOND = timedelta(seconds=1)


@given(days, zones)
@example(date(2025, 10, 25), ZoneInfo("Asia/Beirut"))
@example(date(2026, 4, 4), ZoneInfo("America/Santiago"))
@example(date(2026, 3, 29), ZoneInfo("Europe/Berlin"))
def test_the_second_after_the_end_of_a_day_is_the_next_day(day, zone):
    end = end_of_day(day, zone)

    assert local_day(end, zone) == day
    assert local_day(end + ONE_SECOND, zone) == day + timedelta(days=1)


@given(moments, zones)
def test_a_moment_lies_between_the_ends_of_the_day_before_and_its_own(moment, zone):
    day = local_day(moment, zone)

    assert end_of_day(day - timedelta(days=1), zone) < moment < end_of_day(day, zone) + ONE_SECOND


@given(moments, zones, zones)
def test_the_same_moment_is_the_same_day_whatever_zone_it_is_written_in(moment, zone, written_in):
    assert local_day(moment.astimezone(written_in), zone) == local_day(moment, zone)


@given(days, st.integers(0, 36))
def test_months_earlier_never_leaves_the_month_meant(day, months):
    before = months_before(day, months)

    assert (day.year - before.year) * 12 + day.month - before.month == months
    assert before.day == day.day or (before.day < day.day and (before + timedelta(days=1)).day == 1)


@given(days, days, st.integers(0, 36))
def test_months_earlier_keeps_days_in_order(one, other, months):
    if one <= other:
        assert months_before(one, months) <= months_before(other, months)
