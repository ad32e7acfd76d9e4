"""The part of `regulars doctor` that derives a store's points anew."""

import click

from connector.cli.progress import bars
from connector.db import audit, customers, ledger, programmes
from connector.db.audit import Difference
from connector.db.session import reading
from connector.db.stores import Store
from jobs.context import Context

_CHUNK = 500
_MOST_SHOWN = 20


def check_points(context: Context, store: Store) -> int:
    """Say whether every posting sums to zero and every balance follows from its facts; return how many things do not.

    What differs is named, the first of it. Memory stays the same however large the store is.
    """
    with reading(context.engine) as connection:
        off = ledger.imbalance(connection, store.id)
    if off:
        click.echo(f"  ledger   !!   {off} postings do not sum to zero; please report this as a defect")
    else:
        click.echo("  ledger   ok   every posting sums to zero")
    checked, count, shown = _derive(context, store)
    if not count:
        click.echo(f"  points   ok   the points of {checked:,} customers are what their facts make of them")
        return 1 if off else 0
    click.echo(f"  points   !!   {count:,} differences from the facts; please report this as a defect")
    for one in shown:
        click.echo(f"           customer {one.customer_id}: {one.sentence}")
    if count > len(shown):
        click.echo(f"           and {count - len(shown):,} more")
    return 2 if off else 1


def _derive(context: Context, store: Store) -> tuple[int, int, list[Difference]]:
    """Return how many customers were looked at, how many differences there are, and the first of them."""
    checked = count = last = 0
    shown: list[Difference] = []
    with reading(context.engine) as connection:
        total = customers.count(connection, store.id)
    with bars(transient=True) as progress:
        bar = progress.add_task("points", total=total)
        while True:
            with reading(context.engine) as connection:
                chunk = customers.after(connection, store.id, last, _CHUNK)
                if not chunk:
                    return checked, count, shown
                versions = programmes.every(connection, store.id)
                found = audit.differences(connection, store, versions, chunk, context.clock())
            last, checked, count = chunk[-1], checked + len(chunk), count + len(found)
            shown += found[: _MOST_SHOWN - len(shown)]
            progress.update(bar, completed=checked)
