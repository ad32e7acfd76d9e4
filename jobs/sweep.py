"""Sweep: put work on the queue that is committed and not done, whatever became of the queue's own memory."""

from redis.exceptions import RedisError

from connector.db import unattended
from connector.db.session import transaction
from connector.queueing import JOB_KINDS
from jobs.context import Context

# Each queue is topped up to this: enough to keep workers busy, too little to drown them in repetitions.
_FULL = 500


def sweep(context: Context) -> int:
    """Offer due work to its queue, as far as that has room; return how many ids. With Redis down, none."""
    try:
        waiting = context.queue.lengths()
    except RedisError:
        return 0
    offered = 0
    for name, number in waiting.items():
        if number >= _FULL:
            continue
        jobs = [job for job, kind in JOB_KINDS.items() if kind.queue == name]
        with transaction(context.engine) as connection:
            due = unattended.offer_due(connection, context.clock(), _FULL - number, jobs)
        offered += sum(context.queue.offer(work_id, job) for work_id, job in due)
    return offered
