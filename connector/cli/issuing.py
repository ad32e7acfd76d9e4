"""`regulars issue CAMPAIGN`: hand out a campaign by hand, after seeing what that would do."""

import click
from marshmallow import ValidationError

from connector.cli.process import chosen_store, command_context, fail, told_plainly
from connector.cli.stores import store_option
from connector.db import issues, programmes, work
from connector.db.issues import Asked
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.asking import IssueSchema
from connector.domain.money import format_amount
from connector.domain.programme.mistakes import by_path
from connector.domain.segments import SLUGS
from jobs.context import Context


@click.command(short_help="Hand out a campaign's coupon to a segment, after a preview.")
@click.argument("campaign")
@click.option("--occasion", required=True, metavar="SLUG", help="Such as spring-2027; brings nobody a second coupon.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, as it is kept with each coupon.")
@click.option("--segment", "segments", multiple=True, type=click.Choice(SLUGS), help="Only these; may be repeated.")
@click.option("--tier", "tiers", multiple=True, metavar="NAME", help="Only these; may be repeated.")
@click.option("--country", "countries", multiple=True, metavar="XX", help="Only these; may be repeated.")
@click.option("--min-orders", type=click.IntRange(0), default=0, help="Only who has ordered as often.")
@click.option("--yes", "for_real", is_flag=True, help="Hand it out. Without it only the preview is shown.")
@store_option
@told_plainly
def issue(
    campaign: str,
    occasion: str,
    reason: str,
    segments: tuple[str, ...],
    tiers: tuple[str, ...],
    countries: tuple[str, ...],
    min_orders: int,
    wanted: str | None,
    *,
    for_real: bool,
) -> None:
    """Hand out CAMPAIGN to its audience, or to the segments and tiers named here.

    The governor rules as always: nobody gets a second live coupon, and nobody who is held out gets any.
    """
    named = {"segments": segments, "tiers": tiers, "countries": countries, "minimum_orders": min_orders}
    audience = {name: sorted(given) if isinstance(given, tuple) else given for name, given in named.items() if given}
    try:
        IssueSchema().load({"occasion": occasion, "reason": reason, "audience": audience})
    except ValidationError as error:
        wrong = by_path(error.messages, "issue").items()
        fail("\n".join(f"{path.removeprefix('audience.')}: {' '.join(said)}" for path, said in wrong))
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        asked = Asked(campaign, occasion, reason, "an operator", audience, preview=not for_real)
        _show(context, store, asked)


def _show(context: Context, store: Store, asked: Asked) -> None:
    from jobs.worker import perform_in

    with transaction(context.engine) as connection:
        now = context.clock()
        programme = programmes.current(connection, store.id, now)
        if programme.campaign(asked.campaign) is None:
            known = ", ".join(one.name for one in programme.campaigns)
            fail(f"The programme has no campaign {asked.campaign!r}. It has: {known or 'none'}.")
        public_id = issues.ask(connection, store.id, asked, now)
        work_id = work.want(connection, store.id, "issue", public_id, now)
    while True:
        done = perform_in(context, work_id)
        with reading(context.engine) as connection:
            row = issues.of(connection, store.id, public_id)
        if row is None or row.state in (issues.DONE, issues.LAPSED):
            break
        if not done:
            fail("Another worker is at it already; ask again in a while.")
    if row is None or row.state == issues.LAPSED:
        fail("The issue lapsed meanwhile; ask again.")
    would = "would get" if asked.preview else "get"
    promised = f"{format_amount(row.promised, store.currency)} {store.currency}"
    click.echo(
        f"{row.tally.get('granted', 0):,} of {row.done:,} customers {would} {asked.campaign}, worth {promised}"
    )
    for rule, count in sorted(row.tally.items(), key=lambda item: (-item[1], item[0])):
        if rule != "granted":
            click.echo(f"  {count:>9,}  {'had it already' if rule == 'already' else rule.replace('_', ' ')}")
    if asked.preview:
        click.echo("Nothing was given. With --yes it is.")
