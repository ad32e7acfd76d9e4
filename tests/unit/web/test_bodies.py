"""Reading JSON that a database can keep."""

import json

import pytest
from marshmallow import Schema, fields

from connector.web.bodies import load, read_json
from connector.web.problems import Problem


def test_json_is_read_as_it_came() -> None:
    body = '{"id": 7, "price": 0.1, "name": "Grüße \\u0000 \\ud83d\\ude00", "none": null, "list": [true, 1e3]}'

    assert read_json(body.encode()) == json.loads(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"webhook_id=1",
        b"{'id': 1}",
        b'{"id": NaN}',
        b'{"id": Infinity}',
        b'{"id": -Infinity}',
        b'{"id": 1e999}',
        b'{"id": -1e999}',
        b'{"id": ' + b"9" * 5000 + b"}",
        b'{"name": "\xff\xfe"}',
        '{"id": 1}'.encode("utf-16"),
        b"\xef\xbb\xbf{}",
        b'{"id": 1} {"id": 2}',
        b"[" * 200_000,
        b"[" * 900 + b"]" * 900,
        b'{"a":' * 70 + b"1" + b"}" * 70,
    ],
)
def test_what_is_not_json_or_cannot_be_kept_is_refused(body: bytes) -> None:
    with pytest.raises(Problem) as refused:
        read_json(body)

    assert refused.value.code == "not_json"


def test_nesting_is_allowed_to_a_depth_no_order_reaches() -> None:
    body = b"[" * 64 + b"]" * 64

    assert read_json(body) == json.loads(body)


class _Named(Schema):
    name = fields.String(required=True)
    amount = fields.Integer()


def test_wrong_fields_are_named_without_their_content() -> None:
    with pytest.raises(Problem) as refused:
        load(_Named(), {"name": 5, "amount": "ada@shop.example"}, "payload_invalid")

    assert refused.value.code == "payload_invalid"
    assert refused.value.detail == "These fields are missing or wrong: amount, name."
    assert set(refused.value.errors or {}) == {"name", "amount"}
    assert "ada@shop.example" not in json.dumps(refused.value.errors)


@pytest.mark.parametrize("document", [None, [], "name", 5, True, [{"name": "x"}]])
def test_anything_but_an_object_is_refused(document: object) -> None:
    with pytest.raises(Problem, match="must be a JSON object"):
        load(_Named(), document, "validation_failed")
