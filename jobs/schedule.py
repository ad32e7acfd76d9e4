"""What runs when, as data. Two schedulers do no harm: a tick is taken by whoever changes its row first."""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from threading import Event
from typing import Final

from sqlalchemy import Connection, update

from connector.db import backfills, inbox, purchases, redemptions, standings, stores, unattended, work
from connector.db.session import StorageUnavailable, insert_into, reading, transaction
from connector.db.tables import ticks
from jobs.catalogue import lacking
from jobs.celebrate import is_due
from jobs.context import Context
from jobs.settle_due import any_due
from jobs.sweep import sweep

log = logging.getLogger(__name__)


def score_stores(context: Context) -> int:
    """Ask for scoring of every connected store whose own night has come and that was not scored today."""
    wanted: list[int] = []
    with transaction(context.engine) as connection:
        now = context.clock()
        for store in stores.every(connection):
            local = now.astimezone(store.zone)
            run = standings.latest_run(connection, store.id)
            scored_today = run is not None and run.as_of >= local.date()
            its_night = store.connected and local.time() >= _SCORE_FROM and not scored_today
            if its_night and backfills.is_complete(connection, store.id) and purchases.any_of(connection, store.id):
                wanted.append(work.want(connection, store.id, "score", "", now))
    for work_id in wanted:
        context.queue.offer(work_id, "score")
    return len(wanted)


_SCORE_FROM: Final = time(2, 30)


def settle_stores(context: Context) -> int:
    """Ask for settling of every connected store in which points mature, expire or follow a new programme by now."""
    with transaction(context.engine) as connection:
        now = context.clock()
        due = [s for s in stores.every(connection) if s.connected and any_due(connection, s.id, now)]
        wanted = [work.want(connection, store.id, "settle_due", "", now) for store in due]
    for work_id in wanted:
        context.queue.offer(work_id, "settle_due")
    return len(wanted)


def release_redemptions(context: Context) -> int:
    """Ask every connected store that has coupons made of points which expired unused to give the points back."""
    with transaction(context.engine) as connection:
        now = context.clock()
        due = redemptions.stores_with_expired(connection, now)
        wanted = [
            work.want(connection, store.id, "release", "", now)
            for store in stores.every(connection)
            if store.connected and store.id in due
        ]
    for work_id in wanted:
        context.queue.offer(work_id, "release")
    return len(wanted)


def look_up_products(context: Context) -> int:
    """Ask every connected store for products whose categories a rule is about and nobody has asked for."""
    # Apart, because looking for them takes a while in a large store, and deliveries would wait.
    with reading(context.engine) as connection:
        due = [s for s in stores.every(connection) if s.connected and lacking(connection, s.id, 1)]
    with transaction(context.engine) as connection:
        wanted = [work.want(connection, store.id, "catalogue", "", context.clock()) for store in due]
    for work_id in wanted:
        context.queue.offer(work_id, "catalogue")
    return len(wanted)


def celebrate_stores(context: Context) -> int:
    """Ask every connected store whose own day has begun to give what birthdays and anniversaries bring."""
    with transaction(context.engine) as connection:
        now = context.clock()
        due = [store for store in stores.every(connection) if store.connected and is_due(connection, store, now)]
        wanted = [work.want(connection, store.id, "celebrate", "", now) for store in due]
    for work_id in wanted:
        context.queue.offer(work_id, "celebrate")
    return len(wanted)


def try_parked(context: Context) -> int:
    """Let what waits for a person be tried again now and then; the sweep offers it."""
    with transaction(context.engine) as connection:
        return unattended.try_parked(connection, context.clock())


def forget_payloads(context: Context) -> int:
    """Forget what old deliveries carried, a thousand at a time, so that no new one waits for it."""
    with transaction(context.engine) as connection:
        return inbox.forget_payloads(connection, context.clock(), 1_000)


@dataclass(frozen=True, slots=True)
class Periodic:
    """Something that is done again after an interval."""

    name: str
    every: timedelta
    task: Callable[[Context], int]


SCHEDULE: Final = (
    Periodic("sweep", timedelta(seconds=5), sweep),
    Periodic("forget_payloads", timedelta(minutes=1), forget_payloads),
    Periodic("try_parked", timedelta(minutes=10), try_parked),
    Periodic("score_stores", timedelta(minutes=10), score_stores),
    Periodic("look_up_products", timedelta(minutes=10), look_up_products),
    Periodic("celebrate_stores", timedelta(minutes=10), celebrate_stores),
    Periodic("settle_stores", timedelta(minutes=10), settle_stores),
    Periodic("release_redemptions", timedelta(minutes=10), release_redemptions),
)


def run_due(context: Context) -> list[str]:
    """Run everything whose time has come; return the names of what ran."""
    ran = []
    for periodic in SCHEDULE:
        with transaction(context.engine) as connection:
            taken = _take(connection, periodic, context.clock())
        if taken:
            periodic.task(context)
            ran.append(periodic.name)
    return ran


def _take(connection: Connection, periodic: Periodic, now: datetime) -> bool:
    """Take a tick: only one of several schedulers succeeds."""
    made = connection.execute(
        insert_into(connection, ticks)
        .values(name=periodic.name, last_at=now)
        .on_conflict_do_nothing(index_elements=[ticks.c.name])
        .returning(ticks.c.name)
    )
    if made.first() is not None:
        return True
    moved = connection.execute(
        update(ticks)
        .where(ticks.c.name == periodic.name, ticks.c.last_at <= now - periodic.every)
        .values(last_at=now)
    )
    return moved.rowcount == 1


def run_scheduler(context: Context, stop: Event) -> None:
    """Run the schedule until ``stop`` is set. A database that is away is waited for."""
    while not stop.is_set():
        try:
            run_due(context)
        except StorageUnavailable:
            log.warning("the scheduler waits for the database")
        stop.wait(1)
