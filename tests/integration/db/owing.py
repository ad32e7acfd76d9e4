"""Work that is owed, as workers and the sweeper deal with it."""

from datetime import timedelta

from connector.db import unattended, work
from connector.db.session import transaction
from connector.queueing import JOB_KINDS

LEASE = timedelta(seconds=60)
AFTER_THE_LEASE = LEASE + timedelta(seconds=1)


def want(engine, store, clock, job="award", subject="7") -> int:
    with transaction(engine) as connection:
        return work.want(connection, store.id, job, subject, clock())


def claim(engine, work_id, clock, by="worker-1"):
    with transaction(engine) as connection:
        return work.claim(connection, work_id, by, clock(), LEASE)


def finish(engine, held, clock) -> bool:
    with transaction(engine) as connection:
        return work.finish(connection, held, clock())


def put_off(engine, held, clock, retry_after=None):
    with transaction(engine) as connection:
        return work.put_off(connection, held, clock(), "The store is slow.", retry_after)


def park(engine, held, clock) -> None:
    with transaction(engine) as connection:
        work.park(connection, held, clock(), "The store refused the key.")


def offer_due(engine, clock, limit=100, jobs=tuple(JOB_KINDS)) -> list[tuple[int, str]]:
    with transaction(engine) as connection:
        return unattended.offer_due(connection, clock(), limit, jobs)


def owed(engine, store) -> dict[str, int]:
    with transaction(engine) as connection:
        return work.owed(connection, store.id)
