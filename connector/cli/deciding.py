"""Commands by which a person decides: points by hand or from a file, blocks, merges, tiers."""

import getpass
import secrets
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
from sqlalchemy import Connection, Row
from sqlalchemy.exc import IntegrityError

from connector.cli.parameters import Day, one_line, refuse_beside
from connector.cli.process import chosen_store, command_context, fail, told_plainly
from connector.cli.stores import store_option
from connector.db import adjustments, blocks, bulk_adjustments, customers, programmes, refreshes, tier_overrides
from connector.db.adjustments import Act, KeyReused, NotEnough
from connector.db.bulk_adjustments import Plan
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.adjusting import LONGEST_REASON, MOST_POINTS, FileUnreadable
from connector.domain.calendar import local_day
from connector.domain.identity import normalise_email
from connector.domain.tiers import Override, wrong_last_day
from jobs.context import Context

F = TypeVar("F", bound=Callable[..., Any])


def _why(*, unless: str = "") -> Callable[[F], F]:
    needed = f" Needed unless {unless}." if unless else ""
    return click.option(
        "--reason",
        required=not unless,
        callback=one_line(LONGEST_REASON),
        help=f"Why, for whoever reads it later.{needed}",
    )


def _no_option(_context: click.Context, _parameter: click.Parameter, customer: str | None) -> str | None:
    """Refuse a mistyped option, which comes here where negative numbers are let through."""
    if customer is not None and customer.startswith("-") and "@" not in customer:
        raise click.NoSuchOption(customer)
    return customer


_who = click.option(
    "--by", "made_by", default=getpass.getuser, callback=one_line(120), help="Who decides. [default: your user name]"
)
_key = click.option(
    "--key", callback=one_line(100), help="Done once under this key, however often the command is run."
)


@click.command(
    short_help="Give points to a customer, or take some; also from a CSV file.",
    # Otherwise -200 would be an option.
    context_settings={"ignore_unknown_options": True},
)
@click.argument("customer", required=False, callback=_no_option)
@click.argument("points", required=False, type=click.IntRange(-MOST_POINTS, MOST_POINTS))
@click.option(
    "--file", "path", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="A CSV file instead."
)
@click.option("--apply", is_flag=True, help="Do what the file asks for; without it, only show what it would do.")
@_why(unless="the file has a column for it")
@_who
@_key
@store_option
@told_plainly
def adjust(
    customer: str | None,
    points: int | None,
    path: Path | None,
    apply: bool,
    reason: str | None,
    made_by: str,
    key: str | None,
    wanted: str | None,
) -> None:
    """Give POINTS to a CUSTOMER (an e-mail address or a WooCommerce user id), or take them.

    Negative points are taken: regulars adjust ann@example.com -200 --reason "Sent twice"

    A file has the columns customer, points and reason. All of it is done or nothing, and the same file only once.
    """
    if path is not None:
        refuse_beside("--file", "customer", "points", "key")
    elif customer is None or points is None:
        raise click.UsageError("Name a customer and points, or a --file.")
    else:
        refuse_beside("a customer: it is for a --file", "apply")
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        if path is not None:
            _adjust_many(context, store, path, reason or "", made_by, apply=apply)
            return
        if not reason or not points:
            raise click.UsageError("Say why with --reason, and how many points other than 0.")
        act = Act(reason, made_by, f"cli:{key or secrets.token_hex(16)}")
        _act(
            context,
            store,
            [customer or ""],
            lambda c, ids, now: adjustments.adjust(c, store, ids[0], points, act, now),
        )


@click.command(short_help="Move one customer's points to another.")
@click.argument("giver")
@click.argument("into")
@_why()
@_who
@_key
@store_option
@told_plainly
def merge(giver: str, into: str, reason: str, made_by: str, key: str | None, wanted: str | None) -> None:
    """Move all points that GIVER can spend to INTO, each with the days it was earned on and expires on.

    Both are an e-mail address or a WooCommerce user id. Points on hold stay until they are free.
    """
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        act = Act(reason, made_by, f"cli:{key or secrets.token_hex(16)}")
        _act(context, store, [giver, into], lambda c, ids, now: adjustments.move(c, store, ids[0], ids[1], act, now))


@click.command(short_help="Let a customer earn and redeem nothing.")
@click.argument("customer")
@click.option("--end", "ends", is_flag=True, help="End the block instead.")
@_why(unless="--end")
@_who
@store_option
@told_plainly
def block(customer: str, ends: bool, reason: str | None, made_by: str, wanted: str | None) -> None:
    """Block CUSTOMER (an e-mail address or a WooCommerce user id): from now on they earn and redeem nothing."""
    if ends:
        refuse_beside("--end", "reason", "made_by")
    elif not reason:
        raise click.UsageError("Say why with --reason.")
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with transaction(context.engine) as connection:
            now = context.clock()
            (found,) = _locked(connection, store, [customer])
            if ends:
                changed = blocks.end(connection, store.id, found.id, now)
            else:
                changed = blocks.begin(connection, store.id, found.id, reason or "", made_by, now)
            owed = refreshes.ask(connection, store.id, [found.id], now)
        _offer(context, owed)
    said = "Not blocked any more." if ends else "Blocked."
    click.echo(said if changed else "Nothing to do: it is so already.")


