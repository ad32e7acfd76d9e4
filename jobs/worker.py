"""The worker: takes ids of work from the queue, claims them in the database and does them."""

import logging
import secrets
import traceback
from collections.abc import Callable
from datetime import timedelta
from functools import lru_cache
from typing import Final

from redis import Redis
from rq import Worker
from rq.serializers import JSONSerializer
from sqlalchemy.exc import IntegrityError

from connector.clock import utc_now
from connector.db import work
from connector.db.session import StorageContended, StorageUnavailable, open_engine, transaction
from connector.db.vault import open_vault
from connector.db.work import Claim, ClaimLost
from connector.domain.troubles import say
from connector.queueing import BULK, LEASE, SWIFT, WorkQueue, connect_redis
from connector.settings import Settings, load_settings
from connector.shop.errors import ShopError, ShopUnavailable
from jobs import (
    award,
    backfill,
    catalogue,
    celebrate,
    ingest,
    issue,
    recount,
    release,
    report,
    score,
    settle_due,
    simulate,
    write_back,
)
from jobs.context import Context
from jobs.lease import kept_alive

log = logging.getLogger(__name__)

HANDLERS: Final[dict[str, Callable[[Context, Claim], None]]] = {
    "ingest": ingest.run,
    "award": award.run,
    "release": release.run,
    "backfill": backfill.run,
    "catalogue": catalogue.run,
    "celebrate": celebrate.run,
    "issue": issue.run,
    "recount": recount.run,
    "report": report.run,
    "score": score.run,
    "simulate": simulate.run,
    "settle_due": settle_due.run,
    "write_back": write_back.run,
}


class JobFailed(Exception):
    """A job ended with an error that was not foreseen. The message is the name of its class."""


def perform(work_id: int) -> None:
    """Do one piece of work in this process. This is the function the queue names.

    Raises JobFailed with the kind of error only: the queue logs and keeps what it is told, and a database's own
    message may quote people's addresses.
    """
    try:
        perform_in(_context(), work_id)
    except Exception as error:  # noqa: BLE001 - raised again, without its words
        frames = "".join(traceback.format_tb(error.__traceback__))
        log.error("work %d ended with %s at\n%s", work_id, type(error).__name__, frames)
        raise JobFailed(type(error).__name__) from None


def perform_in(context: Context, work_id: int) -> bool:
    """Claim a piece of work and do it; return whether it was this call that did it.

    A failure that may pass puts the work off; one that needs a person parks it, with its sentence for the owner.
    Anything unforeseen puts it off as well and is raised, so that it is seen. Work of a disconnected store
    waits until it pairs again: no reading of its history would bring back what was stored and not yet followed.
    """
    claim = _claim(context, work_id)
    if claim is None:
        return False
    if claim.taken_over and claim.attempts >= _SILENCES:
        _put_off(context, claim, say("job_interrupted", job=claim.job, number=claim.attempts))
        return False
    try:
        return _do(context, claim)
    except ClaimLost:
        log.warning("%s of store %d is another worker's now", claim.job, claim.store_id)
        return False


def _claim(context: Context, work_id: int) -> Claim | None:
    """Claim a piece of work, where our clock is a little behind as soon as it is due by that."""
    with transaction(context.engine) as connection:
        now = context.clock()
        claim = work.claim(connection, work_id, secrets.token_hex(8), now, LEASE)
        early = None if claim else work.due_in(connection, work_id, now)
    if early is None:
        return claim
    context.pause(early.total_seconds())
    with transaction(context.engine) as connection:
        return work.claim(connection, work_id, secrets.token_hex(8), context.clock(), LEASE)


def _do(context: Context, claim: Claim) -> bool:
    """Do claimed work; return whether it was done. Raises ClaimLost, also where a failure is told too late."""
    try:
        with kept_alive(context, claim, LEASE):
            HANDLERS[claim.job](context, claim)
    except ClaimLost:
        raise
    except ShopUnavailable as error:
        # A store that answers is not kept waiting for an hour: it may be one change that it cannot take.
        longest = _SOON if error.reason == "server_error" else work.LONGEST_DELAY
        _put_off(context, claim, str(error), error.retry_after, longest)
        return False
    except ShopError as error:
        _park(context, claim, str(error))
        return False
    except StorageContended:
        _again(context, claim)
        return False
    except StorageUnavailable:
        log.warning("%s of store %d waits for the database", claim.job, claim.store_id)
        raise
    except Exception as error:
        if isinstance(error, IntegrityError) and claim.attempts < _LOST_RACES:
            _again(context, claim)
            return False
        _put_off(context, claim, say("job_failed", job=claim.job, kind=type(error).__name__))
        raise
    return True


# Work whose workers keep dying may be what kills them; then it must not have all of them, one after the other.
_SILENCES: Final = 5

# Two workers may store the same order or posting first; more often than this it is no race.
_LOST_RACES: Final = 5

_SOON: Final = timedelta(minutes=5)


def _put_off(
    context: Context,
    claim: Claim,
    sentence: str,
    retry_after: float | None = None,
    longest: timedelta = work.LONGEST_DELAY,
) -> None:
    with transaction(context.engine) as connection:
        due_at = work.put_off(connection, claim, context.clock(), sentence, retry_after, longest)
    log.warning("%s of store %d put off until %s: %s", claim.job, claim.store_id, due_at.isoformat(), sentence)


def _again(context: Context, claim: Claim) -> None:
    """Do the work again soon, on what another worker left who was first. Nothing the owner needs to know."""
    with transaction(context.engine) as connection:
        work.put_off(connection, claim, context.clock(), None, longest=_SOON)
    log.warning("%s of store %d lost a race and is done again", claim.job, claim.store_id)


def _park(context: Context, claim: Claim, sentence: str) -> None:
    with transaction(context.engine) as connection:
        work.park(connection, claim, context.clock(), sentence)
    log.error("%s of store %d needs a person: %s", claim.job, claim.store_id, sentence)


def make_context(settings: Settings, redis_url: str) -> Context:
    """Return the dependencies of a process that does work."""
    return Context(
        engine=open_engine(settings.database_url),
        vault=open_vault(settings.secret_key, settings.secret_key_file),
        queue=WorkQueue(connect_redis(redis_url)),
        clock=utc_now,
    )


@lru_cache(maxsize=1)
def _context() -> Context:
    """Return this process's own dependencies: RQ forks for every job, and connections must not cross a fork."""
    settings = load_settings()
    if settings.redis_url is None:
        raise RuntimeError("a worker needs REDIS_URL; `regulars up` and `regulars worker` set it")
    return make_context(settings, settings.redis_url)


def run_worker(redis_url: str, *, burst: bool = False) -> None:
    """Work until told to stop (SIGTERM: after the job at hand). ``burst``: until the queues are empty."""
    worker = Worker(
        [SWIFT, BULK],
        connection=Redis.from_url(redis_url),
        serializer=JSONSerializer,
        worker_ttl=30,
        maintenance_interval=10,
    )
    worker.work(burst=burst, logging_level="WARNING")
