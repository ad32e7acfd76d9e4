"""The `regulars` command: what an operator does in a terminal. Store owners never need it."""

import logging

import click

from connector.cli.deciding import adjust, block, merge, tier
from connector.cli.demo import demo
from connector.cli.explaining import explain
from connector.cli.inspecting import doctor
from connector.cli.issuing import issue
from connector.cli.reporting import effect, liability
from connector.cli.serving import scheduler, up, web, worker
from connector.cli.simulating import simulate
from connector.cli.stores import backfill, pair, score

_ORDER = (
    "up",
    "pair",
    "doctor",
    "backfill",
    "score",
    "explain",
    "adjust",
    "block",
    "merge",
    "tier",
    "liability",
    "effect",
    "simulate",
    "issue",
    "demo",
    "web",
    "worker",
    "scheduler",
)


class _InOrderOfUse(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands as one meets them, not by the alphabet."""
        return [name for name in _ORDER if name in self.commands]


@click.group(
    cls=_InOrderOfUse,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    epilog="Settings come from the environment: REGULARS_DATA_DIR, REGULARS_DATABASE_URL, REDIS_URL, "
    "REGULARS_SECRET_KEY, REGULARS_HOST, REGULARS_PORT, REGULARS_PUBLIC_URL, REGULARS_WORKERS. "
    "None is needed: without them SQLite and a key live in one folder, and `regulars up` starts an embedded Valkey.",
)
@click.version_option(package_name="regulars", prog_name="regulars")
def main() -> None:
    """Turn a WooCommerce store's order history into regular customers.

    \b
    First steps:
      regulars up       start the connector and leave it running
      regulars pair     print a code; type it under WooCommerce → Regulars in WP admin
    """  # noqa: D301 - click's mark for lines to keep is a real backspace
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for chatty in ("alembic", "urllib3"):  # urllib3 would print the signed addresses of stores on http
        logging.getLogger(chatty).setLevel(logging.WARNING)


for command in (
    up,
    pair,
    doctor,
    backfill,
    score,
    explain,
    adjust,
    block,
    merge,
    tier,
    liability,
    effect,
    simulate,
    issue,
    demo,
    web,
    worker,
    scheduler,
):
    main.add_command(command)
