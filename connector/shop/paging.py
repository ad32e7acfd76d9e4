"""One page of a list the store keeps, and how much there is of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from connector.shop.client import Answer
from connector.shop.errors import PayloadError

PER_PAGE = 100
"""The most WooCommerce gives at once."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Items in the store's order. ``received`` counts what the store sent, readable or not.

    ``rejected`` has a sentence for each item that could not be read.

    ``total`` and ``pages`` are WooCommerce's own counts for the query, None where something on the way (a cache, a
    notice printed before the headers) has removed them.
    """

    items: tuple[T, ...]
    rejected: tuple[str, ...]
    received: int
    number: int
    total: int | None
    pages: int | None

    @property
    def is_last(self) -> bool:
        """Whether nothing follows. Without the store's count, a page that is not full is the last."""
        if self.received == 0:
            return True
        return self.received < PER_PAGE if self.pages is None else self.number >= self.pages


def read_page(answer: Answer, number: int, parse: Callable[[object], T]) -> Page[T]:
    """Return an answered list as a page; an item that cannot be read is set aside and hides no other.

    Raises PayloadError where the answer is no list.
    """
    if not isinstance(answer.json, list):
        raise PayloadError("The store answered something other than the list it was asked for.")
    items: list[T] = []
    rejected: list[str] = []
    for payload in answer.json:
        try:
            items.append(parse(payload))
        except PayloadError as error:
            rejected.append(str(error))
    return Page(tuple(items), tuple(rejected), len(answer.json), number, answer.total, answer.pages)
