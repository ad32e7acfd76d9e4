"""Commands for one store: pair it, read its history, score it (or an order export)."""

from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from connector.cli.file_options import FileOptions, file_options
from connector.cli.process import chosen_store, command_context, told_plainly
from connector.clock import utc_now
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
    if not settings.public_url.startswith("https://"):
        click.echo(
            "Only a store on this machine can use that address. For others, put a proxy with https in front and"
        )
        click.echo("set REGULARS_PUBLIC_URL to its address.")


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


@click.command(short_help="Score a store's customers now, or those of an order export.")
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@store_option
@file_options
@click.pass_context
@told_plainly
def score(context: click.Context, /, file: Path | None, wanted: str | None, **asked: Any) -> None:
    """Score a store's customers now instead of tonight, and write what changed back to the store.

    With a FILE, score the customers of an order export instead. That needs no store, no database and no settings:

    \b
      regulars score orders.csv --out scores.csv --report report.json --rejects rejects.csv

    FILE is CSV (comma, semicolon or tab; UTF-8) or Parquet with a column each for the customer (an id, or an e-mail
    address), the order's date and amount, and if there are any the order's id, what was refunded of it, its currency
    and its status. WooCommerce's own headers are known; name others with the --…-column options. Rows that cannot be
    used are counted by reason, never dropped in silence. What is written, and every rule: docs/score-file.md.
    """  # noqa: D301 - click's mark for lines to keep is a real backspace
    given = [name for name in asked if context.get_parameter_source(name) is ParameterSource.COMMANDLINE]
    if file is None:
        if given:
            raise click.UsageError(f"--{given[0].replace('_', '-')} is about a FILE, and none is given.")
        _score_store(wanted)
        return
    if wanted is not None:
        raise click.UsageError("Give a FILE or a --store, not both.")
    from connector.cli.score_file import score_file

    score_file(file, FileOptions(**asked), utc_now().date())


def _score_store(wanted: str | None) -> None:
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
        console.print(run.report["reason"] or run.report["trust"])
