"""Made-up stores that look like stores: the same seed gives the same customers and orders everywhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]

FIRST_DAY = 20_000  # days since 1970-01-01: some day in October 2024
DAYS = 730
AS_OF = FIRST_DAY + DAYS
_BLOCK = 100_000


@dataclass(frozen=True, slots=True)
class Habits:
    """How customers buy: r, alpha (days), a, b of the BG/NBD process; p, q, gamma (cents) of the Gamma-Gamma one."""

    r: float
    alpha: float
    a: float
    b: float
    p: float = 6.25
    q: float = 3.74
    gamma: float = 1544.0


# The CDNOW cohort's own parameters: most people buy once.
SELDOM = Habits(r=0.24, alpha=30.9, a=0.79, b=2.43)
# Five orders a customer within the two years: a store of a million customers has five million orders.
OFTEN = Habits(r=0.90, alpha=58.0, a=0.42, b=4.00)


class Orders(NamedTuple):
    """One row an order: customer (from 0, dense), day since 1970-01-01, net value in cents. In order of the day."""

    customer: Ints
    day: Ints
    value: Ints


def orders_of(customers: int, habits: Habits, seed: int) -> Orders:
    """Return the orders of so many customers who arrived over two years, as of `AS_OF`.

    Nobody orders twice on one day, so that rows and purchase days are the same number to everyone who counts them.
    """
    blocks = []
    for number, start in enumerate(range(0, customers, _BLOCK)):
        random = np.random.default_rng([seed, number])
        owner, day, value = _block(random, min(_BLOCK, customers - start), habits)
        blocks.append((owner + start, day, value))
    customer, day, value = (np.concatenate(columns) for columns in zip(*blocks, strict=True))
    order = np.argsort(day, kind="stable")
    return Orders(customer[order], day[order], value[order])


def rows(count: int, seed: int) -> Orders:
    """Return exactly so many orders, three in a hundred on a day on which the customer ordered already."""
    found = orders_of(max(1, count // 4), OFTEN, seed)
    random = np.random.default_rng([seed, count])
    kept = random.permutation(len(found.day))[: count * 97 // 100]
    again = random.choice(kept, count - len(kept))
    chosen = np.sort(np.concatenate([kept, again]))
    return Orders(*(column[chosen] for column in found))


def _block(random: np.random.Generator, customers: int, habits: Habits) -> tuple[Ints, Ints, Ints]:
    first = random.integers(0, DAYS, customers)
    gap = 1.0 / np.maximum(random.gamma(habits.r, 1.0 / habits.alpha, customers), 1e-12)
    leaves = random.beta(habits.a, habits.b, customers)
    here = np.arange(customers)
    today = first.copy()
    owners, days = [here], [first]
    while here.size:
        wait = np.ceil(random.exponential(1.0, here.size) * gap[here])
        due = today[here] + np.minimum(wait, 2 * DAYS).astype(np.int64)
        bought = due <= DAYS
        here, due = here[bought], due[bought]
        owners.append(here)
        days.append(due)
        today[here] = due
        here = here[random.random(here.size) >= leaves[here]]
    owner, day = np.concatenate(owners), FIRST_DAY + np.concatenate(days)
    # Gamma-Gamma: what one order is worth varies around what the customer likes to spend.
    taste = random.gamma(habits.q, 1.0 / habits.gamma, customers)
    value = random.gamma(habits.p, 1.0, owner.size) / taste[owner]
    return owner, day, np.maximum(np.rint(value), 1).astype(np.int64)
