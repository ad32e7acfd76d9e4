"""The one way to the queue: which queue a job waits on, how long it may take, and how its id gets there."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Protocol

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue
from rq.serializers import JSONSerializer

SWIFT: Final = "swift"
BULK: Final = "bulk"
PERFORM: Final = "jobs.worker.perform"


# How long a worker may be silent before its job is another's.
LEASE: Final = timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class JobKind:
    """Which queue a job waits on; ``timeout``: when RQ stops it."""

    queue: str
    timeout: timedelta = timedelta(minutes=5)


JOB_KINDS: Final = {
    "ingest": JobKind(SWIFT),
    "award": JobKind(SWIFT),
    "release": JobKind(SWIFT),
    "write_back": JobKind(SWIFT),
    "backfill": JobKind(BULK),
    "catalogue": JobKind(BULK),
    "celebrate": JobKind(BULK, timeout=timedelta(minutes=30)),
    "settle_due": JobKind(BULK),
    "issue": JobKind(BULK),
    "recount": JobKind(BULK, timeout=timedelta(minutes=30)),
    "report": JobKind(BULK, timeout=timedelta(minutes=30)),
    "score": JobKind(BULK, timeout=timedelta(minutes=30)),
    "simulate": JobKind(BULK, timeout=timedelta(minutes=30)),
}


def connect_redis(url: str) -> Redis:
    """Return a client that answers or fails at once: nobody waits for the queue, the sweeper catches up."""
    return Redis.from_url(url, retry=Retry(NoBackoff(), 0), socket_connect_timeout=1, socket_timeout=2)


class TakesOffers(Protocol):
    """Carries ids of work to workers."""

    def offer(self, work_id: int, job: str) -> bool:
        """Put one id on the queue of its job; return False where the queue is out of reach."""
        ...

    def lengths(self) -> dict[str, int]:
        """Return how many ids wait on each queue. Raises RedisError where Redis is out of reach."""
        ...


class WorkQueue:
    """Puts ids of work on the queue. Losing one is harmless: the sweeper offers it again."""

    def __init__(self, redis: Redis) -> None:
        """Take a client from `connect_redis`, or any other."""
        self._queues = {name: Queue(name, connection=redis, serializer=JSONSerializer) for name in (SWIFT, BULK)}

    def offer(self, work_id: int, job: str) -> bool:
        """Put one id on the queue of its job; return False where Redis is out of reach."""
        kind = JOB_KINDS[job]
        try:
            self._queues[kind.queue].enqueue(
                PERFORM,
                work_id,
                job_timeout=int(kind.timeout.total_seconds()),
                result_ttl=0,
                failure_ttl=3600,
                description=f"{job} {work_id}",
            )
        except RedisError:
            return False
        return True

    def lengths(self) -> dict[str, int]:
        """Return how many ids wait on each queue. Raises RedisError where Redis is out of reach."""
        return {name: queue.count for name, queue in self._queues.items()}


class NoQueue:
    """For a process without Redis: nothing is put anywhere, and the sweeper offers what is owed."""

    def offer(self, work_id: int, job: str) -> bool:
        """Say that the queue is out of reach."""
        return False

    def lengths(self) -> dict[str, int]:
        """Nothing waits here."""
        return {SWIFT: 0, BULK: 0}
