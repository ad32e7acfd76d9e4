"""Many ids in, many rows out: a statement whose text and parameters do not grow with what it is about."""

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from typing import Any

import numpy as np
from sqlalchemy import (
    ARRAY,
    JSON,
    BigInteger,
    Column,
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    cast,
    column,
    false,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

from connector.domain.arrays import Ints

_BLOCK = 50_000


def among(connection: Connection, ids_of: ColumnElement[int], ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these ids, given as one parameter.

    A placeholder for each costs more to write and to parse than the database takes to find the rows.
    """
    if not ids:
        return false()
    listed = ",".join(map(str, ids))
    if connection.dialect.name == "sqlite":
        return ids_of.in_(select(func.json_each(f"[{listed}]").table_valued("value").c.value))
    # As text, because the driver would look at each number by itself.
    one_of = ids_of == any_(cast(bindparam(None, f"{{{listed}}}", Text, unique=True), ARRAY(BigInteger)))
    # The bounds keep the planner, where it has no statistics yet, from reading all of a store for a part of it.
    return and_(one_of, ids_of.between(min(ids), max(ids)))


def among_texts(connection: Connection, texts_of: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these texts, given as one parameter.

    PostgreSQL takes no more than 65,535 parameters.
    """
    document = bindparam(None, json.dumps(sorted(texts)), Text, unique=True)
    if connection.dialect.name == "sqlite":
        return texts_of.in_(select(func.json_each(document).table_valued("value").c.value))
    return texts_of.in_(select(func.json_array_elements_text(cast(document, JSON)).column_valued()))


def given(dialect: str, ids_of: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition of `among` for a statement that is made once and executed with `ids_given`.

    Putting a statement together costs more than a small one takes to run.
    """
    if dialect == "sqlite":
        return ids_of.in_(select(func.json_each(bindparam("ids", type_=Text)).table_valued("value").c.value))
    one_of = ids_of == any_(cast(bindparam("ids", type_=Text), ARRAY(BigInteger)))
    return and_(one_of, ids_of.between(bindparam("lowest", type_=BigInteger), bindparam("highest", type_=BigInteger)))


def ids_given(dialect: str, ids: Sequence[int]) -> dict[str, Any]:
    """Return the parameters of a statement made with `given`."""
    listed = ",".join(map(str, ids))
    if dialect == "sqlite":
        return {"ids": f"[{listed}]"}
    return {"ids": f"{{{listed}}}", "lowest": min(ids, default=0), "highest": max(ids, default=-1)}


def of_customers(
    connection: Connection, made: Callable[[str], Select[Any]], store_id: int, customer_ids: Sequence[int]
) -> list[Any]:
    """Return the rows of the statement that ``made`` makes for a dialect, for these customers of a ``store``."""
    dialect = connection.dialect.name
    return list(connection.execute(made(dialect), {"store": store_id, **ids_given(dialect, customer_ids)}))


def keyed(connection: Connection, key: Column[int], store_id: int, ids: Sequence[int]) -> ColumnElement[bool]:
    """Return the condition that a row's own key is one of these ids, and the row the store's.

    The sum keeps SQLite from looking for the store first: without statistics it takes all of a store's rows for few.
    """
    return and_(among(connection, key, ids), key.table.c.store_id + 0 == store_id)


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

    PostgreSQL is given them as one document, which it takes in one statement: a statement or a parameter a value
    takes the client longer than the rows take the database. Raises ValueError for a naive datetime, and for a number
    that is none.
    """
    if not rows:
        return
    if connection.dialect.name == "sqlite":
        connection.execute(statement, rows)
        return
    names, columns = list(rows[0]), statement.table.columns
    document = bindparam(None, json.dumps(list(rows), default=_text, allow_nan=False), Text, unique=True)
    of_type = [column(name, columns[name].type) for name in names]
    given = func.json_to_recordset(cast(document, JSON)).table_valued(*of_type).render_derived(with_types=True)
    connection.execute(statement.from_select(names, select(given)))


def _text(value: date | Decimal) -> str:
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a naive datetime reached the database")
    return value.isoformat()
