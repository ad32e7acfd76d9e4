"""Requests, answers and errors as WordPress' REST server has them, and PHP's way to read a query."""

import json
import re
from dataclasses import dataclass, field
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

Json = dict[str, Any]
Record = TypeVar("Record")
Query = dict[str, Any]
"""Values are strings, or lists of strings for ``name[]=``."""

_EMAIL = re.compile(r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)+$")
_ARRAY = re.compile(r"^([^\[]+)\[(\d*)\]$")


class RestError(Exception):
    """What WordPress calls a WP_Error: a stable code, a sentence and data that carries the HTTP status.

    ``data`` may be a bare number, as some WooCommerce errors have it; WordPress then answers 500.
    """

    def __init__(self, code: str, message: str, status: int, **data: Any) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status
        self.data: Any = {"status": status, **data}

    @classmethod
    def with_bare_status(cls, code: str, message: str, number: int) -> "RestError":
        """An error whose data is a number: WordPress finds no status in it and answers 500."""
        error = cls(code, message, 500)
        error.data = number
        return error

    def body(self) -> Json:
        """The error object: the body of an answer, or an item's ``error`` in a batch."""
        return {"code": self.code, "message": self.message, "data": self.data}


@dataclass
class Request:
    """One request, its query and its JSON body read."""

    method: str
    path: str
    query: Query
    headers: dict[str, str]
    body: Json

    def param(self, name: str, default: Any = None) -> Any:
        """A parameter, the body before the query, as WordPress looks it up."""
        if name in self.body:
            return self.body[name]
        return self.query.get(name, default)


@dataclass
class Response:
    """An answer: ``body`` is sent as JSON, ``raw`` (if given) as it is."""

    body: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    raw: bytes | None = None

    def payload(self) -> bytes:
        """The bytes on the wire."""
        return self.raw if self.raw is not None else json.dumps(self.body, separators=(",", ":")).encode()


def read_query(text: str) -> Query:
    """A query string as PHP's ``$_GET`` has it: the last of equal names wins, ``name[]`` collects."""
    query: Query = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        array = _ARRAY.match(name)
        if array is None:
            query[name] = value
            continue
        held = query.get(array[1])
        query[array[1]] = [*held, value] if isinstance(held, list) else [value]
    return query


def read_request(method: str, target: str, headers: dict[str, str], body: bytes) -> Request:
    """Read a raw request.

    Raises RestError ``rest_invalid_json`` for a JSON body that is none.
    """
    parts = urlsplit(target)
    content: Any = {}
    if body and "json" in headers.get("content-type", ""):
        try:
            content = json.loads(body)
        except ValueError as error:
            raise RestError("rest_invalid_json", "Invalid JSON body passed.", 400, json_error_code=4) from error
    elif body:
        content = read_query(body.decode("utf-8", "replace"))
    return Request(method, parts.path, read_query(parts.query), headers, content if isinstance(content, dict) else {})


def copied(record: Record) -> Record:
    """A copy through JSON, which is all that records hold; quicker than deepcopy on thousands of them."""
    copy: Record = json.loads(json.dumps(record))
    return copy


def is_email(text: str) -> bool:
    """Whether the text is an address, roughly as WordPress judges it."""
    return _EMAIL.match(text) is not None


def is_true(value: Any) -> bool:
    """A boolean parameter."""
    return str(value).lower() in {"true", "1"}
