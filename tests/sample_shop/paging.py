"""Collections: which parameters they take, the page asked for, and the headers that tell of the others."""

import math
import operator
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from tests.sample_shop.dates import bound_in_gmt, is_iso_date
from tests.sample_shop.wire import Json, Query, Request, Response, RestError

Problem = tuple[str, str]
"""The code and the sentence of a refused parameter."""


@dataclass(frozen=True)
class Param:
    """A query parameter: how its text is read, and its value where it is not given."""

    read: Callable[[str, Any], Any]
    default: Any = None


class _RefusedError(Exception):
    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.problem: Problem = (code, sentence)


def integer(default: int | None = None, minimum: int | None = None, maximum: int | None = None) -> Param:
    """A whole number within bounds."""

    def read(name: str, value: Any) -> int:
        try:
            number = int(value)
        except (TypeError, ValueError):
            raise _RefusedError("rest_invalid_type", f"{name} is not of type integer.") from None
        if minimum is not None and maximum is not None and not minimum <= number <= maximum:
            sentence = f"{name} must be between {minimum} (inclusive) and {maximum} (inclusive)"
            raise _RefusedError("rest_out_of_bounds", sentence)
        if minimum is not None and number < minimum:
            raise _RefusedError("rest_out_of_bounds", f"{name} must be greater than or equal to {minimum}")
        return number

    return Param(read, default)


def one_of(*allowed: str, default: str) -> Param:
    """One word of a list."""

    def read(name: str, value: Any) -> str:
        if value not in allowed:
            raise _RefusedError("rest_not_in_enum", f"{name} is not one of {_listed(allowed)}.")
        return str(value)

    return Param(read, default)


def some_of(*allowed: str, default: str) -> Param:
    """Words of a list, separated by commas or given as an array."""

    def read(name: str, value: Any) -> list[str]:
        words = value if isinstance(value, list) else [word.strip() for word in str(value).split(",")]
        for index, word in enumerate(words):
            if word not in allowed:
                raise _RefusedError("rest_not_in_enum", f"{name}[{index}] is not one of {_listed(allowed)}.")
        return words

    return Param(read, [default])


def _listed(words: Sequence[str]) -> str:
    return f"{', '.join(words[:-1])}, and {words[-1]}"


def text() -> Param:
    """Any text."""
    return Param(lambda name, value: str(value))


def _read_moment(name: str, value: Any) -> str:
    if not is_iso_date(str(value)):
        raise _RefusedError("rest_invalid_date", "Invalid date.")
    return str(value)


def _read_truth(name: str, value: Any) -> bool:
    if str(value).lower() not in {"true", "false", "1", "0"}:
        raise _RefusedError("rest_invalid_type", f"{name} is not of type boolean.")
    return str(value).lower() in {"true", "1"}


def _read_ids(name: str, value: Any) -> list[int]:
    parts = value if isinstance(value, list) else str(value).split(",")
    return [int(part) for part in parts if str(part).strip().isdigit()]


MOMENT = Param(_read_moment)
TRUTH = Param(_read_truth, default=False)
IDS = Param(_read_ids, default=())
PAGE: dict[str, Param] = {
    "page": integer(1, minimum=1),
    "per_page": integer(10, minimum=1, maximum=100),
    "offset": integer(),
    "include": IDS,
    "exclude": IDS,
    "search": text(),
}
DATES: dict[str, Param] = {
    "after": MOMENT,
    "before": MOMENT,
    "modified_after": MOMENT,
    "modified_before": MOMENT,
    "dates_are_gmt": TRUTH,
}


def read_params(query: Query, spec: dict[str, Param]) -> Json:
    """The parameters of a collection.

    Raises RestError ``rest_invalid_param`` with a sentence for each that is refused.
    """
    values: Json = {}
    problems: dict[str, Problem] = {}
    for name, param in spec.items():
        try:
            values[name] = param.read(name, query[name]) if name in query else param.default
        except _RefusedError as refused:
            problems[name] = refused.problem
    if problems:
        raise invalid_params(problems)
    return values


