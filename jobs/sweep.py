"""Sweep: put work on the queue that is committed and not done, whatever became of the queue's own memory."""

from redis.exceptions import RedisError

from connector.db import work
from connector.db.session import transaction
from jobs.context import Context

# The queue is topped up to this: enough to keep workers busy, too little to drown them in repetitions.
_FULL = 500


def sweep(context: Context) -> int:
    """Offer due work to the queue, as far as it has room; return how many ids. With Redis down, none."""
    try:
        room = _FULL - context.queue.length()
    except RedisError:
        return 0
    if room <= 0:
        return 0
    with transaction(context.engine) as connection:
        due = work.offer_due(connection, context.clock(), room)
    return sum(context.queue.offer(work_id, job) for work_id, job in due)
