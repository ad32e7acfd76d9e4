"""One page of a list the store keeps, and how much there is of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from connector.shop.client import Param, ShopClient
from connector.shop.errors import PayloadError, ShopUnavailable

PER_PAGE = 100
"""The most WooCommerce gives at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in the store's order, from the ``offset``-th on. ``received`` counts what it sent, readable or not.

    ``asked`` is how many were asked for; ``rejected`` has a sentence for each item that could not be read. ``total``
    is WooCommerce's own count for the query, None where something on the way (a cache, a notice printed before the
    headers) has removed it.
    """

    items: tuple[T, ...]
    rejected: tuple[str, ...]
    received: int
    offset: int
    asked: int
    total: int | None

    @property
    def is_last(self) -> bool:
        """Whether nothing follows. Without the store's count, a page that is not full is the last."""
        if self.received == 0:
            return True
        return self.received < self.asked if self.total is None else self.offset + self.received >= self.total


def read_page(
    client: ShopClient,
    path: str,
    params: Mapping[str, Param],
    offset: int,
    parse: Callable[[object], T],
    *,
    at_least: int = 1,
    complete: Callable[[list[Any]], list[Any]] = list,
) -> Page[T]:
    """Return the items from an offset on, as many as the store gives in time; what cannot be read hides no other.

    ``complete`` adds to what was answered before it is parsed. Raises ShopUnavailable or ShopRefused; where the
    store took too long, less is asked for the next time.
    """
    asked = max(at_least, min(PER_PAGE, client.batch_size))
    try:
        answer = client.get(path, {**params, "offset": offset, "per_page": asked})
        payloads = complete(answer.items())
    except ShopUnavailable as trouble:
        if trouble.overwhelmed:
            client.narrow(asked)
        raise
    client.took(len(payloads))
    items, rejected = parse_each(payloads, parse)
    return Page(items, rejected, len(payloads), offset, asked, answer.total)


def parse_each(payloads: list[Any], parse: Callable[[object], T]) -> tuple[tuple[T, ...], tuple[str, ...]]:
    """Return what could be read, and a sentence for each that could not."""
    items: list[T] = []
    rejected: list[str] = []
    for payload in payloads:
        try:
            items.append(parse(payload))
        except PayloadError as error:
            rejected.append(str(error))
    return tuple(items), tuple(rejected)
