"""What an error looks like from outside, and what the log may know of it."""

import logging

import pytest
from flask import Flask, abort
from flask.testing import FlaskClient

from connector.db.session import StorageUnavailable
from connector.db.vault import VaultError
from connector.domain.troubles import say
from connector.web.headers import register_headers
from connector.web.problems import Problem, register_error_handlers


@pytest.fixture
def app() -> Flask:
    app = Flask(__name__)
    register_error_handlers(app)
    register_headers(app)
    return app


def _client_of_a_view_that_raises(app: Flask, error: Exception) -> FlaskClient:
    @app.get("/")
    def view() -> str:
        raise error

    return app.test_client()


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("unknown_store", 404),
        ("signature_invalid", 401),
        ("timestamp_out_of_range", 401),
        ("body_too_large", 413),
        ("not_json", 400),
        ("payload_invalid", 400),
        ("storage_unavailable", 503),
        ("store_disconnected", 410),
        ("pairing_code_invalid", 403),
        ("pairing_code_expired", 403),
        ("https_required", 422),
        ("store_refused", 422),
        ("store_unreachable", 502),
        ("currency_mismatch", 422),
        ("validation_failed", 422),
    ],
)
def test_every_code_of_the_protocol_has_its_status(app: Flask, code: str, status: int) -> None:
    answer = _client_of_a_view_that_raises(app, Problem(code, "A sentence.")).get("/")

    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    document = answer.get_json(force=True)
    assert document["status"] == status
    assert document["code"] == code
    assert document["detail"] == "A sentence."
    assert document["title"]
    assert document["type"]


def test_wrong_fields_are_listed(app: Flask) -> None:
    problem = Problem("validation_failed", "A sentence.", errors={"code": ["Missing."]})

    answer = _client_of_a_view_that_raises(app, problem).get("/")

    assert answer.get_json(force=True)["errors"] == {"code": ["Missing."]}


def test_a_trouble_with_the_store_is_named_by_its_code_and_other_details_have_none(app: Flask) -> None:
    client = _client_of_a_view_that_raises(app, Problem("store_unreachable", say("store_failed", status=500)))

    assert client.get("/").get_json(force=True)["reason"] == {"code": "store_failed", "values": {"status": "500"}}
    assert "reason" not in client.get("/nowhere").get_json(force=True)


def test_a_database_that_is_down_is_a_503_that_says_when_to_come_again(app: Flask) -> None:
    answer = _client_of_a_view_that_raises(app, StorageUnavailable("locked by 4711")).get("/")

    assert answer.status_code == 503
    assert answer.headers["Retry-After"] == "5"
    assert answer.get_json(force=True)["code"] == "storage_unavailable"
    assert "4711" not in answer.text


def test_an_unexpected_error_tells_nothing_to_the_caller_and_no_personal_data_to_the_log(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = _client_of_a_view_that_raises(app, ValueError("ada@shop.example already exists"))

    answer = client.get("/")

    assert answer.status_code == 500
    assert answer.get_json(force=True)["code"] == "internal_error"
    assert "ada" not in answer.text
    assert "ValueError" not in answer.text
    assert "ValueError" in caplog.text
    assert "test_problems.py" in caplog.text
    assert "ada@shop.example" not in caplog.text


def test_a_wrong_encryption_key_is_explained_to_the_operator_alone(
    app: Flask, caplog: pytest.LogCaptureFixture
) -> None:
    client = _client_of_a_view_that_raises(app, VaultError("Set REGULARS_SECRET_KEY."))

    with caplog.at_level(logging.ERROR):
        answer = client.get("/")

    assert answer.status_code == 500
    assert "REGULARS_SECRET_KEY" not in answer.text
    assert "REGULARS_SECRET_KEY" in caplog.text


def test_refusals_of_the_framework_are_problems_too(app: Flask) -> None:
    @app.get("/form")
    def form() -> str:
        abort(415)

    client = app.test_client()

    for answer, status, code in [
        (client.get("/nowhere"), 404, "not_found"),
        (client.post("/form"), 405, "method_not_allowed"),
        (client.get("/form"), 415, "request_refused"),
    ]:
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert answer.get_json(force=True)["code"] == code
        assert "spelling" not in answer.text
    assert "GET" in client.post("/form").headers["Allow"]


def test_every_answer_forbids_keeping_sniffing_and_framing(app: Flask) -> None:
    @app.get("/")
    def view() -> str:
        return "fine"

    for answer in (app.test_client().get("/"), app.test_client().get("/nowhere")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"] == "default-src 'none'; frame-ancestors 'none'"
        assert "Access-Control-Allow-Origin" not in answer.headers
