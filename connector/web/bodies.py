"""Reading request bodies: never more than fits, and only JSON that a database can keep as it came."""

import json
import math
from typing import Any, Final, NoReturn

from flask import request
from marshmallow import Schema, ValidationError

from connector.web.problems import Problem

LARGEST_BODY: Final = 1024 * 1024
# Deeper than any order; far below what a parser or an encoder takes without running out of stack.
_DEEPEST: Final = 64


def read_body() -> bytes:
    """Return the raw body. A longer one than LARGEST_BODY is refused with 413, also where it comes in chunks.

    The application's MAX_CONTENT_LENGTH does the refusing: by the announced length before anything is read, else
    as soon as more has come.
    """
    return request.get_data(cache=False)


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


def load(schema: Schema, document: object, code: str) -> dict[str, Any]:
    """Return a document as the schema reads it, else raise Problem ``code`` naming the fields that are wrong."""
    if not isinstance(document, dict):
        raise Problem(code, "The body must be a JSON object.", errors={})
    try:
        loaded: dict[str, Any] = schema.load(document)
    except ValidationError as error:
        messages = error.messages_dict
        names = ", ".join(sorted(messages))
        raise Problem(code, f"These fields are missing or wrong: {names}.", errors=messages) from None
    return loaded


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
