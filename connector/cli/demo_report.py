"""What the demo prints: the store in figures, and one order's way from the shop and back."""

import json
import time
from typing import Any

from rich.table import Table

from connector.cli.demo_parts import Parts, wait_until_settled
from connector.cli.progress import console
from connector.db import standings
from connector.db import summary as figures
from connector.db.session import reading
from connector.domain.money import format_amount
from connector.domain.segments import NAMES
from connector.domain.standings import Fitted
from connector.domain.terms import ValueTerms

_SHOWN = 10
_ORDER_TOTAL = "1200.00"
_HEADINGS = ("customer", "CLV", "P(alive)", "orders", "spent", "last", "RFM", "segment", "tier")
_META = ("tier", "points", "segment", "rfm", "clv", "coupons")


def summary(parts: Parts, seconds: float) -> None:
    """Print counts, segments, tiers and the most valuable customers."""
    store = parts.paired
    with reading(parts.engine) as connection:
        counts = figures.counts(connection, store.id)
        segments = figures.grouped(connection, store.id, "segment")
        tiers = figures.grouped(connection, store.id, "tier")
        best = figures.most_valuable(connection, store.id, _SHOWN)
        run = standings.latest_run(connection, store.id)
    requests = parts.ask_shop("GET", "state")["requests"]
    writes = {route: count for route, count in requests.items() if not route.startswith("GET")}
    console.print(f"\n[bold]{store.site_url}[/bold], {seconds:.0f} seconds after the start")
    console.print(f"customers  {counts['customers']:,}      orders  {counts['orders']:,}")
    console.print(f"points     {counts['points']:,}      coupons issued  {counts['coupons']:,}")
    console.print("tiers      " + ", ".join(f"{tier} {count:,}" for tier, count in tiers.items()))
    console.print(f"REST       {sum(writes.values())} requests wrote it all back, {sum(requests.values())} in all")
    if run is not None:
        console.print(f"values     by {run.basis}, fitted on {run.customers:,} customers as of {run.as_of}")
    console.print(_segment_table(segments))
    if run is not None:
        console.print(_best_table(best, store.currency, Fitted.from_json(run.fitted).value.terms))


def _segment_table(segments: dict[str, int]) -> Table:
    table = Table(title="Segments", title_justify="left", box=None)
    table.add_column("segment")
    table.add_column("customers", justify="right")
    for slug, count in segments.items():
        table.add_row(NAMES.get(slug, slug), f"{count:,}")
    return table


def _best_table(best: list[Any], currency: str, terms: ValueTerms) -> Table:
    table = Table(
        title=f"The {len(best)} most valuable customers of the next {terms.horizon} ({currency})",
        title_justify="left",
        box=None,
    )
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading in ("segment", "tier") else "right")
    for row in best:
        table.add_row(
            f"#{row.wc_id}" if row.wc_id else f"guest {row.customer_id}",
            format_amount(row.clv, currency),
            "–" if row.p_alive is None else f"{row.p_alive:.0%}",
            str(row.orders),
            format_amount(row.monetary, currency),
            f"{row.recency_days} d",
            row.rfm,
            NAMES.get(row.segment, row.segment),
            row.tier,
        )
    return table


def new_order(parts: Parts) -> None:
    """Let a customer who bought once come back with their coupon, and print what the store shows before and after."""
    customer_id = _one_time_buyer(parts)
    before = _meta(parts, customer_id)
    codes = json.loads(before.get("coupons") or "[]")
    placed = time.monotonic()
    order = parts.ask_shop("POST", "orders", total=_ORDER_TOTAL, customer_id=customer_id, coupons=codes)["order"]
    wait_until_settled(parts)
    seconds = time.monotonic() - placed
    after = _meta(parts, customer_id)
    console.print(
        f"\nCustomer #{customer_id} bought once, long ago. Order {order['id']} is placed now: {_ORDER_TOTAL} "
        f"less the personal coupon makes {order['total']} {parts.paired.currency}."
    )
    table = Table(title="The shop's own record", title_justify="left", box=None)
    for heading in ("", "before", f"{seconds:.1f} s later"):
        table.add_column(heading)
    for key in _META:
        table.add_row(key, _shown(before.get(key, "")), _shown(after.get(key, "")))
    console.print(table)


def _shown(value: str) -> str:
    """Write a list of codes as a person would."""
    return ", ".join(json.loads(value)) or "–" if value.startswith("[") else value or "–"


def addresses(parts: Parts) -> None:
    """Print where things run."""
    console.print(f"\nconnector    {parts.connector_url}   (try /readyz)")
    console.print(f"sample shop  {parts.shop['rest_url']}wc/v3/")
    console.print(f"its key      {parts.shop['consumer_key']}", soft_wrap=True)
    console.print(f"data         {parts.folder}   (gone when the demo ends)")


def _one_time_buyer(parts: Parts) -> int:
    with reading(parts.engine) as connection:
        return figures.one_time_buyer(connection, parts.paired.id)


def _meta(parts: Parts, customer_id: int) -> dict[str, str]:
    customer = parts.ask_shop("GET", f"customers/{customer_id}")
    prefix = "regulars_"
    return {
        entry["key"].removeprefix(prefix): entry["value"]
        for entry in customer["meta_data"]
        if entry["key"].startswith(prefix)
    }
