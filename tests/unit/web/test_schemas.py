"""What every schema of a request says of fields that are missing or wrong."""

from collections.abc import Iterator

import pytest
from marshmallow import ValidationError

from connector import app  # noqa: F401 - it loads every view, and with them every schema
from connector.domain.asking import Request
from connector.domain.programme.mistakes import by_path
from connector.web.schemas import Told


def _schemas(of: type[Request] = Request) -> Iterator[type[Request]]:
    for schema in of.__subclasses__():
        yield schema
        yield from _schemas(schema)


SCHEMAS = list(_schemas())
FIELDS = [(schema, name) for schema in SCHEMAS for name in schema().fields]


@pytest.mark.parametrize(("schema", "name"), FIELDS, ids=lambda one: getattr(one, "__name__", one))
@pytest.mark.parametrize("value", [None, "", "\x00", [], [[]], {"x": 1}, 5, -1, 10**400, 1e308, True], ids=repr)
def test_what_is_wrong_with_a_field_is_said_in_our_own_words(schema: type[Request], name: str, value: object) -> None:
    mistakes = schema().validate({name: value})

    for sentences in by_path(mistakes, "body").values():
        for sentence in sentences:
            assert sentence.startswith(("Must be", "Must not be", "Must hold", "There is no")), sentence
            assert "{" not in sentence


@pytest.mark.parametrize("schema", SCHEMAS, ids=lambda one: one.__name__)
def test_a_field_that_is_not_known_is_refused_but_where_a_newer_plugin_may_send_it(schema: type[Request]) -> None:
    try:
        schema().load({"unheard_of": 1})
        refused = False
    except ValidationError as error:
        refused = "unheard_of" in error.messages_dict

    assert refused == (not issubclass(schema, Told))
