"""An account played back is what a day-by-day walk through the same facts ends in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.account import Inactivity, Spend, WriteOff, replay
from connector.domain.calendar import store_zone
from connector.domain.lots import Lot
from tests.property.walk import Walk

zones = st.sampled_from(
    [ZoneInfo("Europe/Berlin"), ZoneInfo("America/Santiago"), ZoneInfo("Asia/Taipei"), store_zone("-09:30")]
)
START = datetime(2026, 2, 27, 20, tzinfo=UTC)
# Hours, so that things often happen together; a hundred days of them.
hours = st.integers(0, 24 * 100).map(lambda hour: START + timedelta(hours=hour))
spans = st.sampled_from([0, 0, 1, 24, 24 * 14, 24 * 45]).map(lambda hour: timedelta(hours=hour))
points = st.integers(0, 120)


@st.composite
def many_lots(draw) -> list[Lot]:
    found = []
    for number in range(draw(st.integers(0, 6))):
        earned_at = draw(hours)
        ends = draw(st.none() | spans)
        received_at = earned_at + draw(spans) if draw(st.booleans()) else None
        found.append(
            Lot(
                draw(st.sampled_from(["order", "bonus"])) + f":{number}",
                draw(points),
                earned_at,
                received_at or earned_at + draw(spans),
                None if ends is None else earned_at + ends,
                received_at,
            )
        )
    return found


many_spends = st.lists(st.tuples(points, hours), max_size=5).map(
    lambda drawn: [Spend(f"redemption:{number}", *one) for number, one in enumerate(drawn)]
)
many_write_offs = st.lists(st.tuples(st.integers(1, 80), hours), max_size=2).map(
    lambda drawn: [WriteOff(number, *one) for number, one in enumerate(drawn)]
)
many_rules = st.lists(
    st.tuples(hours, st.none() | st.integers(1, 3), st.sampled_from([0, 7, 30])), max_size=3, unique_by=lambda r: r[0]
).map(lambda drawn: [Inactivity(*one) for one in sorted(drawn, key=lambda rule: rule[0])])


def every_hour_until(now: datetime) -> Iterator[datetime]:
    hour = START
    while hour <= now:
        yield hour
        hour += timedelta(hours=1)


facts = {"lots": many_lots(), "spends": many_spends, "write_offs": many_write_offs, "rules": many_rules}


@settings(max_examples=200)
@given(**facts, zone=zones, now=hours)
def test_the_account_is_where_a_walk_through_every_hour_ends(lots, spends, write_offs, rules, zone, now):
    spends = [spend for spend in spends if spend.at <= now]
    write_offs = [one for one in write_offs if one.at <= now]
    walked = Walk(lots, spends, write_offs, rules, zone).through(every_hour_until(now))

    state = replay(lots, spends, write_offs, rules, now, zone)

    assert {source: lot.spent for source, lot in state.lots.items()} == walked.spent
    assert {source: lot.expired for source, lot in state.lots.items()} == walked.expired
    assert {source for source, lot in state.lots.items() if lot.matured} == walked.matured
    assert (state.debt, dict(state.written_off)) == (walked.debt, walked.forgiven)


@given(**facts, zone=zones, now=hours)
def test_nothing_changes_before_the_moment_that_is_told_and_something_then(
    lots, spends, write_offs, rules, zone, now
):
    state = replay(lots, spends, write_offs, rules, now, zone)
    # Facts dated later than now count as of now; they have to stay where they are when the clock moves on.
    spends = [Spend(one.source, one.points, min(one.at, now)) for one in spends]
    write_offs = [WriteOff(one.id, one.points, min(one.at, now)) for one in write_offs]

    def held(moment: datetime):
        lived = replay(lots, spends, write_offs, rules, moment, zone)
        return lived.debt, {source: lot for source, lot in lived.lots.items() if lot.points}

    later = state.next_change_at or now + timedelta(days=9_999)
    assert now < later
    assert held(later - timedelta(microseconds=1)) == held(now)
    assert (held(later) != held(now)) == (state.next_change_at is not None)


@given(**facts, zone=zones, now=hours)
def test_what_expires_next_is_told_to_the_point(lots, spends, write_offs, rules, zone, now):
    spends = [Spend(one.source, one.points, min(one.at, now)) for one in spends]
    write_offs = [WriteOff(one.id, one.points, min(one.at, now)) for one in write_offs]

    def expired(moment: datetime) -> int:
        return sum(lot.expired for lot in replay(lots, spends, write_offs, rules, moment, zone).lots.values())

    state = replay(lots, spends, write_offs, rules, now, zone)
    ends_at = state.expiring_at or now + timedelta(days=9_999)
    assert expired(ends_at - timedelta(microseconds=1)) == expired(now)
    assert expired(ends_at) - expired(now) == state.expiring
    assert (state.expiring > 0) == (state.expiring_at is not None)


@given(**facts, zone=zones, now=hours, data=st.data())
def test_facts_may_come_in_any_order(lots, spends, write_offs, rules, zone, now, data):
    shuffled = [data.draw(st.permutations(one)) for one in (lots, spends, write_offs)]

    assert replay(*shuffled, rules, now, zone) == replay(lots, spends, write_offs, rules, now, zone)


@given(**facts, zone=zones, now=hours)
def test_no_lot_is_overspent_and_every_point_is_somewhere(lots, spends, write_offs, rules, zone, now):
    state = replay(lots, spends, write_offs, rules, now, zone)

    assert all(lot.spent >= 0 and lot.expired >= 0 for lot in state.lots.values())
    assert all(lot.points == lot.pending + lot.remaining + lot.spent + lot.expired for lot in state.lots.values())
    assert state.debt == 0 or not any(lot.remaining for lot in state.lots.values())
    taken, covered = sum(one.points for one in spends), sum(lot.spent for lot in state.lots.values())
    assert taken == covered + state.debt + sum(state.written_off.values())
