"""Which version of a programme holds at a time."""

from collections.abc import Sequence
from datetime import datetime

from connector.domain.programme import Programme


def in_force(programmes: Sequence[Programme], moment: datetime) -> Programme:
    """Return the highest version that was in force at a moment; before the first one that is the first.

    ``programmes`` holds at least one version, in any order.
    """
    begun = [one for one in programmes if one.effective_from is None or one.effective_from <= moment]
    return max(begun, key=_version) if begun else min(programmes, key=_version)


def _version(programme: Programme) -> int:
    return programme.version
