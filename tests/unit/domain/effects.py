"""A made-up store that draws its customers into two arms: most of them buy nothing, a few spend a fortune."""

from __future__ import annotations

import numpy as np

from connector.domain.arrays import Floats
from connector.domain.effect import Arm

MARGIN = 0.4
ORDERS, TYPICAL, SPREAD = 0.25, 4_000.0, 0.8
MEAN_MARGIN = MARGIN * ORDERS * TYPICAL * float(np.exp(SPREAD**2))


def drawn(seed: int, customers: int, lift: float, held_out: float = 0.05) -> tuple[Arm, Arm, float]:
    """Treated, control, and the true effect per customer in minor units, by theory.

    Rates differ from customer to customer (gamma), and so do typical baskets (log-normal), whose spread doubles in
    what a single order costs. The lift is in how often people order.
    """
    random = np.random.default_rng(seed)
    rate = random.gamma(0.25, ORDERS / 0.25, customers)
    taste = random.normal(0.0, SPREAD, customers)
    control = random.random(customers) < held_out
    before = _spent(random, 2 * rate, taste)
    margin = MARGIN * _spent(random, rate * np.where(control, 1.0, 1.0 + lift), taste)
    nothing = np.zeros(customers)
    arms = [
        Arm(name, before[rows], margin[rows], nothing[rows], nothing[rows])
        for name, rows in (("offers", ~control), ("hold-out", control))
    ]
    return arms[0], arms[1], lift * MEAN_MARGIN


def _spent(random: np.random.Generator, rate: Floats, taste: Floats) -> Floats:
    owner = np.repeat(np.arange(rate.size), random.poisson(rate))
    value = TYPICAL * np.exp(taste[owner] + random.normal(0.0, SPREAD, owner.size))
    return np.bincount(owner, value, minlength=rate.size)
