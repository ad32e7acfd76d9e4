"""The options of `regulars score FILE`: what may be asked of an order export."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from connector.cli.parameters import Day

if TYPE_CHECKING:
    from connector.domain.assessment import Choice

Command = TypeVar("Command", bound=Callable[..., Any])

MODELS = ("auto", "bg-nbd", "mbg-nbd", "pareto-nbd")
_ROLES = ("customer", "email", "order", "date", "amount", "refunded", "currency", "status")


class _Currency(click.ParamType[str]):
    name = "code"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        if not re.fullmatch(r"[A-Za-z]{3}", str(value), re.ASCII):
            self.fail(f"{value!r} is not a currency code like EUR.", param, ctx)
        return str(value).upper()


class _DateFormat(click.ParamType[str]):
    name = "pattern"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        day = datetime(2001, 12, 31, tzinfo=UTC)
        try:
            told = datetime.strptime(day.strftime(str(value)), str(value)).replace(tzinfo=UTC).date() == day.date()
        except ValueError:
            told = False
        if not told:
            self.fail(f"{value!r} does not tell day, month and year as %d/%m/%Y does.", param, ctx)
        return str(value)


class _Statuses(click.ParamType[frozenset[str]]):
    name = "statuses"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> frozenset[str]:
        if isinstance(value, frozenset):
            return value
        return frozenset(status.strip().lower().removeprefix("wc-") for status in str(value).split(","))


@dataclass(frozen=True, slots=True)
class FileOptions:
    """What was asked of a file, as the options say it."""

    as_of: date | None
    unit: str
    priors: bool
    model: Choice
    horizon_days: int | None
    margin: float
    discount_rate: float
    lookback_days: int | None
    out: Path | None
    report: Path | None
    rejects: Path | None
    summary: bool
    currency: str | None
    date_format: str | None
    customer_column: str | None
    email_column: str | None
    order_column: str | None
    date_column: str | None
    amount_column: str | None
    refunded_column: str | None
    currency_column: str | None
    status_column: str | None
    counted_statuses: frozenset[str] | None

    @property
    def columns(self) -> dict[str, str]:
        """Role -> the column that was asked for by name."""
        asked = {role: getattr(self, f"{role}_column") for role in _ROLES}
        return {role: name for role, name in asked.items() if name is not None}

    def to_json(self) -> dict[str, Any]:
        """What decides the scores, for the report; None where it was not asked for."""
        return {
            "model": self.model,
            "unit": self.unit,
            "priors": self.priors,
            "horizon_days": self.horizon_days,
            "margin": self.margin,
            "discount_rate": self.discount_rate,
            "lookback_days": self.lookback_days,
            "summary": self.summary,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "currency": self.currency,
            "columns": self.columns,
            "date_format": self.date_format,
            "counted_statuses": None if self.counted_statuses is None else sorted(self.counted_statuses),
        }


def _path(kind: str, what: str) -> Any:
    return click.option(
        kind, type=click.Path(dir_okay=False, writable=True, path_type=Path), metavar="FILE", help=what
    )


def _column(role: str, what: str) -> Any:
    return click.option(f"--{role}-column", metavar="NAME", help=f"Column of {what}, where the header does not tell.")


_OPTIONS = (
    click.option(
        "--as-of",
        type=Day(),
        metavar="DATE",
        help="Score as of this day; later rows are not used. [default: the last date in the file]",
    ),
    click.option(
        "--unit",
        type=click.Choice(("day", "week")),
        default="day",
        show_default=True,
        help="Unit of t_x, T and the model's parameters.",
    ),
    click.option(
        "--model",
        type=click.Choice(MODELS),
        default="auto",
        show_default=True,
        help="Model of repeat purchases; auto lets a back-test on the file's own past choose.",
    ),
    click.option(
        "--priors/--no-priors",
        default=True,
        show_default=True,
        help="Fit with weak priors, or by maximum likelihood alone.",
    ),
    click.option(
        "--horizon-days",
        type=click.IntRange(1, 3650),
        metavar="N",
        help="How far ahead clv and expected_orders look. [default: 12 months]",
    ),
    click.option(
        "--margin",
        type=click.FloatRange(0, 1),
        default=1.0,
        show_default=True,
        help="Share of net value that is profit; clv, clv_historic and clv_formula are multiplied by it.",
    ),
    click.option(
        "--discount-rate",
        type=click.FloatRange(0, 10),
        default=0.10,
        show_default=True,
        help="Discount a year, for clv.",
    ),
    click.option(
        "--lookback-days",
        type=click.IntRange(min=1),
        metavar="N",
        help="Count frequency and monetary, and so f and m, in the last N days only. [default: all]",
    ),
    _path("--out", "Write one row per customer here: Parquet for a name in .parquet, else CSV."),
    _path("--report", "Write model, parameters, back-test, data and how far to trust it here, as JSON."),
    _path("--rejects", "Write every row that cannot be used here, with its line number and the reason, as CSV."),
    click.option(
        "--summary",
        is_flag=True,
        help="FILE has customer_id, x, t_x, T and monetary_value (in --unit) instead of orders.",
    ),
    click.option(
        "--currency",
        type=_Currency(),
        metavar="CODE",
        help="Currency of the amounts. Where the file names several, score these and reject the others.",
    ),
    click.option(
        "--date-format",
        type=_DateFormat(),
        metavar="PATTERN",
        help="How dates are written, as for strptime: %d/%m/%Y.",
    ),
    _column("customer", "the customer's id"),
    _column("email", "the customer's e-mail address"),
    _column("order", "the order's id"),
    _column("date", "the order's date"),
    _column("amount", "what was paid"),
    _column("refunded", "what was given back of it"),
    _column("currency", "the currency"),
    _column("status", "the order's status"),
    click.option(
        "--counted-statuses",
        type=_Statuses(),
        metavar="LIST",
        help="Statuses that are purchases, where the file has statuses. [default: processing,completed]",
    ),
)
NAMES = tuple(name for name in FileOptions.__dataclass_fields__)


def file_options(command: Command) -> Command:
    """Give a command the options of the FILE form."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command
