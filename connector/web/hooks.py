"""Deliveries from stores: checked, kept in the inbox with the work they cause, and only then acknowledged."""

import logging
import re
from datetime import datetime, timedelta
from typing import Any, Final

from flask import Blueprint, Response, jsonify, request

from connector.db import inbox, stores, work
from connector.db.inbox import Delivery
from connector.db.session import transaction
from connector.db.stores import Store
from connector.shop.errors import PayloadError
from connector.shop.payloads import deleted_id, parse_customer, parse_order, parse_review
from connector.shop.signatures import TOLERANCE
from connector.web.bodies import load, read_body, read_json
from connector.web.native import OWNER_GONE, is_native, read_native
from connector.web.offers import offer
from connector.web.parts import Parts, parts_in_use
from connector.web.problems import Problem
from connector.web.schemas import DeliverySchema
from connector.web.signed import require_connected, require_signature, store_in_address

_log = logging.getLogger(__name__)
_DELIVERY: Final = DeliverySchema()
_STANDARD_HEADERS: Final = ("webhook-id", "webhook-timestamp", "webhook-signature")
_PING: Final = re.compile(rb"webhook_id=[0-9]{1,20}")

blueprint = Blueprint("hooks", __name__)


@blueprint.post("/v1/hooks/<store_id>")
def receive(store_id: str) -> tuple[Response, int]:
    """Answer a delivery: 202 once it is committed, or once it is known to be there or to concern nothing of ours."""
    parts = parts_in_use()
    store, secret = store_in_address(parts, store_id)
    try:
        require_connected(store)
        return _answer(parts, store, secret, read_body())
    except Problem as problem:
        _log.info("delivery store=%s refused=%s", store.public_id, problem.code)
        raise


def _answer(parts: Parts, store: Store, secret: str, body: bytes) -> tuple[Response, int]:
    delivery: Delivery | None
    if any(name in request.headers for name in _STANDARD_HEADERS):
        message_id = require_signature(parts, secret, body)
        delivery = _read_plugin(store, message_id, body, parts.clock())
    elif is_native(request.headers):
        delivery = read_native(parts, store, secret, request.headers, body)
    elif request.mimetype == "application/x-www-form-urlencoded" and _PING.fullmatch(body):
        # WooCommerce sends it, unsigned, when a webhook is saved, and disables nothing if it gets exactly 200.
        _log.info("delivery store=%s outcome=ping", store.public_id)
        return jsonify(status="pong"), 200
    else:
        raise Problem("signature_invalid", "The delivery is not signed.")
    if delivery is None:
        _log.info("delivery store=%s source=native outcome=ignored", store.public_id)
        return jsonify(status="ignored"), 202
    outcome = _keep(parts, store, delivery)
    _log.info(
        "delivery store=%s source=%s topic=%s id=%d outcome=%s",
        store.public_id,
        delivery.source,
        delivery.topic,
        delivery.wc_id,
        outcome,
    )
    return jsonify(status=outcome), 202


def _read_plugin(store: Store, message_id: str, body: bytes, now: datetime) -> Delivery:
    """Return what the plugin says, read to the end: nothing that a job could not read is kept."""
    delivery = load(_DELIVERY, read_json(body), "payload_invalid")
    topic, data = delivery["type"], delivery["data"]
    try:
        wc_id = _wc_id(topic, data, store.currency)
    except PayloadError as error:
        raise Problem(
            "payload_invalid", str(error), errors={f"data.{name}": ["Missing or wrong."] for name in error.fields}
        ) from None
    if wc_id < 1:
        raise Problem("payload_invalid", "The id in data is not one.", errors={"data.id": ["Must be positive."]})
    return Delivery(
        delivery_id=message_id,
        source="plugin",
        topic=topic,
        resource=topic.partition(".")[0],
        wc_id=wc_id,
        observed_at=_believed(delivery["observed_at"], now),
        payload=data,
        causes=tuple(delivery["causes"]),
    )


def _wc_id(topic: str, data: dict[str, Any], currency: str) -> int:
    if topic == "order.updated":
        return parse_order(data, currency).wc_id
    if topic == "customer.updated":
        return parse_customer(data).wc_id
    if topic == "review.approved":
        return parse_review(data).wc_id
    return deleted_id(data)


def _believed(observed_at: datetime, now: datetime) -> datetime:
    """Return when the store looked, but no later than its clock may be ahead of ours.

    The newest look wins, so one look from a clock that was years ahead would hide all that follow.
    """
    latest: timedelta = TOLERANCE
    return min(observed_at, now + latest)


def _keep(parts: Parts, store: Store, delivery: Delivery) -> str:
    now = parts.clock()
    with transaction(parts.engine) as connection:
        if inbox.keep(connection, store.id, delivery, now) is None:
            return "duplicate"
        work_id = work.want(connection, store.id, "ingest", f"{delivery.resource}:{delivery.wc_id}", now)
        if delivery.source == "native" and store.last_error == OWNER_GONE:
            stores.note_error(connection, store.id, None)
        # Last, because every delivery of the store waits for this row.
        stores.note_delivery(connection, store.id, now)
    offer(parts.queue, work_id, "ingest")
    return "accepted"
