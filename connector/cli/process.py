"""What every command starts from: settings, a database at the right version, and errors as sentences."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from connector.clock import utc_now
from connector.db import stores
from connector.db.migrate import upgrade
from connector.db.session import StorageUnavailable, StorageUnusable, open_engine, reading
from connector.db.stores import Store
from connector.db.vault import VaultError, open_vault
from connector.queueing import NoQueue, TakesOffers, WorkQueue, connect_redis
from connector.settings import Settings, SettingsError, load_settings
from connector.shop.errors import ShopError
from jobs.context import Context

P = ParamSpec("P")
R = TypeVar("R")


def told_plainly(command: Callable[P, R]) -> Callable[P, R]:
    """Turn the errors an operator can act on into one sentence and exit status 1."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return command(*args, **kwargs)
        except (SettingsError, VaultError, StorageUnusable, ShopError) as error:
            fail(str(error))
        except StorageUnavailable as error:
            fail(f"{error}{_first_words(error.__cause__)}")

    return run


def _first_words(cause: BaseException | None) -> str:
    """Return what the database's driver says is in the way: a host, a file, never a value of a statement."""
    if not isinstance(cause, OperationalError):
        return ""
    return f" ({str(cause.orig).strip().splitlines()[0]})"


def fail(sentence: str) -> NoReturn:
    """End the command with a sentence on standard error and exit status 1."""
    raise click.ClickException(sentence)


def prepare_database(settings: Settings) -> None:
    """Bring the database to this version's tables, for a process that opens it later by itself."""
    engine = open_engine(settings.database_url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()


@contextmanager
def command_context(settings: Settings | None = None, *, prepare: bool = True) -> Iterator[Context]:
    """Open the dependencies of a command that does work itself, beside workers or without any.

    ``prepare`` brings the database to this version's tables first.
    """
    settings = settings or load_settings()
    if prepare:
        prepare_database(settings)
    engine = open_engine(settings.database_url)
    vault = open_vault(settings.secret_key, settings.secret_key_file)
    queue: TakesOffers = WorkQueue(connect_redis(settings.redis_url)) if settings.redis_url else NoQueue()
    try:
        yield Context(engine=engine, vault=vault, queue=queue, clock=utc_now)
    finally:
        engine.dispose()


def chosen_store(engine: Engine, wanted: str | None) -> Store:
    """Return the store an operator means by id or address; without a choice, the only one there is."""
    with reading(engine) as connection:
        every = stores.every(connection)
    if wanted is None:
        found = every
    else:
        address = wanted.rstrip("/").lower()
        found = [store for store in every if address in (store.public_id.lower(), store.site_url, _host(store))]
    if len(found) == 1:
        return found[0]
    if not every:
        fail("No store has paired yet. Run `regulars pair` and type the code under WooCommerce → Regulars.")
    known = "\n".join(f"  {store.public_id}  {store.site_url}" for store in every)
    fail(f"Say which store: regulars … --store ID. Known are:\n{known}")


def _host(store: Store) -> str:
    return store.site_url.partition("://")[2]
