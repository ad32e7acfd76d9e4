"""Headers on every answer: an API for servers has nothing that a browser should keep, sniff, frame or run."""

from typing import Final

from flask import Flask, Response

_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def register_headers(app: Flask) -> None:
    """Put the headers on whatever the application answers, errors included."""
    app.after_request(_with_headers)


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response
