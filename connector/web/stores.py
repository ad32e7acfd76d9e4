"""What a connected store may ask: how its connection is, and to end it. Both signed like deliveries."""

from typing import Any, Final

from flask import Blueprint, Response, jsonify
from sqlalchemy import Connection, Row

from connector.db import backfills, status, stores, work
from connector.db.session import reading, transaction
from connector.db.stores import Store
from connector.domain.troubles import recognise
from connector.web.api import iso
from connector.web.bodies import load, read_body, read_json
from connector.web.parts import Parts, parts_in_use
from connector.web.problems import Problem
from connector.web.schemas import CallSchema
from connector.web.signed import require_connected, require_signature, store_in_address

_CALL: Final = CallSchema()
_PROGRESS: Final = ("state", "phase", "customers_done", "customers_total", "orders_done", "orders_total")

blueprint = Blueprint("stores", __name__)


@blueprint.post("/v1/stores/<store_id>/status")
def show_status(store_id: str) -> Response:
    """Answer what the store's settings page shows."""
    parts = parts_in_use()
    store = _caller(parts, store_id, "connection.status")
    require_connected(store)
    with reading(parts.engine) as connection:
        return jsonify(_status(connection, store))


@blueprint.post("/v1/stores/<store_id>/disconnect")
def disconnect(store_id: str) -> Response:
    """End the connection. Asking again changes nothing; only pairing brings the store back."""
    parts = parts_in_use()
    store = _caller(parts, store_id, "connection.closed")
    if store.connected:
        with transaction(parts.engine) as connection:
            stores.disconnect(connection, store.id, parts.clock())
    return jsonify(state="disconnected")


def _caller(parts: Parts, store_id: str, wanted_type: str) -> Store:
    """Return the store that signed this very call.

    The type is compared so that no other signed body, such as a delivery, can be replayed as one.
    """
    store, secret = store_in_address(parts, store_id)
    body = read_body()
    require_signature(parts, secret, body)
    if load(_CALL, read_json(body), "payload_invalid")["type"] != wanted_type:
        sentence = f"Must be {wanted_type}."
        raise Problem("payload_invalid", f"The type is wrong. {sentence}", errors={"type": [sentence]})
    return store


def _status(connection: Connection, store: Store) -> dict[str, Any]:
    backfill = backfills.latest(connection, store.id)
    counts = status.counts(connection, store.id)
    error = (
        store.last_error
        or work.last_error(connection, store.id)
        or (backfill and backfills.complaint(backfill))
        or None
    )
    return {
        "store_id": store.public_id,
        "state": store.state,
        "backfill": None if backfill is None else _progress(connection, store, backfill),
        "customers": counts.customers,
        "orders": counts.orders,
        "scored_at": counts.scored_at and iso(counts.scored_at),
        "last_delivery_at": store.last_delivery_at and iso(store.last_delivery_at),
        "last_error": error,
        "last_error_reason": error and recognise(error),
    }


def _progress(connection: Connection, store: Store, backfill: Row[Any]) -> dict[str, Any]:
    """Return the backfill in figures; one that cannot go on until a person acts has failed, one not begun waits."""
    progress = {name: getattr(backfill, name) for name in _PROGRESS}
    if backfill.state == backfills.RUNNING:
        if work.is_parked(connection, store.id, "backfill"):
            progress["state"] = "failed"
        elif backfill.phase == "customers" and not backfill.customers_done:
            progress["state"] = "waiting"
    return progress
