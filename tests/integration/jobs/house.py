"""A connector in this process: the real jobs on the real database, one after another, on a clock that tests move."""

from __future__ import annotations

import json
from collections import Counter, deque
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from requests.auth import HTTPBasicAuth
from sqlalchemy import Engine, select, text, update

from connector.db import backfills, inbox, programmes, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Connecting, Store
from connector.db.tables import programmes as programmes_table
from connector.db.tables import work as work_table
from connector.db.vault import Vault
from connector.domain.programme import Programme
from connector.domain.programme.document import to_document
from connector.domain.programme.offers import Governor
from connector.queueing import BULK, JOB_KINDS, SWIFT
from connector.shop.client import RetryPolicy, ShopClient
from jobs.context import Context
from jobs.sweep import sweep
from jobs.worker import perform_in
from tests.clock import Clock
from tests.integration.jobs.snapshot import Person, ledger_is_sound, snapshot
from tests.sample_shop import SampleShop
from tests.sample_shop.plugin import Delivery


class ListedQueue:
    """Stands where Redis stands: takes ids, and may forget them all."""

    def __init__(self) -> None:
        self.waiting: deque[tuple[int, str]] = deque()

    def offer(self, work_id: int, job: str) -> bool:
        self.waiting.append((work_id, job))
        return True

    def lengths(self) -> dict[str, int]:
        found = Counter(JOB_KINDS[job].queue for _, job in self.waiting)
        return {name: found[name] for name in (SWIFT, BULK)}


