"""`regulars demo`: the main job on real purchases, with everything real but the shop."""

import shutil
import signal
import socket
import sys
import tempfile
import time
from pathlib import Path

import click

from connector.cli.process import fail, told_plainly


@click.command()
@click.option("--once", is_flag=True, help="End after the summary instead of staying up until Ctrl-C.")
@told_plainly
def demo(once: bool) -> None:
    """Run the main job on 2,357 real customers in a sample shop.

    Starts a sample shop filled with the CDNOW purchases and a connector with SQLite and an embedded Valkey in a
    temporary folder, pairs them, reads the history, scores it, writes tiers, points and coupons back, then places one
    new order and shows what it changed. Needs a source checkout, because the sample shop belongs to the tests.
    """
    from connector.cli import demo_parts, demo_report
    from connector.cli.progress import console

    if not demo_parts.SAMPLE_SHOP.is_dir():
        fail("The demo needs the sample shop of a source checkout (tests/sample_shop), which is not here.")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that a kill, too, takes everything down
    folder = Path(tempfile.mkdtemp(prefix="regulars-demo-"))
    started = time.monotonic()
    try:
        with demo_parts.running(folder, _free_port(8700)) as parts:
            demo_parts.pair(parts)
            demo_parts.follow_backfill(parts)
            demo_report.summary(parts, time.monotonic() - started)
            demo_report.new_order(parts)
            demo_report.addresses(parts)
            if not once:
                console.print("\nEverything stays up. Ctrl-C ends it.")
                _wait_for_ctrl_c()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for_ctrl_c() -> None:
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("Stopping …")


def _free_port(preferred: int) -> int:
    """Return the preferred port, or any free one where somebody has it."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", preferred))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
