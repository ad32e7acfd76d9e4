"""Points given or taken by hand, one by one or from a file: what is asked for, and what it would do."""

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from io import StringIO
from typing import Any, Final

from connector.domain.identity import normalise_email

MOST_POINTS: Final = 100_000_000
LONGEST_REASON: Final = 300
MOST_ROWS: Final = 10_000

_COLUMNS: Final = ("customer", "points", "reason")
_WHOLE: Final = re.compile(r"[+-]?[0-9]{1,12}", re.ASCII)
_USER: Final = re.compile(r"[0-9]{1,18}", re.ASCII)


class FileUnreadable(Exception):
    """The file as a whole is no list of adjustments. The message says what to do."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One row of a file. ``customer`` is a normalised e-mail address or a WooCommerce user id."""

    line: int
    customer: str
    points: int
    reason: str


@dataclass(frozen=True, slots=True)
class Mistake:
    """What is wrong with a row, by its line in the file (the header is line 1)."""

    line: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a row does to the points a customer can spend; what it did earlier has no ``before`` and ``after``."""

    line: int
    customer_id: int
    customer: str
    points: int
    reason: str
    before: int | None
    after: int | None


def too_much(points: int, available: int) -> str | None:
    """Return why so many points cannot be taken, or None where they can (or are given)."""
    if points >= 0 or -points <= available:
        return None
    there = f"{max(available, 0):,} points" if available != 1 else "1 point"
    return f"Only {there} can be taken: that is what is available now, and {-points:,} were asked for."


def content_key(text: str) -> str:
    """Return a key that is the same for the same file only, also where line ends or a byte order mark differ."""
    lines = text.removeprefix("\ufeff").split()
    return sha256(" ".join(lines).encode("utf-8", "surrogatepass")).hexdigest()[:40]


def read_rows(text: str, default_reason: str = "") -> tuple[list[Asked], list[Mistake]]:
    """Return the rows of a CSV file with the columns customer, points and reason, and what is wrong with others.

    Separated by commas, semicolons or tabs; ``reason`` may be left out where there is a default. Raises
    FileUnreadable for what is no such file.
    """
    reader = _reader(text)
    asked: list[Asked] = []
    mistakes: list[Mistake] = []
    try:
        columns = _columns(next(reader, []), default_reason)
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if len(asked) + len(mistakes) >= MOST_ROWS:
                raise FileUnreadable(f"The file has more than {MOST_ROWS:,} rows. Please split it.")
            row = _row(reader.line_num, cells, columns, default_reason)
            (asked if isinstance(row, Asked) else mistakes).append(row)  # type: ignore[arg-type]
    except csv.Error as error:
        raise FileUnreadable(f"Line {reader.line_num} cannot be read as CSV ({error}).") from None
    if not asked and not mistakes:
        raise FileUnreadable("The file has no rows.")
    return asked, mistakes


def effects(
    asked: Sequence[Asked], ids: Mapping[str, int], balances: Mapping[int, int]
) -> tuple[list[Effect], list[Mistake]]:
    """Return what each row does, one after the other, and what is wrong with those that cannot be done.

    ``ids``: our customers by what the file calls them; ``balances``: what each can spend now (none: 0).
    """
    done: list[Effect] = []
    mistakes: list[Mistake] = []
    left = dict(balances)
    for row in asked:
        customer_id = ids.get(row.customer)
        if customer_id is None:
            mistakes.append(Mistake(row.line, "No customer of this store has this e-mail address or user id."))
            continue
        before = left.get(customer_id, 0)
        if refusal := too_much(row.points, before):
            mistakes.append(Mistake(row.line, refusal))
            continue
        left[customer_id] = before + row.points
        done.append(Effect(row.line, customer_id, row.customer, row.points, row.reason, before, before + row.points))
    return done, mistakes


def _reader(text: str) -> Any:
    text = text.removeprefix("\ufeff")
    first, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=first.count)
    return csv.reader(StringIO(text, newline=""), delimiter=delimiter, strict=True)


def _columns(header: Sequence[str], default_reason: str) -> dict[str, int]:
    names = [cell.strip().casefold() for cell in header]
    missing = [name for name in _COLUMNS if name not in names and not (name == "reason" and default_reason)]
    if missing:
        raise FileUnreadable(
            f"The first line must name the columns customer, points and reason; {', '.join(missing)} is missing."
        )
    return {name: names.index(name) for name in _COLUMNS if name in names}


def _row(line: int, cells: Sequence[str], columns: Mapping[str, int], default_reason: str) -> Asked | Mistake:
    given = {name: cells[at].strip() if at < len(cells) else "" for name, at in columns.items()}
    for sentence in _complaints(given, default_reason):
        return Mistake(line, sentence)
    customer = normalise_email(given["customer"]) or given["customer"]
    return Asked(line, customer, int(given["points"]), given.get("reason") or default_reason)


def _complaints(given: Mapping[str, str], default_reason: str) -> Iterator[str]:
    customer, points, reason = given["customer"], given["points"], given.get("reason") or default_reason
    if not _USER.fullmatch(customer) and normalise_email(customer) is None:
        yield "The customer must be an e-mail address or a WooCommerce user id."
    if not _WHOLE.fullmatch(points):
        yield "The points must be a whole number without separators, such as 500 or -500."
    elif not 1 <= abs(int(points)) <= MOST_POINTS:
        yield f"The points must be at least 1 or at most -1, and no more than {MOST_POINTS:,} either way."
    if not reason:
        yield "There is no reason. Say why, for whoever reads the account later."
    elif len(reason) > LONGEST_REASON or not reason.isprintable():
        yield f"The reason must be at most {LONGEST_REASON} characters without line breaks."
