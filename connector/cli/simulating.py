"""`regulars simulate FILE`: try a proposed programme on the store's own history before anybody saves it."""

import json
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path
from textwrap import wrap
from typing import Any

import click

from connector.cli.process import chosen_store, command_context, fail, told_plainly
from connector.cli.stores import store_option
from connector.db import simulations, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.money import format_amount
from connector.domain.programme import Programme
from connector.domain.programme.document import ProgrammeInvalid, proposed, to_document
from jobs.context import Context


@click.command(short_help="Try a proposed programme on a store's own history.")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@store_option
@click.option("--json", "as_json", is_flag=True, help="Print the whole result as JSON instead of a table.")
@told_plainly
def simulate(file: Path, wanted: str | None, *, as_json: bool) -> None:
    """Try the programme in FILE on the store's own history, beside the one in force. Nothing is changed.

    FILE is a programme as JSON, as `GET /v1/programme` gives it; settings that are left out have their defaults.
    """
    programme = _programme(file)
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        result = _simulated(context, store, programme)
    if as_json:
        click.echo(json.dumps(result, indent=2, ensure_ascii=False))
    else:
        for line in table(result, store.currency):
            click.echo(line)


def _programme(file: Path) -> Programme:
    try:
        document = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        fail(f"{file} cannot be read as JSON: {error}.")
    if isinstance(document, dict) and isinstance(document.get("programme"), dict):
        document = document["programme"]
    try:
        return proposed(document)
    except ProgrammeInvalid as refusal:
        mistakes = "\n".join(f"  {path}: {' '.join(said)}" for path, said in refusal.errors.items())
        fail(f"{file} is no programme:\n{mistakes}")


def _simulated(context: Context, store: Store, programme: Programme) -> dict[str, Any]:
    """Do the work of the simulation in this process with a bar, or wait for the worker who was quicker."""
    from connector.cli.progress import bars
    from jobs.worker import perform_in

    with transaction(context.engine) as connection:
        now = context.clock()
        public_id = simulations.ask(connection, store.id, to_document(programme), now)
        work_id = work.want(connection, store.id, "simulate", public_id, now)
    with bars() as progress, ThreadPoolExecutor(1) as pool:
        bar = progress.add_task("customers", total=None)
        doing = pool.submit(perform_in, context, work_id)
        while True:
            at_work = not wait([doing], timeout=0.2).done
            with reading(context.engine) as connection:
                row = simulations.of(connection, store.id, public_id)
            if row is not None:
                progress.update(bar, completed=row.done, total=row.total or None)
                if row.state == simulations.DONE:
                    break
            if not at_work and not doing.result():
                fail("Another worker is at this simulation already; ask again in a while.")
    result: dict[str, Any] = row.result
    return result


def table(result: dict[str, Any], currency: str) -> list[str]:
    """Return the comparison as lines of at most 80 characters."""

    def money(minor: int) -> str:
        return f"{format_amount(minor, currency)} {currency}"

    def row(label: str, before: str, after: str) -> str:
        return f"{label:<34}{before:>21}{after:>21}"

    def points(label: str, name: str) -> str:
        return row(label, f"{current[name]:,}", f"{proposed_[name]:,}")

    current, proposed_ = result["current"], result["proposed"]
    lines = [row(f"{result['customers']:,} customers", "in force", "proposed"), "-" * 76]
    for tier in dict.fromkeys([*current["tiers"], *proposed_["tiers"]]):
        counts = [f"{side['tiers'][tier]:,}" if tier in side["tiers"] else "–" for side in (current, proposed_)]
        lines.append(row(f"  in {tier}", *counts))
    lines.append(f"  {result['moved_up']:,} would move up, {result['moved_down']:,} down")
    lines += [
        "",
        points("points issued", "points_issued"),
        row("  worth", money(current["points_issued_value"]), money(proposed_["points_issued_value"])),
        points("points redeemed", "points_redeemed"),
        points("points expired", "points_expired"),
        points("points outstanding", "points_outstanding"),
        row("  worth", money(current["liability"]), money(proposed_["liability"])),
    ]
    if proposed_["points_short_for_redemptions"]:
        lines.append(points("  lacking for past redemptions", "points_short_for_redemptions"))
    now, then = current["offers_today"], proposed_["offers_today"]
    lines += ["", row("coupons due today", f"{now['coupons']:,}", f"{then['coupons']:,}")]
    for name in sorted({one["campaign"] for side in (now, then) for one in side["campaigns"]}):
        lines.append(row(f"  {name}"[:34], *(f"{_granted(side, name):,}" for side in (now, then))))
    if now["tier_benefits"] or then["tier_benefits"]:
        lines.append(row("  from tiers", f"{now['tier_benefits']:,}", f"{then['tier_benefits']:,}"))
    lines.append(row("  promise", money(now["promised"]), money(then["promised"])))
    lines.append(row("  will probably cost", money(now["expected_cost"]), money(then["expected_cost"])))
    return [*lines, *wrap(f"({result['coupon_use']['basis']})", 76, initial_indent="  ", subsequent_indent="  ")]


def _granted(side: dict[str, Any], campaign: str) -> int:
    return sum(one["coupons"] for one in side["campaigns"] if one["campaign"] == campaign)
