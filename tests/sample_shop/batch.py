"""Batches: up to 100 items, answered 200 with an error per item that failed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.sample_shop.state import State
from tests.sample_shop.wire import Json, Request, Response, RestError

_LIMIT = 100


@dataclass(frozen=True)
class Resource:
    """What a batch does to one kind of resource. Items skip the checks that a single request goes through."""

    create: Callable[[State, Json], Json]
    update: Callable[[State, int, Json], Json]
    delete: Callable[[State, Request, int], Response]
    present: Callable[[State, Json], Json]


def run_batch(state: State, resource: Resource, request: Request, failing: tuple[int, ...] = ()) -> Response:
    """Create, update and delete the posted items. ``failing`` are positions in the whole batch that must fail.

    Raises RestError 413 for more than 100 items in all.
    """
    posted: dict[str, list[Any]] = {
        kind: request.body[kind] for kind in ("create", "update", "delete") if request.body.get(kind)
    }
    if sum(len(items) for items in posted.values()) > _LIMIT:
        sentence = f"Unable to accept more than {_LIMIT} items for this request."
        raise RestError("woocommerce_rest_request_entity_too_large", sentence, 413)
    answer: Json = {}
    position = 0
    for kind, items in posted.items():
        answer[kind] = []
        for item in items:
            answer[kind].append(_one(state, resource, kind, item, fails=position in failing))
            position += 1
    return Response(answer)


def _one(state: State, resource: Resource, kind: str, item: Any, *, fails: bool) -> Json:
    named = item.get("id", 0) if isinstance(item, dict) else item
    if fails:
        error = RestError("internal_server_error", "There has been a critical error on this website.", 500)
        return {"id": 0 if kind == "create" else named, "error": error.body()}
    try:
        if kind == "create":
            return resource.present(state, resource.create(state, item))
        if kind == "update":
            return resource.present(state, resource.update(state, int(named), item))
        forced = Request("DELETE", "", {"force": "true"}, {}, {})
        deleted: Json = resource.delete(state, forced, int(named)).body
    except RestError as error:
        return {"id": 0 if kind == "create" else named, "error": error.body()}
    return deleted