def invalid_params(problems: dict[str, Problem]) -> RestError:
    """The error WordPress answers with for refused parameters."""
    return RestError(
        "rest_invalid_param",
        f"Invalid parameter(s): {', '.join(problems)}",
        400,
        params={name: sentence for name, (_, sentence) in problems.items()},
        details={name: _detail(name, *problem) for name, problem in problems.items()},
    )


def _detail(name: str, code: str, sentence: str) -> Json:
    return {"code": code, "message": sentence, "data": {"param": name} if code == "rest_invalid_type" else None}


def paged(
    request: Request, address: str, found: Sequence[Json], params: Json, present: Callable[[Json], Json]
) -> Response:
    """The asked page of what was found, with X-WP-Total, X-WP-TotalPages and Link."""
    per_page, page = params["per_page"], params["page"]
    first = params["offset"] or (page - 1) * per_page
    pages = math.ceil(len(found) / per_page)
    headers = {"X-WP-Total": str(len(found)), "X-WP-TotalPages": str(pages)}
    links = []
    if page > 1:
        links.append(_link(address, request.query, min(page - 1, pages), "prev"))
    if pages > page:
        links.append(_link(address, request.query, page + 1, "next"))
    if links:
        headers["Link"] = ", ".join(links)
    return Response([present(item) for item in found[first : first + per_page]], headers=headers)


def forget_total(answer: Response) -> Response:
    """Orders in their own tables: a page past the last says that there is nothing at all."""
    if answer.body == []:
        answer.headers.update({"X-WP-Total": "0", "X-WP-TotalPages": "0"})
    return answer


def _link(address: str, query: Query, page: int, rel: str) -> str:
    return f'<{address}?{urlencode({**query, "page": page}, doseq=True)}>; rel="{rel}"'


def only_fields(body: Any, fields: Iterable[str]) -> Any:
    """What ``_fields`` leaves of an object or of each object in a list; dots reach into objects."""
    wanted: Json = {}
    for field in (name for name in fields if name):
        place = wanted
        *parents, last = field.split(".")
        for parent in parents:
            place = place.setdefault(parent, {})
            if place is True:
                break
        else:
            place[last] = True
    return [_kept(item, wanted) for item in body] if isinstance(body, list) else _kept(body, wanted)


def _kept(item: Any, wanted: Json) -> Any:
    if isinstance(item, list):
        return [_kept(entry, wanted) for entry in item]
    if not isinstance(item, dict):
        return item
    return {
        name: value if wanted[name] is True else _kept(value, wanted[name])
        for name, value in item.items()
        if name in wanted
    }


def in_order(found: list[Json], params: Json, fields: dict[str, str]) -> None:
    """Sort in place as ``orderby`` and ``order`` say; ``fields`` names a word's field, ids decide between equals."""
    if params["orderby"] == "include":
        found.sort(key=lambda record: params["include"].index(record["id"]))
        return
    field = fields.get(params["orderby"], "id")
    found.sort(key=operator.itemgetter(field, "id"), reverse=params["order"] == "desc")


def in_ids(records: Iterable[Json], params: Json) -> list[Json]:
    """The records that ``include`` and ``exclude`` leave."""
    include, exclude = set(params["include"]), set(params["exclude"])
    found = list(records)
    if include:
        found = [record for record in found if record["id"] in include]
    if exclude:
        found = [record for record in found if record["id"] not in exclude]
    return found


_BOUNDS = {
    "after": ("date_created_gmt", operator.gt),
    "before": ("date_created_gmt", operator.lt),
    "modified_after": ("date_modified_gmt", operator.gt),
    "modified_before": ("date_modified_gmt", operator.lt),
}


def in_dates(found: list[Json], params: Json, zone: ZoneInfo) -> list[Json]:
    """The records that ``after``, ``before`` and their ``modified_`` kin leave; bounds are exclusive."""
    for name, (field, keeps) in _BOUNDS.items():
        if params[name]:
            bound = bound_in_gmt(params[name], zone, given_in_gmt=params["dates_are_gmt"])
            found = [record for record in found if keeps(record[field], bound)]
    return found
