"""Long work with its progress on the screen, done in this process beside whatever workers there are."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from threading import Event

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from connector.cli.process import fail
from connector.db import backfills, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from jobs.context import Context

console = Console(highlight=False)


def do_now(context: Context, store: Store, job: str, stop: Event | None = None) -> None:
    """Do a job of a store to its end, step by step, or until ``stop`` is set: then the rest stays owed.

    Fails with the store's own sentence where it cannot go on, and where the store is disconnected.
    """
    from jobs.worker import perform_in

    if not store.connected:
        fail("This store is disconnected. Connect it again to go on.")
    with transaction(context.engine) as connection:
        work_id = work.want(connection, store.id, job, "", context.clock())
    while perform_in(context, work_id):
        with reading(context.engine) as connection:
            if job not in work.owed(connection, store.id) or (stop is not None and stop.is_set()):
                return
    with reading(context.engine) as connection:
        if job not in work.owed(connection, store.id):
            return
        sentence = work.last_error(connection, store.id)
    fail(sentence or f"Another worker is at the {job} of this store already; watch it with `regulars doctor`.")


def backfill_with_bars(context: Context, store: Store) -> None:
    """Read a store's history with one bar for customers and one for orders.

    Ctrl-C ends it after the step at hand; the next backfill goes on from there.
    """
    with bars() as progress, ThreadPoolExecutor(1) as pool, _set_at_the_end() as stop:
        people = progress.add_task("customers", total=None)
        bought = progress.add_task("orders", total=None)
        doing = pool.submit(do_now, context, store, "backfill", stop)
        done = False
        while not done:
            done = bool(wait([doing], timeout=0.2).done)
            with reading(context.engine) as connection:
                row = backfills.latest(connection, store.id)
            if row is not None:
                progress.update(people, completed=row.customers_done, total=row.customers_total or None)
                progress.update(bought, completed=row.orders_done, total=row.orders_total or None)
        doing.result()


@contextmanager
def _set_at_the_end() -> Iterator[Event]:
    """Tell whoever works beside us when we leave, before anybody waits for them."""
    stop = Event()
    try:
        yield stop
    finally:
        stop.set()


def bars(*, transient: bool = False) -> Progress:
    """Return the progress display every command shows; ``transient``: it leaves no trace when the work is done."""
    return Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=transient,
    )
