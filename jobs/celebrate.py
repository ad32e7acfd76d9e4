"""Celebrate: points for birthdays and for anniversaries of registration, on the store's own day and once a year.

Also for those who have signed up and were never heard of since. What was given is seen in the lots, so that a run
that dies is taken up without giving anything twice; days on which nothing ran are made up for.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from connector.db import accounts, bonus_facts, customers, lots, programmes, stores, ticks, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.work import Claim
from connector.domain.bonuses import YEARLY, Bonus, BonusKind, are_set, celebrated, yearly
from connector.domain.calendar import first_moment_after, first_moment_of, local_day
from connector.domain.programme import Programme
from connector.domain.programme.versions import in_force_when
from connector.queueing import LEASE
from jobs import bonuses, standing
from jobs.context import Context

_CHUNK: Final = 200
_KINDS: Final = (*YEARLY, BonusKind.SIGN_UP)
# A store that was away for longer has other troubles than missed birthdays.
_LONGEST_GAP: Final = timedelta(days=31)


def run(context: Context, claim: Claim) -> None:
    """Give what the store's days since the last run are celebrated with, up to today. Raises StorageUnavailable."""
    with reading(context.engine) as connection:
        now = context.clock()
        store = stores.by_id(connection, claim.store_id)
        versions = programmes.every(connection, store.id)
        days = _days(connection, store, now)
    for day in days:
        for kind in YEARLY:
            _celebrate(context, claim, store, versions, kind, day)
    _welcome(context, claim, store, versions)
    wanted: dict[str, int] = {}
    with transaction(context.engine) as connection:
        ticks.note(connection, _name(store.id), now)
        if work.finish(connection, claim, context.clock()):
            wanted["celebrate"] = claim.id
    context.offer(wanted)


def is_due(connection: Connection, store: Store, now: datetime) -> bool:
    """Say whether a day of the store has begun on which nobody has looked for somebody to celebrate."""
    return are_set(programmes.every(connection, store.id), *_KINDS) and bool(_days(connection, store, now))


def _name(store_id: int) -> str:
    return f"celebrate {store_id}"


def _days(connection: Connection, store: Store, now: datetime) -> list[date]:
    """Return the store's days that are still to be celebrated; the first time only today."""
    today = local_day(now, store.zone)
    last = ticks.last(connection, _name(store.id))
    done = local_day(last, store.zone) if last is not None else today - timedelta(days=1)
    begin = max(done, today - _LONGEST_GAP)
    return [begin + timedelta(days=number) for number in range(1, (today - begin).days + 1)]


def _celebrate(
    context: Context, claim: Claim, store: Store, versions: Sequence[Programme], kind: BonusKind, day: date
) -> None:
    """Give everybody whose day it is what the programme gives for it."""
    begins_at = first_moment_of(day, store.zone)
    if yearly(kind, 0, day, begins_at, versions) is None:
        return
    with reading(context.engine) as connection:
        if kind is BonusKind.BIRTHDAY:
            whose = bonus_facts.born_on(connection, store.id, celebrated(day))
        else:
            whose = bonus_facts.registered_within(connection, store.id, _earlier(store, day))
    for chunk in _chunks(whose):
        found = (yearly(kind, customer_id, day, begins_at, versions) for customer_id in chunk)
        _give(context, claim, store, versions, [bonus for bonus in found if bonus is not None])


def _earlier(store: Store, day: date) -> list[tuple[datetime, datetime]]:
    """Return the days of earlier years that are celebrated on a day, each as first moment and first one after it."""
    periods = []
    for year in range(_FIRST_YEAR, day.year):
        for month, number in celebrated(day):
            if (month, number) == (2, 29) and not _is_leap(year):
                continue
            then = date(year, month, number)
            begin = first_moment_of(then, store.zone)
            periods.append((begin, first_moment_after(then, store.zone)))
    return periods


# WordPress is of 2003.
_FIRST_YEAR: Final = 2003


def _is_leap(year: int) -> bool:
    return (date(year, 2, 28) + timedelta(days=1)).month == 2


def _give(
    context: Context, claim: Claim, store: Store, versions: Sequence[Programme], given: Sequence[Bonus]
) -> None:
    """Store these bonuses but for those that were given already, which stay as they were."""
    wanted: dict[str, int] = {}
    ids = sorted({bonus.customer_id for bonus in given})
    with transaction(context.engine) as connection:
        now = context.clock()
        customers.lock(connection, store.id, ids)
        there = lots.by_source(connection, store.id, [bonus.source for bonus in given])
        new = [bonus for bonus in given if bonus.source not in there]
        changed = bonuses.keep(connection, store, versions, bonuses.lots_of(connection, store, new, ids))
        wanted = _settle(connection, store, versions, changed, now)
        work.renew(connection, claim, now, LEASE)
    context.offer(wanted)
    context.give_way()


def _welcome(context: Context, claim: Claim, store: Store, versions: Sequence[Programme]) -> None:
    """Give users whom nothing else has brought up what they have for signing up."""
    periods = in_force_when(versions, lambda one: one.bonuses.sign_up > 0)
    if not periods:
        return
    after = 0
    while True:
        with transaction(context.engine) as connection:
            now = context.clock()
            users = bonus_facts.without_sign_up(connection, store.id, periods, after, _CHUNK)
            customers.lock(connection, store.id, users)
            changed = bonuses.bring(connection, store, versions, set(users))
            wanted = _settle(connection, store, versions, changed, now)
            work.renew(connection, claim, now, LEASE)
        context.offer(wanted)
        if len(users) < _CHUNK:
            return
        after = users[-1]
        context.give_way()


def _settle(
    connection: Connection, store: Store, versions: Sequence[Programme], changed: Collection[int], now: datetime
) -> dict[str, int]:
    """Settle locked customers and what follows; return the work that is wanted for it."""
    if not changed:
        return {}
    accounts.settle(connection, store, versions, changed, now)
    if standing.refresh(connection, store, sorted(changed), now):
        return {"write_back": work.want(connection, store.id, "write_back", "", now)}
    return {}


def _chunks(customer_ids: Sequence[int]) -> Iterable[Sequence[int]]:
    return (customer_ids[start : start + _CHUNK] for start in range(0, len(customer_ids), _CHUNK))
