"""Many ids in, many rows out: a statement whose text and parameters do not grow with what it is about."""

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    and_,
    any_,
    bindparam,
    column,
    false,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from connector.domain.history import Ints

_BLOCK = 50_000


def among(connection: Connection, ids_of: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these ids, given as one parameter.

    A placeholder for each costs more to write and to parse than the database takes to find the rows.
    """
    if not ids:
        return false()
    if connection.dialect.name == "sqlite":
        return ids_of.in_(select(func.json_each(json.dumps(list(ids))).table_valued("value").c.value))
    one_of = ids_of == any_(bindparam(None, list(ids), ARRAY(BigInteger), unique=True))
    # The bounds keep the planner, where it has no statistics yet, from reading all of a store for a part of it.
    return and_(one_of, ids_of.between(min(ids), max(ids)))


def numbers(connection: Connection, query: Select[Any]) -> Ints:
    """Return what a query of whole numbers gives, one row of the array a column: eight bytes of memory a number.

    Raises TypeError where one is NULL.
    """
    rows = connection.execute(query.execution_options(yield_per=_BLOCK))
    width = len(rows.keys())
    blocks = [np.zeros((0, width), dtype=np.int64)]
    for block in rows.partitions():
        flat = np.fromiter(chain.from_iterable(block), dtype=np.int64, count=width * len(block))
        blocks.append(flat.reshape(-1, width))
    return np.concatenate(blocks).T


def insert_rows(
    connection: Connection, statement: sqlite.Insert | postgresql.Insert, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Execute an INSERT for many rows, which all have the columns of the first.

    PostgreSQL is given an array a column, which it takes in one statement instead of one a row.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(statement, rows)
        return
    names, columns = list(rows[0]), statement.table.columns
    arrays = [bindparam(None, [row[name] for row in rows], ARRAY(columns[name].type), unique=True) for name in names]
    given = func.unnest(*arrays).table_valued(*(column(name, columns[name].type) for name in names)).render_derived()
    connection.execute(statement.from_select(names, select(given)))
