"""Run a sample shop as its own process, until it is told to end."""

import argparse
import json
import signal
import sys
import threading
from datetime import date

from tests.sample_shop import SampleShop


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.sample_shop",
        description="A WooCommerce shop for trying things out, filled with the CDNOW purchases. "
        "It prints its address and key as one JSON line when it is ready, and ends on Ctrl-C.",
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 takes a free one (default)")
    parser.add_argument("--today", type=date.fromisoformat, help="the day after the last purchase (default: today)")
    parser.add_argument("--timezone", default="America/New_York", help="the shop's time zone (default: %(default)s)")
    parser.add_argument("--customers", type=int, help="take only so many of the 2,357 customers")
    parser.add_argument("--empty", action="store_true", help="no customers and no orders")
    return parser.parse_args()


def main() -> None:
    """Serve until SIGINT or SIGTERM."""
    given = _arguments()
    options = {"timezone": given.timezone, "port": given.port}
    shop = SampleShop(**options) if given.empty else SampleShop.filled(given.today, given.customers, **options)
    ended = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: ended.set())
    with shop:
        facts = {
            "url": shop.url,
            "rest_url": shop.rest_url,
            "consumer_key": shop.consumer_key,
            "consumer_secret": shop.consumer_secret,
            "timezone": shop.timezone,
            "currency": shop.currency,
            **shop.counts(),
            "last_order": shop.last_order_date(),
        }
        sys.stdout.write(json.dumps(facts) + "\n")
        sys.stdout.flush()
        ended.wait()


if __name__ == "__main__":
    main()
