"""The tiers of many customers at once: a walk for those who can have left the lowest tier, a short cut for the rest.

Most customers of most stores never reached the second tier, and then there is nothing to walk.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt

from connector.domain.arrays import Ints
from connector.domain.calendar import from_epoch_day
from connector.domain.history import Orders, epoch_day
from connector.domain.programme.ladder import Ladder, TierBasis
from connector.domain.tiers import Climb, Goal, Override, Progress, TierState, TierWalk, thresholds, window_begins

_NOTHING: Final = int(np.iinfo(np.int64).max)


@dataclass(frozen=True, slots=True, eq=False)
class Climbs:
    """What tiers follow from on a day, one row a customer, sorted by id.

    ``metric``: the basis in the window. ``oldest``: the first day in it on which something was bought. ``rises``: who
    can have left the lowest tier; ``amounts``, sorted by customer, are theirs alone.
    """

    ladder: Ladder
    currency: str
    today: date
    customer: Ints
    metric: Ints
    oldest: Ints
    rises: npt.NDArray[np.bool_]
    amounts: Orders
    _lowest: dict[int, Climb] = field(default_factory=dict, repr=False)

    def of(self, customers: Sequence[int], overrides: Mapping[int, Sequence[Override]]) -> dict[int, Climb]:
        """Return where each of these customers stands, also those who have bought nothing."""
        wanted = np.array(customers, dtype=np.int64)
        metric, oldest, rises = self._facts(wanted)
        begin = np.searchsorted(self.amounts.customer, wanted).tolist()
        end = np.searchsorted(self.amounts.customer, wanted, side="right").tolist()
        found = {}
        for number, customer in enumerate(customers):
            given = overrides.get(customer, ())
            if rises[number]:
                rows = slice(begin[number], end[number])
                bought = zip(self.amounts.day[rows].tolist(), self.amounts.value[rows].tolist(), strict=True)
                found[customer] = self._walk(bought, given)
            else:
                found[customer] = self._stayed(metric[number], oldest[number], given)
        return found

    def _facts(self, wanted: Ints) -> tuple[list[int], list[int], list[bool]]:
        """Return metric, oldest and rises of customers; of those who are not here as if they had bought nothing."""
        if not len(self.customer):
            return [0] * len(wanted), [_NOTHING] * len(wanted), [False] * len(wanted)
        at = np.minimum(np.searchsorted(self.customer, wanted), len(self.customer) - 1)
        known = self.customer[at] == wanted
        metric = np.where(known, self.metric[at], 0).tolist()
        return metric, np.where(known, self.oldest[at], _NOTHING).tolist(), (known & self.rises[at]).tolist()

    def _walk(self, bought: Iterable[tuple[int, int]], given: Iterable[Override] = ()) -> Climb:
        walk = TierWalk(self.ladder, self.currency, given)
        for day, amount in bought:
            walk.add(from_epoch_day(day), amount)
        return walk.climb(self.today)

    def _stayed(self, metric: int, oldest: int, given: Sequence[Override]) -> Climb:
        """Return the climb of somebody who is in the lowest tier, but for what a person gave them.

        For them the sum in the window is all that counts, and the first day in it, which leaves it first.
        """
        like = None if given else self._lowest.get(oldest)
        if like is None:
            like = self._walk([(oldest, metric)] if oldest < _NOTHING else [], given)
        if given:
            return like
        self._lowest[oldest] = like
        more, (reach, keep) = metric - like.state.metric, (like.progress.reach, like.progress.keep)
        if not more:
            return like
        state = TierState(like.state.tier, None, None, None, metric)
        goal = None if reach is None else Goal(reach.tier, reach.amount - more, reach.by)
        return Climb(state, Progress(goal, keep))


def climbs_of(orders: Orders, today: date, ladder: Ladder, currency: str) -> Climbs:
    """Return what the tiers of everybody in ``orders`` follow from.

    ``orders.value`` is net value in minor units; for a ladder of points it is points earned.
    """
    known = orders.known_on(epoch_day(today))
    if ladder.basis is TierBasis.ORDERS:
        known = Orders(known.customer, known.day, np.ones(len(known.day), dtype=np.int64))
    customer, owner = np.unique(known.customer, return_inverse=True)
    inside = (known.day >= epoch_day(window_begins(ladder, today))) & (known.value > 0)
    metric, total = np.zeros((2, len(customer)), dtype=np.int64)
    np.add.at(metric, owner[inside], known.value[inside])
    oldest = np.full(len(customer), _NOTHING)
    np.minimum.at(oldest, owner[inside], known.day[inside])
    if _is_plain(ladder):
        total = metric
    else:
        np.add.at(total, owner, known.value)
    starts = thresholds(ladder, currency)
    rises = total >= starts[1] if len(starts) > 1 else np.zeros(len(customer), dtype=np.bool_)
    rows = np.flatnonzero(rises[owner])
    rows = rows[np.argsort(known.customer[rows], kind="stable")]
    walked = Orders(known.customer[rows], known.day[rows], known.value[rows])
    return Climbs(ladder, currency, today, customer, metric, oldest, rises, walked)


def _is_plain(ladder: Ladder) -> bool:
    """Say whether a tier is held exactly as long as it is earned, so that only the window of today counts."""
    return not ladder.keep_months and not ladder.grace_days
