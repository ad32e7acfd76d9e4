"""Commands that report on a store: what it owes in points, and what its offers change."""

import click

from connector.cli.process import chosen_store, command_context, fail, told_plainly
from connector.cli.stores import store_option
from connector.db import effects, reports
from connector.db.session import reading
from connector.domain.liability import Bucket, Liability, ageing_csv, months_csv
from connector.domain.money import format_amount

_MONTHS_SHOWN = 12
_TABLES = {"months": months_csv, "ageing": ageing_csv}


@click.command(short_help="Show what a store owes its customers in points.")
@store_option
@click.option(
    "--csv",
    "table",
    type=click.Choice(list(_TABLES)),
    is_flag=False,
    flag_value="months",
    help="Print a table as CSV instead: the months (all of them), or the ages.",
)
@told_plainly
def liability(wanted: str | None, table: str | None) -> None:
    """Show points outstanding and what they are worth, how old they are, and how they changed month by month."""
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with reading(context.engine) as connection:
            report = reports.points_outstanding(connection, store, context.clock())
    if table is not None:
        click.echo(_TABLES[table](report), nl=False)
        return
    _show(report)
    if report.differences:
        for what, points in report.differences.items():
            click.echo(f"!! {what} differ by {points:,} points; please report this as a defect", err=True)
        raise SystemExit(1)


def _show(report: Liability) -> None:
    def worth(minor: int) -> str:
        return f"{format_amount(minor, report.currency)} {report.currency}"

    click.echo(f"Customers hold {report.outstanding:,} points, worth {worth(report.value)}")
    click.echo(f"  at {report.points_per_unit:,} points for 1 {report.currency}")
    if report.owed_by_customers:
        click.echo(
            f"  and owe {report.owed_by_customers:,} points that undone orders took back after they were spent"
        )
    if report.expected_to_expire:
        click.echo(f"  of them {report.expected_to_expire:,} will probably expire")
        click.echo(f"  the others are worth {worth(report.expected_value)}")
    click.echo(f"  ({report.breakage_basis})\n")
    click.echo(f"{'earned':<22}{'points':>14}{'worth':>18}{'will expire':>14}")
    for bucket in report.ageing:
        click.echo(f"{_age(bucket):<22}{bucket.points:>14,}{worth(bucket.value):>18}{bucket.expected_to_expire:>14,}")
    click.echo(
        f"\n{'month':<9}{'opening':>12}{'issued':>12}{'redeemed':>11}{'expired':>11}{'reversed':>11}{'closing':>13}"
    )
    for month in report.months[-_MONTHS_SHOWN:]:
        click.echo(
            f"{month.month:<9}{month.opening:>12,}{month.issued:>12,}{-month.redeemed:>11,}{-month.expired:>11,}"
            f"{-month.reversed:>11,}{month.closing:>13,}"
        )
    if not report.differences:
        click.echo("\nLots, balances and both sides of the ledger agree to the point.")


def _age(bucket: Bucket) -> str:
    if bucket.from_month == 0:
        return "in the last 3 months"
    if bucket.to_month is None:
        return f"{bucket.from_month} months ago or more"
    return f"{bucket.from_month} to {bucket.to_month} months ago"


@click.command(short_help="Show what offers change, measured against the hold-out.")
@store_option
@click.option(
    "--campaign", metavar="NAME", help="One campaign. Without it: the whole programme, then every campaign."
)
@click.option("--days", type=click.IntRange(1, 3650), default=90, show_default=True, help="After becoming eligible.")
@told_plainly
def effect(wanted: str | None, campaign: str | None, days: int) -> None:
    """Show the net margin per customer, after coupons and points, against customers kept without offers."""
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with reading(context.engine) as connection:
            known = effects.campaigns_of(connection, store.id)
            if campaign is not None and campaign not in known:
                fail(
                    f"No campaign {campaign!r} has been due for anybody yet. Known are: {', '.join(known) or 'none'}."
                )
            for name in [campaign] if campaign is not None else [None, *known]:
                click.echo(name or "the whole programme")
                found = effects.measure(connection, store, name, days, context.clock())
                for finding in found:
                    click.echo(click.wrap_text(finding.sentence, 80, "  ", "  "))
                if not found:
                    click.echo(
                        f"  Nobody to compare yet: {days} days have to pass after the first ones are eligible."
                    )
