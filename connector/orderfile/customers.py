"""Who the rows of a file belong to: an id, else a normalised e-mail address."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from connector.domain.arrays import Ints
from connector.domain.identity import normalise_email
from connector.orderfile.chunks import NOTHING, Texts

NOBODY = -1
_LONGEST_ID = 254  # characters, as an e-mail address may have


class Customers:
    """Numbers the customers of a file in the order they appear.

    A guest (no id, or 0 where the file has addresses too) is known by e-mail address. A guest whose address is
    used by exactly one id is that customer: people register after their first order.
    """

    def __init__(self, *, emails: bool) -> None:
        self._numbers: dict[str, int] = {}
        self._guests = NOTHING | ({"0"} if emails else set())
        self._by_id = _Numbers(self._id, self._numbers)
        self._by_email = _Numbers(self._email, self._numbers)

    def number(self, ids: Texts | None, emails: Texts | None) -> tuple[Ints, Ints]:
        """The number of each row's customer and of its e-mail address, NOBODY where there is none."""
        known = None if ids is None else ids.each(self._by_id.__getitem__)
        address = None if emails is None else emails.each(self._by_email.__getitem__)
        if known is None or address is None:
            customer = address if known is None else known
            if customer is None:
                raise ValueError("customers are known by id or by e-mail address")
            return customer, np.full(len(customer), NOBODY)
        return np.where(known == NOBODY, address, known), address

    def guests_as_customers(self, customer: Ints, address: Ints) -> Ints:
        """The customers of the rows, with each guest whose address belongs to one id as that customer."""
        registered = (address != NOBODY) & (customer != address)
        if not registered.any():
            return customer
        pairs = np.unique(np.stack([address[registered], customer[registered]], axis=1), axis=0)
        addresses, first, count = np.unique(pairs[:, 0], return_index=True, return_counts=True)
        owner = np.arange(len(self._numbers))
        owner[addresses[count == 1]] = pairs[first[count == 1], 1]
        return np.where(customer == address, owner[customer], customer)

    def in_order(self, customer: Ints) -> tuple[list[str], Ints]:
        """The labels of these customers in order (by number where all are numbers), and each row's place in it.

        The order does not depend on the order of the rows.
        """
        names = list(self._numbers)
        present = np.unique(customer).tolist()
        labels = sorted(names[number] for number in present)
        if all(label.isascii() and label.isdigit() for label in labels):
            labels.sort(key=int)
        place = np.full(len(names), NOBODY, dtype=np.int64)
        place[[self._numbers[label] for label in labels]] = np.arange(len(labels))
        return labels, place[customer]

    def _id(self, text: str) -> str:
        label = text.strip()
        return "" if label in self._guests or len(label) > _LONGEST_ID else label

    @staticmethod
    def _email(text: str) -> str:
        label = normalise_email(text) or ""
        return label if len(label) <= _LONGEST_ID else ""


class _Numbers(dict[str, int]):
    """A text as it is written -> the number of the label it stands for, NOBODY for no label."""

    def __init__(self, label: Callable[[str], str], numbers: dict[str, int]) -> None:
        super().__init__()
        self._label, self._numbers = label, numbers

    def __missing__(self, text: str) -> int:
        label = self._label(text)
        number = self._numbers.setdefault(label, len(self._numbers)) if label else NOBODY
        self[text] = number
        return number
