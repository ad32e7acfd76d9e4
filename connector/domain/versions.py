"""Which of two sights of the same order or customer is the newer one."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Sight:
    """When the store says the resource last changed (None: it was gone), and when we looked, on the store's clock."""

    modified_at: datetime | None
    observed_at: datetime


def is_newer(sight: Sight, held: Sight | None) -> bool:
    """Say whether a sight may replace the one held; an equal one may, which changes nothing.

    The modified date decides between two living states, and the time of looking where it is equal, because edits
    of items do not move the date (woocommerce#34798). A deletion has no date, so there only looking decides; seen in
    the same moment as life, it is what came after.
    As long as the store's dates do not run backwards this is a total order: any permutation of the same sights
    ends with the same one.
    """
    if held is None:
        return True
    if sight.modified_at is None:
        return sight.observed_at >= held.observed_at
    if held.modified_at is None:
        return sight.observed_at > held.observed_at
    return (sight.modified_at, sight.observed_at) >= (held.modified_at, held.observed_at)
