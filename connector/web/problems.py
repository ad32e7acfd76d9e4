"""Errors as problem+json (RFC 9457): a code that stays, and a sentence that somebody can act on."""

import json
import logging
import traceback
from collections.abc import Mapping
from typing import Any, Final

from flask import Flask, Response
from werkzeug.exceptions import HTTPException

from connector.db.session import StorageUnavailable
from connector.db.vault import VaultError
from connector.domain.programme.mistakes import reasons
from connector.domain.redemption import Refusal
from connector.domain.troubles import recognise

_log = logging.getLogger(__name__)
RETRY_AFTER_SECONDS: Final = "5"

TITLES: Final = {
    "unknown_store": (404, "Unknown store"),
    "unknown_simulation": (404, "Unknown simulation"),
    "unknown_campaign": (404, "Unknown campaign"),
    "unknown_issue": (404, "Unknown issue"),
    "store_disconnected": (410, "The store is disconnected"),
    "signature_invalid": (401, "The signature is not valid"),
    "timestamp_out_of_range": (401, "The timestamp is out of range"),
    "body_too_large": (413, "The body is too large"),
    "not_json": (400, "The body is not JSON"),
    "payload_invalid": (400, "The payload is not valid"),
    "storage_unavailable": (503, "The database is not available"),
    "pairing_code_invalid": (403, "The pairing code is not valid"),
    "pairing_code_expired": (403, "The pairing code has expired"),
    "https_required": (422, "https is required"),
    "store_refused": (422, "The store refuses the connector"),
    "store_unreachable": (502, "The store does not answer as it should"),
    "currency_mismatch": (422, "The currencies differ"),
    "site_mismatch": (422, "Another site answers"),
    "version_conflict": (409, "Changed meanwhile"),
    "unknown_customer": (404, "Unknown customer"),
    "idempotency_key_missing": (400, "The idempotency key is missing"),
    "idempotency_key_reused": (422, "The idempotency key was used before"),
    "no_email": (422, "The customer has no e-mail address"),
    **{refusal.value: (422, "The points cannot be redeemed") for refusal in Refusal},
    Refusal.NOT_ENOUGH.value: (422, "There are not enough points"),
    "validation_failed": (422, "The request is not valid"),
    "not_found": (404, "Not found"),
    "method_not_allowed": (405, "The method is not allowed"),
    "request_refused": (400, "The request is refused"),
    "internal_error": (500, "Something went wrong"),
}
"""Every code of the protocol with its status and title. A code stays what it means."""
# What the framework refuses before any view is asked, by its status.
_UNASKED: Final = {
    404: ("not_found", "There is nothing at this address."),
    405: ("method_not_allowed", "This address does not take this method. The header Allow names those it takes."),
}


class Problem(Exception):
    """A refusal with one of the codes of the protocol. ``errors`` names fields and what is wrong with them.

    Where sentences have codes, as those of a programme, the answer's ``reasons`` give them with their values, to be
    translated; for a trouble with the store its ``reason`` gives the detail so.
    """

    def __init__(self, code: str, detail: str, *, errors: Mapping[str, Any] | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.errors = errors

    @property
    def status(self) -> int:
        """The HTTP status of the code."""
        return TITLES[self.code][0]

    def response(self) -> Response:
        """Return the answer that says so."""
        status, title = TITLES[self.code]
        response = _response(status, self.code, title, self.detail, self.errors)
        if self.code == "storage_unavailable":
            response.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return response


def register_error_handlers(app: Flask) -> None:
    """Make every error of the application a problem+json answer, none with internals in it."""
    app.register_error_handler(Problem, Problem.response)
    app.register_error_handler(StorageUnavailable, _storage_unavailable)
    app.register_error_handler(VaultError, _vault_error)
    app.register_error_handler(HTTPException, _http_exception)
    app.register_error_handler(Exception, _unexpected)


def _storage_unavailable(_error: StorageUnavailable) -> Response:
    _log.warning("answered 503: the database is not available")
    return Problem("storage_unavailable", "Nothing was stored. Please send the same request again later.").response()


def _vault_error(error: VaultError) -> Response:
    # Its sentence is written for the operator and holds no secret; the store could do nothing with it.
    _log.error("%s", error)
    return _internal_error()


def _http_exception(error: HTTPException) -> Response:
    code, sentence = _UNASKED.get(error.code or 0, ("request_refused", "The request cannot be read as HTTP."))
    response = _response(error.code or 400, code, TITLES[code][1], sentence)
    response.headers.extend((name, value) for name, value in error.get_headers() if name.lower() != "content-type")
    return response


def _unexpected(error: Exception) -> Response:
    # The message may quote what a statement was given, which is personal data: type and place are enough to look.
    frames = "".join(traceback.format_tb(error.__traceback__))
    _log.error("answered 500 for an unexpected %s at\n%s", type(error).__name__, frames)
    return _internal_error()


def _internal_error() -> Response:
    return Problem("internal_error", "The connector made a mistake; its log says which. Please try again.").response()


def _response(status: int, code: str, title: str, detail: str, errors: Mapping[str, Any] | None = None) -> Response:
    document: dict[str, Any] = {
        "type": f"urn:regulars:problem:{code}",
        "title": title,
        "status": status,
        "code": code,
        "detail": detail,
    }
    if trouble := recognise(detail):
        document["reason"] = trouble
    if errors is not None:
        document["errors"] = errors
        if found := {path: about for path, said in errors.items() if (about := reasons(said))}:
            document["reasons"] = found
    return Response(json.dumps(document), status, content_type="application/problem+json")
