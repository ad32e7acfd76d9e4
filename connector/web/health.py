"""For whoever watches over the process: is it up, and can it do its work."""

from flask import Blueprint, Response, jsonify
from redis.exceptions import RedisError
from sqlalchemy import select

from connector.db.session import StorageUnavailable, transaction
from connector.queueing import TakesOffers
from connector.web.parts import parts_in_use
from connector.web.problems import RETRY_AFTER_SECONDS

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer that the process is up; nothing else is asked."""
    return jsonify(status="up")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 where the database takes deliveries, else 503. The queue is told but decides nothing."""
    parts = parts_in_use()
    queue = _state_of(parts.queue)
    try:
        with transaction(parts.engine) as connection:
            connection.execute(select(1))
    except StorageUnavailable:
        answer = jsonify(status="unavailable", database="unavailable", queue=queue)
        answer.headers["Retry-After"] = RETRY_AFTER_SECONDS
        return answer, 503
    return jsonify(status="ready", database="up", queue=queue), 200


def _state_of(queue: TakesOffers | None) -> str:
    if queue is None:
        return "none"
    try:
        queue.lengths()
    except RedisError:
        return "unavailable"
    return "up"
