"""WooCommerce's batch endpoints: at most a hundred items at once, and a result for every one of them."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TypeVar

from connector.domain.troubles import say
from connector.shop.answers import ShopSaid
from connector.shop.client import Answer
from connector.shop.errors import ShopUnavailable

BATCH_LIMIT = 100
"""Items in all (create, update and delete together) that one batch may hold; more is refused with 413."""

_ALONE_AT_MOST = 3

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done:
    """The store has what was asked; ``adopted``: it had it already, from an attempt whose answer was lost."""

    wc_id: int
    adopted: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """The store did not do this one item. ``status`` is the one WooCommerce would have given it alone, if it says."""

    code: str
    message: str
    status: int | None = None

    @property
    def gone(self) -> bool:
        """Whether the customer or coupon no longer exists in the store."""
        return self.status in (404, 410) or self.code.endswith("_invalid_id")

    @property
    def retryable(self) -> bool:
        """Whether the same item may succeed later."""
        return self.status is not None and (self.status == 429 or self.status >= 500)


Outcome = Done | Refused


def chunks(items: Sequence[T], size: int = BATCH_LIMIT) -> Iterator[list[T]]:
    """Yield ``items`` in order in lists of at most ``size``."""
    if size < 1:
        raise ValueError("a chunk holds at least one item")
    for start in range(0, len(items), size):
        yield list(items[start : start + size])


NOT_TRIED = Refused("not_tried", "Everything before it failed.", HTTPStatus.SERVICE_UNAVAILABLE)
"""What became of an item that was not sent."""


def in_halves(items: Sequence[T], send: Callable[[list[T]], list[Outcome]], size: int | None = None) -> list[Outcome]:
    """Return what became of each item, sending smaller and smaller parts where one item makes WordPress crash.

    A plugin that fails over one customer, or PHP's time limit, turns a whole batch into HTTP 500 with its first items
    done. Halving gets the others through; the one that crashes alone is Refused, retryable. ``send`` must allow
    repetition. ``size``: how many to begin with, all where None. Where three crash alone and nothing gets through it
    may be the store that is broken: the rest are NOT_TRIED. Every other ShopUnavailable is raised.
    """
    results: list[Outcome] = []
    waiting = list(chunks(items, size or len(items) or 1))[::-1]
    alone = 0
    while waiting:
        part = waiting.pop()
        try:
            results += send(part)
        except ShopUnavailable as trouble:
            if trouble.status != HTTPStatus.INTERNAL_SERVER_ERROR:
                raise
            middle = len(part) // 2
            if middle:
                waiting += [part[middle:], part[:middle]]
                continue
            results.append(Refused("http_500", str(trouble), trouble.status))
            alone += 1
            if alone == len(results) == _ALONE_AT_MOST:
                break
    return results + [NOT_TRIED] * (len(items) - len(results))


def outcomes(answer: Answer, section: str, wc_ids: Sequence[int | None]) -> list[Outcome]:
    """Return what became of each item of a batch's ``section``, in the order they were asked.

    WooCommerce answers in the order of the request; ``wc_ids`` (None for what is created) are checked against it,
    because a result credited to the wrong item would never be noticed again. Raises ShopUnavailable where the answer
    does not match: nobody knows then what was done, and repeating a batch is always allowed.
    """
    results = answer.json.get(section, []) if isinstance(answer.json, dict) else None
    if not isinstance(results, list) or len(results) != len(wc_ids):
        raise _mismatch()
    return [_outcome(result, wc_id) for result, wc_id in zip(results, wc_ids, strict=True)]


def _outcome(result: object, wc_id: int | None) -> Outcome:
    if not isinstance(result, dict):
        raise _mismatch()
    answered = result.get("id")
    if wc_id is not None and answered != wc_id:
        raise _mismatch()
    error = result.get("error")
    if error is not None:
        return _refused(error)
    if not isinstance(answered, int) or isinstance(answered, bool) or answered < 1:
        raise _mismatch()
    return Done(answered)


def _refused(error: object) -> Refused:
    if not isinstance(error, dict):
        raise _mismatch()
    said = ShopSaid(str(error.get("code", "")), str(error.get("message", "")))
    data = error.get("data")
    status = data.get("status") if isinstance(data, dict) else None
    return Refused(said.code, said.message, status if isinstance(status, int) else None)


def _mismatch() -> ShopUnavailable:
    return ShopUnavailable(say("batch_mismatch"), reason="broken_answer")
