"""One mebibyte is the limit, whatever a sender announces."""

import io
import json
import socket
from urllib.parse import urlsplit

import pytest
from sqlalchemy import Engine

from connector.db.stores import Store
from tests.integration.web.speaking import StoreVoice, inbox_rows, order_updated, problem_of

LIMIT = 1024 * 1024


def _body_of(size: int) -> bytes:
    """A valid delivery of exactly that many bytes."""
    document = order_updated(customer_note="")
    document["data"]["customer_note"] = "x" * (size - len(json.dumps(document).encode()))
    return json.dumps(document).encode()


def test_a_body_of_exactly_one_mebibyte_is_kept(voice: StoreVoice, engine: Engine) -> None:
    body = _body_of(LIMIT)
    assert len(body) == LIMIT

    assert voice.hooks(body, voice.signed(body)).status_code == 202
    assert len(inbox_rows(engine)) == 1


def test_a_byte_more_is_413_and_nothing_is_stored(voice: StoreVoice, engine: Engine) -> None:
    body = _body_of(LIMIT + 1)

    assert problem_of(voice.hooks(body, voice.signed(body))) == (413, "body_too_large")
    assert problem_of(voice.hooks(body, voice.signed_natively(body))) == (413, "body_too_large")
    assert inbox_rows(engine) == []


def test_a_store_whose_orders_are_too_large_is_named_in_the_log(
    voice: StoreVoice, caplog: pytest.LogCaptureFixture
) -> None:
    """The plugin gives such a delivery up, so somebody should be able to find out."""
    body = _body_of(LIMIT + 1)
    with caplog.at_level("INFO", logger="connector"):
        voice.hooks(body, voice.signed(body))

    assert "delivery store=st_test1 refused=body_too_large" in caplog.text


class _Unreadable(io.BytesIO):
    def read(self, size: int | None = -1) -> bytes:
        raise AssertionError("the body was read")

    readinto = readline = readlines = read  # type: ignore[assignment]


@pytest.mark.parametrize("path", ["/v1/hooks/st_test1", "/v1/pair", "/v1/stores/st_test1/status"])
def test_an_announced_size_over_the_limit_is_refused_before_anything_is_read(voice: StoreVoice, path: str) -> None:
    answer = voice.client.post(
        path, environ_overrides={"CONTENT_LENGTH": str(LIMIT + 1), "wsgi.input": _Unreadable()}
    )

    assert problem_of(answer) == (413, "body_too_large")


def _post_in_chunks(connector_url: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, bytes]:
    """Send a body without announcing its size; answer status and body."""
    address = urlsplit(connector_url)
    head = f"POST {path} HTTP/1.1\r\nHost: connector\r\nTransfer-Encoding: chunked\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    with socket.create_connection((address.hostname, address.port), timeout=20) as connection:
        connection.sendall(head.encode() + b"\r\n")
        try:
            for start in range(0, len(body), 65536):
                part = body[start : start + 65536]
                connection.sendall(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            connection.sendall(b"0\r\n\r\n")
            connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass  # The server may hang up as soon as it has seen too much; its answer is there all the same.
        answer = b""
        try:
            while part := connection.recv(65536):
                answer += part
        except ConnectionResetError:
            pass
    head_of_answer, _, content = answer.partition(b"\r\n\r\n")
    return int(head_of_answer.split()[1]), content


def test_a_body_in_chunks_is_kept(voice: StoreVoice, store: Store, engine: Engine, connector_url: str) -> None:
    body = _body_of(200_000)

    status, _ = _post_in_chunks(connector_url, f"/v1/hooks/{store.public_id}", voice.signed(body), body)

    assert status == 202
    assert len(inbox_rows(engine)) == 1


def test_a_body_in_chunks_that_grows_over_the_limit_is_413_and_nothing_is_stored(
    voice: StoreVoice, store: Store, engine: Engine, connector_url: str
) -> None:
    body = _body_of(LIMIT + 1)

    status, content = _post_in_chunks(connector_url, f"/v1/hooks/{store.public_id}", voice.signed(body), body)

    assert status == 413
    assert json.loads(content)["code"] == "body_too_large"
    assert inbox_rows(engine) == []
