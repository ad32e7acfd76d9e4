"""Which version of a programme holds at a time."""

from collections.abc import Callable, Sequence
from datetime import datetime

from connector.domain.programme import Programme


def in_force(programmes: Sequence[Programme], moment: datetime) -> Programme:
    """Return the highest version that was in force at a moment; before the first one that is the first.

    ``programmes`` holds at least one version, in any order.
    """
    begun = [one for one in programmes if one.effective_from is None or one.effective_from <= moment]
    return max(begun, key=_version) if begun else min(programmes, key=_version)


# From the first moment to the first one after it, each None where there is none.
Period = tuple[datetime | None, datetime | None]


def in_force_when(programmes: Sequence[Programme], is_wanted: Callable[[Programme], bool]) -> list[Period]:
    """Return the periods in which a version that is wanted is the one in force, the latest first."""
    found: list[Period] = []
    end: datetime | None = None
    newest_first = sorted(programmes, key=_version, reverse=True)
    for one in newest_first:
        begin = one.effective_from
        if begin is not None and end is not None and begin >= end:
            continue
        if is_wanted(one):
            found.append((begin, end))
        if begin is None:
            return found
        end = begin
    return [*found, (None, end)] if is_wanted(newest_first[-1]) else found


def _version(programme: Programme) -> int:
    return programme.version
