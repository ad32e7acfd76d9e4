"""Telling the workers about work that is committed. Nothing depends on it: the sweeper offers what is owed."""

import logging

from connector.queueing import TakesOffers

_log = logging.getLogger(__name__)


def offer(queue: TakesOffers | None, work_id: int, job: str) -> None:
    """Offer committed work. Call it after the commit: a worker may be quicker than the end of a transaction."""
    if queue is not None and not queue.offer(work_id, job):
        _log.warning("the queue is out of reach; %s %d waits for the sweeper", job, work_id)
