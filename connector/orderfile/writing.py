"""Results as files: each appears complete or not at all, and the same input gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from connector.orderfile.chunks import RowSource
from connector.orderfile.errors import NotWritten
from connector.orderfile.reasons import Reason
from connector.orderfile.scores import Column
from connector.orderfile.tally import Tally


def write_scores(path: Path, columns: Sequence[Column], decimals: int) -> None:
    """One row per customer, as Parquet where the name ends so, else as CSV. Money has `decimals` decimals."""
    rows = len(columns[0].values if columns[0].values is not None else ())
    arrays = [_array(column, decimals, rows) for column in columns]
    table = pa.Table.from_arrays(arrays, names=[column.name for column in columns])
    with appearing(path) as file:
        if path.suffix.lower() == ".parquet":
            pq.write_table(table, file)
        else:
            _write_csv(table, file)


def write_report(path: Path, report: Mapping[str, Any]) -> None:
    """JSON with two spaces of indentation; what is not a finite number is null."""
    text = json.dumps(_finite(report), ensure_ascii=False, indent=2, allow_nan=False)
    with appearing(path) as file:
        file.write(f"{text}\n".encode())


def _finite(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _finite(part) for name, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def write_rejects(path: Path, tally: Tally, source: RowSource) -> None:
    """CSV line,reason,row: each rejected row as it is written in the file, read from there once more."""
    reasons = tally.rejected_reasons.tolist()
    with appearing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="")
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(("line", "reason", "row"))
        found = source.texts(tally.rejected_lines) if reasons else iter(())
        for (line, row), reason in zip(found, reasons, strict=True):
            writer.writerow((line, Reason(reason).slug, row))
        text.detach()


@contextmanager
def appearing(path: Path) -> Iterator[IO[bytes]]:
    """A file that takes its name when all is written; on an error nothing of it is left. Raises NotWritten.

    Devices and pipes are written to as they are.
    """
    plain = path.is_file() or not path.exists()
    target = path.resolve() if plain else path
    place = target.with_name(f".{target.name}.{os.getpid()}.part") if plain else target
    try:
        with place.open("wb") as file:
            yield file
        if plain:
            place.replace(target)
    except OSError as error:
        raise NotWritten(f"{path} cannot be written: {error.strerror or error}.") from error
    finally:
        if plain:
            with suppress(OSError):
                place.unlink(missing_ok=True)


def _array(column: Column, decimals: int, rows: int) -> Any:
    values = column.values
    types = {"text": pa.string(), "whole": pa.int64(), "number": pa.float64(), "day": pa.date32()}
    money = pa.decimal128(19, decimals)
    if values is None:
        return pa.nulls(rows, money if column.kind == "money" else types[column.kind])
    if column.kind == "money":
        # A decimal of 128 bits is a whole number of 128 bits: the low half, and the sign over the high half.
        low = np.asarray(values, dtype=np.int64)
        halves = np.stack([low, low >> 63], axis=1)
        return pa.Array.from_buffers(money, rows, [None, pa.py_buffer(np.ascontiguousarray(halves))])
    if column.kind == "day":
        return pa.array(np.asarray(values, dtype=np.int32), type=pa.date32())
    return pa.array(values, type=types[column.kind])


def _write_csv(table: Any, file: IO[bytes]) -> None:
    """CSV with quotes only where some customer's id needs them; then all texts have them."""
    names = table.column("customer_id")
    special = pc.any(pc.match_substring_regex(names, '[",\r\n]')).as_py()
    file.write(",".join(table.column_names).encode() + b"\n")
    style = "needed" if special else "none"
    pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(include_header=False, quoting_style=style))
