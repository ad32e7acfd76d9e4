"""`regulars score FILE`: score the customers of an order export, without a store, a database or any setting."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from connector.cli.file_options import FileOptions
from connector.cli.file_summary import summary

if TYPE_CHECKING:
    from connector.orderfile.chunks import RowSource
    from connector.orderfile.orders import OrderRows
    from connector.orderfile.scores import Scored
    from connector.orderfile.summaries import SummaryRows
    from connector.orderfile.valuing import Valued

_BAR_FROM = {"bytes": 4_000_000, "rows": 100_000}


class _Refused(click.ClickException):
    """The file is of no use: one sentence, exit status 2."""

    exit_code = 2


class _Stopped(click.ClickException):
    """Somebody pressed Ctrl-C."""

    exit_code = 130


def score_file(path: Path, options: FileOptions, today: date) -> None:
    """Score the customers of a file; a sentence and exit status 2 where nothing can be made of it.

    Exit status 1 where a result cannot be written and 130 after Ctrl-C, both with what was written until then.
    """
    from connector.orderfile.errors import FileRefused, NotWritten

    _check_names(path, options)
    written: list[Path] = []
    try:
        lines = _score(path, options, today, written)
    except FileRefused as error:
        raise _Refused(str(error)) from error
    except NotWritten as error:
        raise click.ClickException(f"{error} {_listed(written)}") from error
    except KeyboardInterrupt as error:
        raise _Stopped(f"Stopped. {_listed(written)}") from error
    except OSError as error:
        raise _Refused(f"{path} cannot be read: {error.strerror or error}.") from error
    for line in lines:
        click.echo(line)
    click.echo(_listed(written) if written else "Nothing written; --out FILE writes a row per customer.")


def _check_names(path: Path, options: FileOptions) -> None:
    results = [name for name in (options.out, options.report, options.rejects) if name is not None]
    plain = [name.resolve() for name in results if name.is_file() or not name.exists()]
    if path.resolve() in plain:
        raise click.UsageError(f"{path} would be overwritten by its own results.")
    if len(set(plain)) < len(plain):
        raise click.UsageError("--out, --report and --rejects need three different files.")
    of_orders = options.date_format, options.lookback_days, options.counted_statuses
    if options.summary and (set(options.columns) - {"customer"} or any(each is not None for each in of_orders)):
        raise click.UsageError(
            "--summary reads no orders: leave out --date-format, --lookback-days, --counted-statuses and all column "
            "options but --customer-column."
        )


def _score(path: Path, options: FileOptions, today: date, written: list[Path]) -> list[str]:
    """Read, score and write; what there is to tell about it."""
    from connector.orderfile.opening import open_rows
    from connector.orderfile.scores import score
    from connector.orderfile.summaries import UNIT_DAYS, refuse_unusable
    from connector.orderfile.writing import write_rejects

    source = open_rows(path)
    with _steps(source, shown=source.size >= _BAR_FROM[source.counted_in]) as steps:
        rows, read = _read(source, options, today, steps)
        if options.rejects:
            write_rejects(options.rejects, rows.tally, source)
            written.append(options.rejects)
        refuse_unusable(rows.tally, path.name)
        steps.say("fitting")
        valued = _value(rows, options)
        steps.say("scoring")
        dated = rows.as_of_day is not None
        unit_days = UNIT_DAYS[options.unit]
        scored = score(rows.labels, valued.histories, valued.fitted, unit_days=unit_days, dated=dated)
        report = _report(rows, read, valued, scored, options)
        steps.say("writing")
        _write(rows, scored, report, options, written)
    return list(summary(path.name, options, report, scored.segments))


def _listed(written: Sequence[Path]) -> str:
    return f"Written: {', '.join(map(str, written))}." if written else "Nothing was written."


def _read(
    source: RowSource, options: FileOptions, today: date, steps: _Steps
) -> tuple[OrderRows | SummaryRows, dict[str, Any]]:
    """The rows, and how they were read."""
    from connector.orderfile.columns import ORDER_HEADERS, SUMMARY_HEADERS, find_columns, how_read
    from connector.orderfile.opening import chunks
    from connector.orderfile.orders import Asked, OrderReader
    from connector.orderfile.summaries import SummaryReader

    reader: OrderReader | SummaryReader
    roles = find_columns(source.header, options.columns, SUMMARY_HEADERS if options.summary else ORDER_HEADERS)
    if options.summary:
        reader = SummaryReader(roles, options.unit, options.as_of, options.currency)
    else:
        reader = OrderReader(
            roles, Asked(today, options.as_of, options.currency, options.date_format, options.counted_statuses)
        )
    for chunk in chunks(source, reader.columns, steps.read):
        reader.add(chunk)
    return reader.finish(), how_read(roles, source.header)


def _value(rows: OrderRows | SummaryRows, options: FileOptions) -> Valued:
    from connector.domain.terms import YEAR_DAYS, ValueTerms
    from connector.orderfile.summaries import SummaryRows
    from connector.orderfile.valuing import value_orders, value_summary

    terms = ValueTerms(options.horizon_days or YEAR_DAYS, options.margin, options.discount_rate)
    if isinstance(rows, SummaryRows):
        return value_summary(rows, terms, options.model, priors=options.priors)
    return value_orders(rows, terms, options.model, priors=options.priors, lookback_days=options.lookback_days)


def _report(
    rows: OrderRows | SummaryRows, read: Mapping[str, Any], valued: Valued, scored: Scored, options: FileOptions
) -> dict[str, Any]:
    from connector.orderfile.report import present
    from connector.orderfile.summaries import UNIT_DAYS

    return present(
        valued.report,
        rows.tally,
        unit_days=UNIT_DAYS[options.unit],
        currency=rows.currency,
        as_of_day=rows.as_of_day,
        repeat_purchases=int(valued.histories.x.sum()),
        total=scored.total,
        terms=valued.fitted.terms,
        read=read,
        asked=options.to_json(),
    )


def _write(
    rows: OrderRows | SummaryRows,
    scored: Scored,
    report: Mapping[str, Any],
    options: FileOptions,
    written: list[Path],
) -> None:
    from connector.domain.money import exponent
    from connector.orderfile.writing import write_report, write_scores

    if options.report:
        write_report(options.report, report)
        written.append(options.report)
    if options.out:
        write_scores(options.out, scored.columns, exponent(rows.currency or ""))
        written.append(options.out)


class _Steps(Protocol):
    """What is told while the work goes on."""

    def read(self, position: int, rows: int) -> None: ...

    def say(self, words: str) -> None: ...


class _Silence:
    def read(self, position: int, rows: int) -> None:
        """Say nothing: a small file is done before a bar could be read."""

    def say(self, words: str) -> None:
        """Say nothing."""


@contextmanager
def _steps(source: RowSource, *, shown: bool) -> Iterator[_Steps]:
    """A progress bar on standard error for files that take a moment."""
    if not shown:
        yield _Silence()
        return
    from connector.cli.file_progress import file_bar

    with file_bar(source.size) as bar:
        yield bar
