"""Connected stores and their keys (sealed)."""

import secrets
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from sqlalchemy import Connection, select, update

from connector.db import issues, outbox, programmes, work
from connector.db.session import insert_into
from connector.db.tables import stores
from connector.db.vault import Vault
from connector.domain.calendar import store_zone
from connector.domain.programme import Programme


@dataclass(frozen=True, slots=True)
class Store:
    """One WooCommerce site. Its keys stay sealed in the database and are opened by `credentials`.

    ``batch_size``: how many items at once it has answered in time.
    """

    id: int
    public_id: str
    site_url: str
    rest_url: str
    currency: str
    timezone: str
    versions: dict[str, str]
    state: str
    connected_at: datetime
    last_delivery_at: datetime | None
    last_error: str | None
    batch_size: int

    @property
    def connected(self) -> bool:
        """Whether the store still talks to us."""
        return self.state == "connected"

    @property
    def zone(self) -> tzinfo:
        """The time zone the store counts its days in."""
        return store_zone(self.timezone)


@dataclass(frozen=True, slots=True)
class Connecting:
    """What a store hands over when it pairs, with the identity and secret we answer with."""

    public_id: str
    site_url: str
    rest_url: str
    consumer_key: str
    consumer_secret: str
    signing_secret: str
    currency: str
    timezone: str
    versions: dict[str, str]


_PUBLIC = (
    stores.c.id,
    stores.c.public_id,
    stores.c.site_url,
    stores.c.rest_url,
    stores.c.currency,
    stores.c.timezone,
    stores.c.versions,
    stores.c.state,
    stores.c.connected_at,
    stores.c.last_delivery_at,
    stores.c.last_error,
    stores.c.batch_size,
)


def connect(connection: Connection, connecting: Connecting, vault: Vault, now: datetime) -> Store:
    """Store a new connection, or renew that of the same site: its history stays, its keys and secret change.

    What it is owed is tried at once, but campaigns that were being handed out when it left lapse.
    """
    changing: dict[str, Any] = {
        "rest_url": connecting.rest_url,
        "consumer_key": vault.seal(connecting.consumer_key),
        "consumer_secret": vault.seal(connecting.consumer_secret),
        "signing_secret": vault.seal(connecting.signing_secret),
        "currency": connecting.currency,
        "timezone": connecting.timezone,
        "versions": connecting.versions,
        "state": "connected",
        "connected_at": now,
        "disconnected_at": None,
        "last_error": None,
    }
    issues.lapse(connection, connecting.site_url, now)
    row = connection.execute(
        insert_into(connection, stores)
        .values(
            public_id=connecting.public_id,
            site_url=connecting.site_url,
            draw_key=secrets.token_bytes(32),
            **changing,
        )
        .on_conflict_do_update(index_elements=[stores.c.site_url], set_=changing)
        .returning(*_PUBLIC)
    ).one()
    store = _store(row)
    # Before the work: who writes back holds them in this order.
    outbox.try_now(connection, store.id)
    work.unpark(connection, store.id, now)
    if not programmes.every(connection, store.id):
        programmes.save(connection, store.id, Programme(), 0, None, now)
    return store


def disconnect(connection: Connection, store_id: int, now: datetime) -> None:
    """Mark a store as disconnected: nothing is sent to it or taken from it until it pairs again."""
    connection.execute(
        update(stores).where(stores.c.id == store_id).values(state="disconnected", disconnected_at=now)
    )


def by_public_id(connection: Connection, public_id: str) -> Store | None:
    """Return the store with this public id, connected or not."""
    row = connection.execute(select(*_PUBLIC).where(stores.c.public_id == public_id)).one_or_none()
    return _store(row) if row else None


def by_id(connection: Connection, store_id: int) -> Store:
    """Return a store that exists."""
    return _store(connection.execute(select(*_PUBLIC).where(stores.c.id == store_id)).one())


def every(connection: Connection) -> list[Store]:
    """Return all stores, the oldest first."""
    return [_store(row) for row in connection.execute(select(*_PUBLIC).order_by(stores.c.id))]


def signing_secret(connection: Connection, store_id: int, vault: Vault) -> str:
    """Return the secret that the store's deliveries are signed with."""
    return vault.open(connection.execute(select(stores.c.signing_secret).where(stores.c.id == store_id)).scalar_one())


def credentials(connection: Connection, store_id: int, vault: Vault) -> tuple[str, str]:
    """Return the store's WooCommerce consumer key and secret."""
    row = connection.execute(
        select(stores.c.consumer_key, stores.c.consumer_secret).where(stores.c.id == store_id)
    ).one()
    return vault.open(row.consumer_key), vault.open(row.consumer_secret)


def draw_key(connection: Connection, store_id: int) -> bytes:
    """Return the key of the store's draws. It opens nothing, so it is not sealed."""
    key: bytes = connection.execute(select(stores.c.draw_key).where(stores.c.id == store_id)).scalar_one()
    return key


def note_delivery(connection: Connection, store_id: int, now: datetime) -> None:
    """Remember when the store last spoke to us."""
    connection.execute(update(stores).where(stores.c.id == store_id).values(last_delivery_at=now))


def note_error(connection: Connection, store_id: int, sentence: str | None) -> None:
    """Remember the sentence the owner should read, or None when all is well again."""
    connection.execute(update(stores).where(stores.c.id == store_id).values(last_error=sentence))


def note_requests(connection: Connection, store_id: int, requests: int) -> None:
    """Add to the number of REST requests made to the store."""
    connection.execute(
        update(stores).where(stores.c.id == store_id).values(rest_requests=stores.c.rest_requests + requests)
    )


def note_batch_size(connection: Connection, known: Store, batch_size: int) -> None:
    """Remember how much the store took at once, unless another job has learned something since it was ``known``."""
    if batch_size != known.batch_size:
        connection.execute(
            update(stores)
            .where(stores.c.id == known.id, stores.c.batch_size == known.batch_size)
            .values(batch_size=batch_size)
        )


def _store(row: Any) -> Store:
    return Store(*row)
