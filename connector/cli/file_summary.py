"""What `regulars score FILE` tells on screen: what was read, what was not used, and what the customers are worth."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from connector.cli.file_options import FileOptions


def summary(name: str, options: FileOptions, report: Mapping[str, Any], segments: Mapping[str, int]) -> Iterator[str]:
    """What a person wants to know at once, line by line, of a report on the file of this name."""
    from connector.domain.segments import NAMES, SLUGS

    data = report["data"]
    as_of = f" as of {data['as_of']}" if data["as_of"] else ""
    customers = _counted(data["customers"], "customer")
    yield f"{name}: {customers} scored{as_of}, from {data['used']:,} of {data['rows']:,} rows."
    yield f"  {_read(report['read'])}"
    for line in _unused(data, options):
        yield f"  {line}"
    if report["model"] == "none":
        yield f"No values: {report['reason']}"
    else:
        yield f"Values by {report['model']}{_parameters(report)}."
        yield _total(report)
        yield report["trust"]
    counted = [(slug, segments.get(slug, 0)) for slug in SLUGS]
    yield "Segments: " + ", ".join(f"{NAMES[slug]} {count:,}" for slug, count in counted if count)


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}{'' if count == 1 else 's'}"


def _read(read: Mapping[str, Any]) -> str:
    """Which columns were read for what, and how customers and orders were told apart."""
    columns = ", ".join(f"{role} {header!r}" for role, header in read["columns"].items())
    name = " (people of one name are one customer)" if read["customers_by"] == "name" else ""
    orders = "; no order ids: every row is an order" if read["order_ids"] is False else ""
    return f"Read: {columns}; customers by {read['customers_by']}{name}{orders}."


def _unused(data: Mapping[str, Any], options: FileOptions) -> Iterator[str]:
    from connector.orderfile.reasons import Reason

    for slug, count in data["rejected_by_reason"].items():
        yield f"{count:,} not used: {Reason[slug.upper()].words}"
    if data["later"]:
        yield f"{data['later']:,} not used: later than {data['as_of']}"
    if data["duplicates"]:
        yield f"{data['duplicates']:,} not used: the same once more"
    if data["rejected"] and not options.rejects:
        yield "--rejects FILE lists them with their line numbers."


def _parameters(report: Mapping[str, Any]) -> str:
    if not report["parameters"]:
        return ""
    shown = ", ".join(f"{name} {value:.5g}" for name, value in report["parameters"].items())
    return f" ({shown}; unit {report['unit']})"


def _total(report: Mapping[str, Any]) -> str:
    total, terms, currency = report["clv_total"], report["terms"], report["data"]["currency"]
    margin = f", at a margin of {terms['margin'] * 100:.4g}%" if terms["margin"] != 1 else ""
    rate = terms["annual_discount_rate"]
    discount = f", discounted at {rate * 100:.4g}% a year" if rate else ""
    return (
        f"Value of all customers over the next {terms['horizon']}{margin}{discount}: "
        f"{total['expected']}{f' {currency}' if currency else ''}, likely {total['low']} to {total['high']}."
    )