class House:
    """The connector's jobs without its processes. ``done`` names the jobs that were done, in their order."""

    def __init__(self, engine: Engine, vault: Vault, clock: Clock) -> None:
        self.engine, self.vault, self.clock = engine, vault, clock
        # How many seconds a store may say nothing.
        self.silence = 10.0
        self.queue = ListedQueue()
        self.done: list[str] = []
        self.pauses: list[float] = []
        self.context = Context(engine, vault, self.queue, clock, self.open_shop)  # type: ignore[arg-type]

    def open_shop(self, rest_url: str, key: str, secret: str) -> ShopClient:
        """A client that pauses in name only, and lives on our clock (so OAuth, which reads the real one, is out)."""
        retry = RetryPolicy(pause=self.pauses.append)
        client = ShopClient(rest_url, key, secret, timeout=(3.0, self.silence), retry=retry, clock=self.clock)
        client._auth = HTTPBasicAuth(key, secret)
        return client

    def pair(self, shop: SampleShop, number: int = 1, **changed: Any) -> Store:
        """Connect a sample shop. Its deliveries are made at once and kept by the shop (``shop.plugin.sent``)."""
        given: dict[str, Any] = {
            "public_id": f"st_shop{number}",
            "site_url": shop.url or f"https://shop{number}.example",
            "rest_url": shop.rest_url,
            "consumer_key": shop.consumer_key,
            "consumer_secret": shop.consumer_secret,
            "signing_secret": f"whsec_{number:0>32}",
            "currency": shop.currency,
            "timezone": shop.timezone,
            "versions": {},
            **changed,
        }
        with transaction(self.engine) as connection:
            store = stores.connect(connection, Connecting(**given), self.vault, self.clock())
            # Who is held out is drawn: the tests that are not about it do without.
            programme = Programme(governor=Governor(hold_out_percent=Decimal(0)))
            connection.execute(
                update(programmes_table)
                .where(programmes_table.c.store_id == store.id, programmes_table.c.version == 1)
                .values(document=to_document(programme))
            )
        record_deliveries(shop, store.public_id, given["signing_secret"])
        return store

    def decide(
        self, store: Store, wanted: Programme | None = None, *, since: datetime | None = None, **changes: Any
    ) -> Programme:
        """Save a programme, or the newest with some of it changed; without ``since`` it covers the past too."""
        with transaction(self.engine) as connection:
            latest = programmes.latest(connection, store.id)
            decided = replace(wanted or latest, **changes)
            return programmes.save(connection, store.id, decided, latest.version, since, self.clock())

    def history_is_read(self, store: Store) -> None:
        """Say that a backfill was done, for stores whose whole history is delivered."""
        with transaction(self.engine) as connection:
            started = backfills.start(connection, store.id, self.clock())
            backfills.checkpoint(connection, store.id, started, self.clock(), state=backfills.DONE, phase="done")

    def want(self, store: Store, job: str, subject: str = "") -> int:
        """Ask for a job, as the web and the command line do."""
        with transaction(self.engine) as connection:
            work_id = work.want(connection, store.id, job, subject, self.clock())
        self.queue.offer(work_id, job)
        return work_id

    def backfill(self, store: Store) -> None:
        """Start reading the store's history."""
        with transaction(self.engine) as connection:
            backfills.start(connection, store.id, self.clock())
        self.want(store, "backfill")

    def deliver(self, store: Store, deliveries: Iterable[Delivery]) -> None:
        """Keep deliveries in the inbox with the work they cause, as the web does before it answers 202."""
        for delivery in deliveries:
            body = json.loads(delivery.body)
            resource = body["type"].partition(".")[0]
            self._keep(
                store,
                inbox.Delivery(
                    delivery_id=delivery.message_id,
                    source="plugin",
                    topic=body["type"],
                    resource=resource,
                    wc_id=body["data"]["id"],
                    observed_at=datetime.fromisoformat(body["observed_at"]),
                    payload=body["data"],
                ),
            )

    def hear(self, store: Store, shop: SampleShop) -> None:
        """Deliver what happened in a shop since the last time."""
        self.deliver(store, shop.plugin.sent)
        shop.plugin.sent.clear()

    def hint(self, store: Store, topic: str, wc_id: int, delivery_id: str) -> None:
        """Keep a native webhook: it says where to look, and nothing more."""
        resource = topic.partition(".")[0]
        self._keep(store, inbox.Delivery(delivery_id, "native", topic, resource, wc_id, self.clock(), {}))

    def _keep(self, store: Store, delivery: inbox.Delivery) -> None:
        with transaction(self.engine) as connection:
            if inbox.keep(connection, store.id, delivery, self.clock()) is None:
                return
            subject = f"{delivery.resource}:{delivery.wc_id}"
            work_id = work.want(connection, store.id, "ingest", subject, self.clock())
        self.queue.offer(work_id, "ingest")

    def step(self) -> bool:
        """Do the next job of the queue; return whether it was done."""
        work_id, job = self.queue.waiting.popleft()
        done = perform_in(self.context, work_id)
        if done:
            self.done.append(job)
        return done

    def drain(self) -> None:
        """Do jobs until the queue is empty. What was put off stays owed."""
        while self.queue.waiting:
            self.step()

    def catch_up(self) -> None:
        """Let time pass and the sweeper sweep until nothing is owed but what is parked."""
        self.drain()
        while due := self.next_due():
            self.clock.advance(seconds=max(31.0, (due - self.clock()).total_seconds()))
            sweep(self.context)
            self.drain()

    def next_due(self) -> datetime | None:
        """When the earliest work still owed is due."""
        owed = [row.due_at for row in self.owed() if row.parked_at is None]
        return min(owed) if owed else None

    def owed(self) -> list[Any]:
        """The work that is owed."""
        with transaction(self.engine) as connection:
            return list(connection.execute(select(work_table).order_by(work_table.c.id)))

    def rows(self, statement: Any) -> list[Any]:
        """The rows of a SELECT."""
        with reading(self.engine) as connection:
            return list(connection.execute(text(statement) if isinstance(statement, str) else statement))

    def balances(self, store: Store) -> dict[Person, int]:
        """Everybody's points by the ledger, which is sound."""
        ledger_is_sound(self.engine, store)
        found: dict[Person, int] = snapshot(self.engine, store)["balances"]
        return found

    def owner_reads(self, store: Store) -> str | None:
        """The sentence of trouble on the store's settings page."""
        with reading(self.engine) as connection:
            return stores.by_id(connection, store.id).last_error or work.last_error(connection, store.id)


def record_deliveries(shop: SampleShop, store_id: str, secret: str) -> None:
    """Let a shop's plugin make its deliveries without a network: each counts as accepted and is kept in ``sent``."""

    def accepted(delivery: Delivery) -> None:
        delivery.status = 202
        shop.plugin.sent.append(delivery)

    shop.plugin.connect("http://connector.invalid", store_id, secret)
    shop.plugin._post = accepted  # type: ignore[method-assign]
