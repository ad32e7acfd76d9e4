"""Reading request bodies: never more than fits, and only JSON that a database can keep as it came."""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NoReturn

from flask import request
from marshmallow import Schema, ValidationError

from connector.domain.programme.mistakes import by_path
from connector.web.problems import Problem

LARGEST_BODY: Final = 1024 * 1024
# Deeper than any order; far below what a parser or an encoder takes without running out of stack.
_DEEPEST: Final = 64
_NAMED: Final = 8


def read_body() -> bytes:
    """Return the raw body. Raises Problem body_too_large for more than LARGEST_BODY.

    An announced length is judged before anything is read; of what comes in chunks no more is read than shows that
    it is too much.
    """
    announced = request.content_length or 0
    # The framework cuts a chunked body off at its limit without a word, so one byte more than is allowed tells.
    request.max_content_length = LARGEST_BODY + 1
    body = b"" if announced > LARGEST_BODY else request.get_data(cache=False)
    if max(announced, len(body)) > LARGEST_BODY:
        raise Problem("body_too_large", "The body is larger than 1 MiB. Nothing was stored.")
    return body


def read_json(body: bytes) -> Any:
    """Return what a JSON body says. Raises Problem not_json.

    NaN, infinities and numbers that would become one are not JSON; PostgreSQL refuses them.
    """
    try:
        document = json.loads(body.decode(), parse_constant=_refuse_number, parse_float=_finite)
    except (ValueError, RecursionError):
        raise Problem("not_json", "The body is not JSON in UTF-8.") from None
    if _depth_exceeds(document, _DEEPEST):
        raise Problem("not_json", f"The body is nested deeper than {_DEEPEST} levels.")
    return document


def load(schema: Schema, document: object, code: str = "validation_failed") -> dict[str, Any]:
    """Return a document as the schema reads it, else raise Problem ``code`` naming the fields that are wrong."""
    if not isinstance(document, dict):
        raise Problem(code, "The body must be a JSON object.", errors={})
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        raise invalid(by_path(error.messages, "body"), code) from None
    return loaded


def invalid(errors: Mapping[str, Sequence[str]], code: str = "validation_failed") -> Problem:
    """Return the problem that names every wrong field by its path."""
    return Problem(code, f"These fields are missing or wrong: {_listed(errors)}.", errors=errors)


def _listed(paths: Iterable[str]) -> str:
    named = list(paths)
    rest = f" and {len(named) - _NAMED} more" if len(named) > _NAMED else ""
    return ", ".join(named[:_NAMED]) + rest


def _refuse_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is not JSON")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _depth_exceeds(document: object, limit: int) -> bool:
    level: list[object] = [document]
    for _ in range(limit + 1):
        level = [
            inner
            for outer in level
            if isinstance(outer, dict | list)
            for inner in (outer.values() if isinstance(outer, dict) else outer)
        ]
        if not level:
            return False
    return True
