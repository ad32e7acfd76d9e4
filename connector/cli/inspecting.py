"""`regulars doctor`: is everything well, and if not, what to do. It changes nothing and makes nothing."""

from datetime import datetime

import click
from redis.exceptions import RedisError
from sqlalchemy import Connection
from sqlalchemy.engine import make_url

from connector.cli.auditing import check_points
from connector.cli.process import command_context, told_plainly
from connector.db import backfills, inbox, outbox, stores, unattended, work
from connector.db.migrate import at_head
from connector.db.session import reading, sqlite_file
from connector.db.stores import Store
from connector.queueing import connect_redis
from connector.settings import Settings, load_settings
from connector.shop.errors import ShopError
from connector.shop.store import current_currency, store_time, versions
from jobs.context import Context


@click.command(short_help="Check everything and say what to do.")
@told_plainly
def doctor() -> None:
    """Check the database, the queue, the workers and every store, and say what is wrong and what to do.

    Nothing is changed and nothing made. Ends with status 1 where something needs a person.
    """
    settings = load_settings()
    place = _place(settings.database_url)
    if missing := _missing(settings, place):
        click.echo(missing)
        raise SystemExit(1)
    trouble = 0
    with command_context(settings, prepare=False) as context:
        if not at_head(context.engine):
            click.echo(f"database   !!   {place}: the tables are of another version; `regulars up` renews them")
            raise SystemExit(1)
        click.echo(f"database   ok   {place}, tables at this version")
        trouble += _check_queue(settings.redis_url)
        with reading(context.engine) as connection:
            trouble += _check_workers(connection, context.clock())
            known = stores.every(connection)
        if not known:
            click.echo("stores     none has paired yet; `regulars pair` prints a code")
        for store in known:
            trouble += _check_store(context, store)
    raise SystemExit(1 if trouble else 0)


def _place(url: str) -> str:
    """Return where the database is, without its password. Raises StorageUnusable for what is no database's URL."""
    file = sqlite_file(url)
    return str(file.absolute()) if file is not None else make_url(url).render_as_string(hide_password=True)


def _missing(settings: Settings, place: str) -> str | None:
    """Say what is not there yet, which looking at it would make: most often the settings name another place."""
    made = "`regulars up` makes it; is this the place it runs with?"
    file = sqlite_file(settings.database_url)
    if file is not None and not file.exists():
        return f"database   !!   there is none yet at {place}; {made}"
    if settings.secret_key is None and not settings.secret_key_file.exists():
        return f"key        !!   there is none yet at {settings.secret_key_file}; {made}"
    return None


def _check_queue(redis_url: str | None) -> int:
    if redis_url is None:
        click.echo("queue      ..   not looked at: without REDIS_URL it is within `regulars up`, and only there")
        return 0
    try:
        connect_redis(redis_url).ping()
    except RedisError as error:
        click.echo(f"queue      !!   Redis does not answer ({type(error).__name__}); work waits in the database")
        return 1
    click.echo("queue      ok   Redis answers")
    return 0


def _check_workers(connection: Connection, now: datetime) -> int:
    waiting = unattended.left_alone(connection, now)
    if not waiting:
        click.echo("workers    ok   no work is left alone")
        return 0
    minutes = int(unattended.LEFT_ALONE_AFTER.total_seconds() // 60)
    click.echo(
        f"workers    !!   nobody is at work: {waiting:,} × work due for over {minutes} minutes; `regulars up`?"
    )
    return 1


def _check_store(context: Context, store: Store) -> int:
    click.echo(f"\n{store.public_id}  {store.site_url}  ({store.state})")
    if not store.connected:
        return 0
    trouble = _check_shop(context, store)
    trouble += check_points(context, store)
    with reading(context.engine) as connection:
        trouble += _check_owed(connection, store)
        trouble += _check_history(connection, store)
        trouble += _check_deliveries(connection, store)
        trouble += _check_writing(connection, store)
    return trouble


def _check_shop(context: Context, store: Store) -> int:
    try:
        with context.shop(store) as shop:
            currency, time, running = current_currency(shop), store_time(shop), versions(shop)
    except ShopError as error:
        click.echo(f"  REST     !!   {error}")
        return 1
    click.echo(f"  REST     ok   WordPress {running.wordpress}, WooCommerce {running.woocommerce}, PHP {running.php}")
    trouble = 0
    if currency != store.currency:
        click.echo(f"  currency !!   the store sells in {currency} now, not in {store.currency}; pair it again")
        trouble += 1
    if time is not None and abs((time - context.clock()).total_seconds()) > _CLOCK_TOLERANCE_SECONDS:
        click.echo("  clock    !!   the store's clock is more than two minutes off; deliveries may be refused")
        trouble += 1
    return trouble


_CLOCK_TOLERANCE_SECONDS = 120


def _check_owed(connection: Connection, store: Store) -> int:
    owed = work.owed(connection, store.id)
    waiting = ", ".join(f"{count} {job}" for job, count in sorted(owed.items())) or "nothing"
    error = work.last_error(connection, store.id)
    click.echo(f"  work     {'!!' if error else 'ok'}   {waiting} waiting")
    if error:
        click.echo(f"           {error}")
    return 1 if error else 0


def _check_history(connection: Connection, store: Store) -> int:
    row = backfills.latest(connection, store.id)
    if row is None:
        return 0
    mark = "!!" if row.unreadable else "ok" if row.state == backfills.DONE else ".."
    done = f"{row.customers_done:,} customers, {row.orders_done:,} of {row.orders_total:,} orders"
    click.echo(f"  history  {mark}   {done}")
    for sentence in row.unreadable:
        click.echo(f"           {sentence}")
    return 1 if row.unreadable else 0


def _check_deliveries(connection: Connection, store: Store) -> int:
    unread = inbox.unread(connection, store.id, _MOST_UNREAD)
    if not unread:
        return 0
    click.echo("  inbox    !!   what the store delivered last of these could not be read; the log names the fields:")
    click.echo(f"           {', '.join(unread)}{', …' if len(unread) == _MOST_UNREAD else ''}")
    return 1


_MOST_UNREAD = 20


def _check_writing(connection: Connection, store: Store) -> int:
    written = outbox.counts(connection, store.id)
    click.echo(
        f"  writing  {'!!' if written['refused'] else 'ok'}   {written['written']:,} written, "
        f"{written['waiting']:,} waiting, {written['refused']:,} refused by the store"
    )
    for sentence, times in outbox.refusals(connection, store.id).items():
        click.echo(f"           {times:,} × {sentence}")
    return 1 if written["refused"] else 0
