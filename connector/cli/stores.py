"""Commands for one store: pair it, read its history, score it."""

import click

from connector.cli.process import chosen_store, command_context, told_plainly
from connector.db import backfills, pairing_codes, standings
from connector.db.session import reading, transaction
from connector.settings import load_settings

store_option = click.option(
    "--store", "wanted", metavar="ID", help="Id or address of the store; not needed with one."
)


@click.command(short_help="Print a one-time code that lets a store connect.")
@told_plainly
def pair() -> None:
    """Print a one-time code that lets a store connect (good for 15 minutes).

    The owner types it, with the connector's address, under WooCommerce → Regulars in WP admin and presses Connect.
    """
    settings = load_settings()
    with command_context(settings) as context, transaction(context.engine) as connection:
        code = pairing_codes.issue(connection, context.clock())
    minutes = int(pairing_codes.LIFETIME.total_seconds() // 60)
    click.echo(f"Pairing code:       {code}   (once, within {minutes} minutes)")
    click.echo(f"Connector address:  {settings.public_url}")


@click.command(short_help="Read a store's whole history again.")
@store_option
@told_plainly
def backfill(wanted: str | None) -> None:
    """Read a store's whole history again, customers first, then orders from the newest to the oldest.

    It resumes where an unfinished one stopped. What is known already is not doubled.
    """
    from connector.cli.progress import backfill_with_bars, console, do_now

    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with transaction(context.engine) as connection:
            backfills.start(connection, store.id, context.clock())
        backfill_with_bars(context, store)
        do_now(context, store, "score")
        do_now(context, store, "write_back")
        with reading(context.engine) as connection:
            row = backfills.latest(connection, store.id)
        if row is not None:
            console.print(
                f"{row.customers_done:,} customers and {row.orders_done:,} orders of {store.site_url} are here."
            )


@click.command(short_help="Score a store's customers now.")
@store_option
@told_plainly
def score(wanted: str | None) -> None:
    """Score a store's customers now instead of tonight, and write what changed back to the store."""
    from connector.cli.progress import console, do_now

    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with console.status(f"scoring the customers of {store.site_url}"):
            do_now(context, store, "score")
            do_now(context, store, "write_back")
        with reading(context.engine) as connection:
            run = standings.latest_run(connection, store.id)
        if run is None:
            console.print("Nobody has bought anything yet, so there is nothing to score.")
            return
        console.print(f"{run.customers:,} customers scored as of {run.as_of}; values by {run.basis}.")
        if run.fitted.get("reason"):
            console.print(run.fitted["reason"])
