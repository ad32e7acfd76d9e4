"""What every job is handed: the database, the vault, the queue, the clock and a way to a store."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Engine

from connector.db import stores
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.db.vault import Vault
from connector.queueing import TakesOffers
from connector.shop.client import ShopClient


@dataclass(frozen=True, slots=True)
class Context:
    """One process's dependencies. ``clock`` gives aware UTC; ``open_shop`` makes a client from address and key."""

    engine: Engine
    vault: Vault
    queue: TakesOffers
    clock: Callable[[], datetime]
    open_shop: Callable[[str, str, str], ShopClient] = ShopClient
    pause: Callable[[float], None] = time.sleep

    @contextmanager
    def shop(self, store: Store) -> Iterator[ShopClient]:
        """Open the store's REST API; what is learned of it is kept: requests made, and how much it takes at once."""
        with reading(self.engine) as connection:
            key, secret = stores.credentials(connection, store.id, self.vault)
        client = self.open_shop(store.rest_url, key, secret)
        client.batch_size = store.batch_size
        try:
            yield client
        finally:
            client.close()
            with transaction(self.engine) as connection:
                stores.note_requests(connection, store.id, client.requests_made)
                stores.note_batch_size(connection, store, client.next_batch_size)

    def give_way(self) -> None:
        """Let other writers in between the short transactions of a long job.

        Whoever waits for SQLite's lock looks for it ten times a second, and would not find it free for once.
        """
        if self.engine.dialect.name == "sqlite":
            self.pause(0.11)

    def offer(self, wanted: dict[str, int]) -> None:
        """Put work on the queue by job name and id. Call it after the commit that wants the work."""
        for job, work_id in wanted.items():
            self.queue.offer(work_id, job)


# A step of a long job gives its place to others after this long.
STEP = timedelta(seconds=20)
