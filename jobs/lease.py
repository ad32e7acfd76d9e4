"""The lease on work: renewed while the worker lives, so that silence means that it died."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from threading import Event, Thread

from connector.db import work
from connector.db.session import StorageUnavailable, transaction
from connector.db.work import Claim, ClaimLost
from jobs.context import Context

log = logging.getLogger(__name__)


@contextmanager
def kept_alive(context: Context, claim: Claim, lease: timedelta) -> Iterator[None]:
    """Renew the claim every quarter of its lease for as long as the block runs.

    Nothing depends on it for correctness: whoever finishes work without holding it any more is rolled back.
    """
    ended = Event()
    heart = Thread(target=_beat, args=(context, claim, lease, ended), name=f"lease of work {claim.id}", daemon=True)
    heart.start()
    try:
        yield
    finally:
        ended.set()
        heart.join()


def _beat(context: Context, claim: Claim, lease: timedelta, ended: Event) -> None:
    while not ended.wait(lease.total_seconds() / 4):
        try:
            with transaction(context.engine) as connection:
                work.renew(connection, claim, context.clock(), lease)
        except ClaimLost:
            return
        except StorageUnavailable:
            log.warning("the lease of %s could not be renewed just now", claim.job)