@click.command(short_help="Give a customer a tier for a while.")
@click.argument("customer")
@click.argument("name", metavar="[TIER]", required=False)
@click.option("--until", type=Day(), help="The last day of it. [default: until it is ended]")
@click.option("--end", "ends", is_flag=True, help="End what was given instead.")
@_why(unless="--end")
@_who
@store_option
@told_plainly
def tier(
    customer: str,
    name: str | None,
    until: date | None,
    ends: bool,
    reason: str | None,
    made_by: str,
    wanted: str | None,
) -> None:
    """Give CUSTOMER a TIER from today on: they do not fall below it while it lasts."""
    if ends:
        refuse_beside("--end", "name", "until", "reason", "made_by")
    elif name is None or not reason:
        raise click.UsageError("Name a tier and say why with --reason, or --end what was given.")
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with transaction(context.engine) as connection:
            now = context.clock()
            today = local_day(now, store.zone)
            (found,) = _locked(connection, store, [customer])
            if name is None:
                changed = tier_overrides.end(connection, store.id, found.id, today)
                said = "Ended." if changed else "Nothing to do: no tier was given."
            else:
                given = _override(connection, store, name, until, now)
                tier_overrides.give(connection, store.id, found.id, given, reason or "", made_by)
                said = f"{name} from {today}{f' until {given.until_day}' if given.until_day else ''}."
            owed = refreshes.ask(connection, store.id, [found.id], now)
        _offer(context, owed)
    click.echo(said)


def _override(connection: Connection, store: Store, name: str, until: date | None, now: datetime) -> Override:
    names = [one.name for one in programmes.current(connection, store.id, now).tiers]
    today = local_day(now, store.zone)
    if name not in names:
        fail(f"There is no tier {name!r}. There are: {', '.join(names)}.")
    if refusal := wrong_last_day(until, today):
        fail(refusal)
    return Override(name, today, until)


def _act(
    context: Context,
    store: Store,
    named: Sequence[str],
    do: Callable[[Connection, Sequence[int], datetime], Row[Any]],
) -> None:
    try:
        with transaction(context.engine) as connection:
            now = context.clock()
            ids = [row.id for row in _locked(connection, store, named)]
            made = do(connection, ids, now)
            left = adjustments.available(connection, store.id, made.customer_id)
            owed = refreshes.ask(connection, store.id, ids, now)
    except NotEnough as refusal:
        fail(str(refusal))
    except KeyReused:
        fail("This key was used for something else.")
    except IntegrityError:
        fail("This key was used at the same moment by somebody else. Run it again: nothing is done twice.")
    _offer(context, owed)
    click.echo(f"{made.points:+,} points ({made.reason}); {left:,} are available to {named[0]} now.")


def _adjust_many(context: Context, store: Store, path: Path, reason: str, made_by: str, *, apply: bool) -> None:
    try:
        text = path.read_text(encoding="utf-8")
        if apply:
            plan = _apply(context, store, text, reason, made_by)
        else:
            with reading(context.engine) as connection:
                plan = bulk_adjustments.preview(connection, store, text, reason)
    except UnicodeDecodeError:
        fail(f"{path.name} is not text in UTF-8. Save it as CSV UTF-8.")
    except FileUnreadable as trouble:
        fail(f"{path.name}: {trouble}")
    except IntegrityError:
        fail("Somebody else does the same file at this moment. Run it again: nothing is done twice.")
    _show(plan)
    if plan.mistakes:
        fail(f"{len(plan.mistakes):,} rows cannot be done, so nothing was done.")
    if plan.earlier is not None:
        click.echo(f"Already applied on {local_day(plan.earlier, store.zone)}; nothing was done now.")
        return
    click.echo("Done." if plan.done else "Nothing was done yet; run it again with --apply.")


def _apply(context: Context, store: Store, text: str, reason: str, made_by: str) -> Plan:
    with transaction(context.engine) as connection:
        now = context.clock()
        plan = bulk_adjustments.apply(connection, store, text, reason, made_by, now)
        concerned = sorted({one.customer_id for one in plan.effects}) if plan.done else []
        owed = refreshes.ask(connection, store.id, concerned, now)
    _offer(context, owed)
    return plan


def _show(plan: Plan) -> None:
    for one in plan.effects:
        balance = f"{one.points:+,}" if one.before is None else f"{one.before:,} {one.points:+,} = {one.after:,}"
        click.echo(f"line {one.line:>5}  {one.customer}  {balance}  {one.reason}")
    for wrong in plan.mistakes:
        click.echo(f"line {wrong.line:>5}  !! {wrong.sentence}", err=True)


def _locked(connection: Connection, store: Store, named: Sequence[str]) -> list[Row[Any]]:
    """Return the customers a person means, locked together."""
    found = [_found(connection, store, one) for one in named]
    if len({row.id for row in found}) < len(found):
        fail("These are one and the same customer.")
    customers.lock(connection, store.id, sorted(row.id for row in found))
    return found


def _found(connection: Connection, store: Store, wanted: str) -> Row[Any]:
    found = customers.find(connection, store.id, normalise_email(wanted) or wanted)
    if found is None:
        fail(f"No customer {wanted!r} is known in {store.site_url}.")
    if found.merged_into_id is not None:
        return customers.by_id(connection, store.id, found.merged_into_id)
    return found


def _offer(context: Context, owed: Sequence[tuple[str, int]]) -> None:
    for job, work_id in owed:
        context.queue.offer(work_id, job)
