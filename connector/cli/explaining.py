"""`regulars explain`: what a shopper sees and what it came from, in words an owner can read out on the telephone."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from textwrap import wrap
from typing import Any

import click
from sqlalchemy import Connection, Row

from connector.cli.process import chosen_store, command_context, fail, told_plainly
from connector.cli.stores import store_option
from connector.db import customers, explanations, standings
from connector.db.session import reading
from connector.db.stores import Store
from connector.domain.calendar import local_day
from connector.domain.explanation import CouponTold, Explanation, LotTold, Movement, Source
from connector.domain.identity import normalise_email
from connector.domain.money import format_amount
from connector.domain.programme.ladder import TierBasis
from connector.domain.redemption import worth
from connector.domain.segments import NAMES

_WIDTH = 80


@click.command(short_help="Show what a customer sees, and what it came from.")
@click.argument("customer")
@store_option
@told_plainly
def explain(customer: str, wanted: str | None) -> None:
    """Show a customer's tier, points and coupons, and the orders, postings, rules and deliveries they came from.

    CUSTOMER is an e-mail address or a WooCommerce user id.
    """
    with command_context() as context:
        store = chosen_store(context.engine, wanted)
        with reading(context.engine) as connection:
            found = customers.find(connection, store.id, normalise_email(customer) or customer)
            if found is None:
                fail(f"No customer {customer!r} is known in {store.site_url}.")
            if found.merged_into_id is not None:
                click.echo("This guest has registered since; their history is with the registered customer.")
                found = customers.by_id(connection, store.id, found.merged_into_id)
            told = explanations.of(connection, store, found, context.clock())
            standing = standings.of(connection, store.id, found.id)
            score = None if standing is None else _score(connection, standing, store)
    for line in [*_head(told, store), *_tier(told), *_points(told, store), *_coupons(told, store)]:
        click.echo(line)
    if score is not None:
        click.echo(f"\nSCORE     {score}")
    for name, by in told.differences.items():
        click.echo(f"!! {name}: what is shown differs from what it came from by {by}; please report this", err=True)
    if told.differences:
        raise SystemExit(1)


def _score(connection: Connection, standing: Row[Any], store: Store) -> str | None:
    if not standing.segment:
        return None
    score = f"{NAMES[standing.segment]} (RFM {standing.rfm})"
    if standing.clv is None:
        return score
    # Here, because it needs scipy, which takes longer to load than `--help` to answer.
    from connector.domain.standings import Fitted

    terms = Fitted.from_json(standings.run(connection, store.id, standing.score_run_id).fitted).value.terms
    return f"{score}; {_money(standing.clv, store)} expected in the next {terms.horizon}"


def _head(told: Explanation, store: Store) -> Iterator[str]:
    who = f"user {told.user}" if told.user else "guest"
    yield f"Customer {told.customer} ({who}) of {store.site_url}"


def _tier(told: Explanation) -> Iterator[str]:
    tier = told.tier
    since = "" if tier.since is None else f" since {tier.since}"
    hand = ", given by hand" if tier.by_hand else ""
    falls = "" if tier.falls_on is None else f"; falls on {tier.falls_on} if nothing more is bought"
    yield f"\nTIER      {tier.shown}{since}{hand}{falls}"
    for sentence in tier.next_steps:
        yield f"          {sentence}"
    yield f"  It counts {_counted(tier.metric, tier.basis, told.currency)} (rules v{tier.rule_version}):"
    for one in tier.counted:
        yield f"    {one.day}  {_counted(one.amount, tier.basis, told.currency):>18}  {one.what}"[:_WIDTH]
    if not tier.counted:
        yield "    nothing yet"


def _counted(amount: int, basis: TierBasis, currency: str) -> str:
    if basis is TierBasis.NET_SPEND:
        return f"{format_amount(amount, currency)} {currency}"
    return f"{amount:,} {'orders' if basis is TierBasis.ORDERS else 'points'}"


def _points(told: Explanation, store: Store) -> Iterator[str]:
    available = told.shown["available"]
    value = _money(worth(available, told.points_per_unit, store.currency), store)
    yield f"\nPOINTS    {available:,} to spend, worth {value}"
    if told.shown["pending"]:
        yield f"          {told.shown['pending']:,} more after their hold"
    if told.shown["owed"]:
        yield f"          {-told.shown['owed']:,} owed from undone orders; the next points pay them first"
    if told.expiring_at is not None:
        yield f"          {told.expiring:,} expire after {_last_day(told.expiring_at, store)}"
    yield "  They come from, and went to:"
    for source in told.sources:
        yield from _source(source, store)
    if not told.sources:
        yield "    nothing yet"


def _source(source: Source, store: Store) -> Iterator[str]:
    total = sum(source.total(account) for account in ("available", "pending", "owed"))
    yield f"  {total:>+9,}  {_short(source.title, 66)}"
    if source.lot is not None:
        yield from _lot(source.lot, store)
    for movement in source.movements:
        yield from _movement(movement, store)


def _lot(lot: LotTold, store: Store) -> Iterator[str]:
    left = lot.points - lot.spent - lot.expired
    fate = [f"{lot.points:,} earned on {local_day(lot.earned_at, store.zone)} by rules v{lot.rule_version}"]
    fate += [f"{number:,} {word}" for number, word in ((lot.spent, "spent"), (lot.expired, "expired")) if number]
    fate.append(f"{left:,} left")
    if lot.expires_at is not None and left:
        fate.append(f"until {_last_day(lot.expires_at, store)}")
    yield _under("; ".join(fate))
    for line in lot.detail:
        yield _under(_line(line, store))


def _line(told: Mapping[str, Any], store: Store) -> str:
    """Return one part of an order in words: what it is worth, its factor, and the rule behind either."""
    what = f"product {told['product']}" if told.get("product") else str(told.get("part", "line"))
    why = told.get("excluded") or told.get("multiplier")
    rule = f" ({why})" if why else ""
    factor = "" if str(told.get("factor", "1")) == "1" else f" × {told['factor']}"
    net = format_amount(round(Decimal(told.get("net", "0"))), store.currency)
    return f"· {what}: {net}{factor} = {told.get('points')} points{rule}"


def _movement(movement: Movement, store: Store) -> Iterator[str]:
    moved = [f"{points:+,} {_ACCOUNTS[account]}" for account, points in movement.points.items() if points]
    when = f"{movement.at.astimezone(store.zone):%Y-%m-%d %H:%M}"
    yield _under(f"{when}  {movement.kind}: {', '.join(moved)}")
    told = movement.delivery
    if told is None and movement.kind == "earn":
        yield _under("  read from the store's history")
    if told is not None:
        causes = f" ({', '.join(told.causes)})" if told.causes else ""
        yield _under(f"  told by delivery {told.id}{causes}")


_ACCOUNTS = {"available": "to spend", "pending": "on hold", "owed": "owed"}


def _coupons(told: Explanation, store: Store) -> Iterator[str]:
    live = [coupon for coupon in told.coupons if coupon.live]
    yield f"\nCOUPONS   {len(live)} to use"
    for coupon in told.coupons:
        yield from _coupon(coupon, store)
    for one in told.withheld:
        yield from wrap(
            f"not given on {local_day(one.at, store.zone)}: {one.campaign}, {one.why} ({one.rule})",
            _WIDTH,
            initial_indent="  ",
            subsequent_indent="    ",
        )


def _coupon(coupon: CouponTold, store: Store) -> Iterator[str]:
    until = f"until {_last_day(coupon.expires_at, store)}" if coupon.live else coupon.state
    yield f"  {coupon.code}  {coupon.gives}, {until}"
    given = f"given {local_day(coupon.granted_at, store.zone)}"
    by = f"{coupon.campaign}, rules v{coupon.rule_version}" if coupon.campaign else f"rules v{coupon.rule_version}"
    yield from wrap(f"{given} ({by}): {coupon.why}", _WIDTH, initial_indent="    ", subsequent_indent="    ")


def _last_day(moment: datetime, store: Store) -> str:
    return local_day(moment - timedelta(microseconds=1), store.zone).isoformat()


def _money(minor: int, store: Store) -> str:
    return f"{format_amount(minor, store.currency)} {store.currency}"


def _under(text: str) -> str:
    return f"             {_short(text, _WIDTH - 13)}"


def _short(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"
