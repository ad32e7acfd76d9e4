"""A clock that only moves when a test says so."""

from datetime import datetime, timedelta


class Clock:
    """Call it for the time; `advance` moves it."""

    def __init__(self, now: datetime) -> None:
        self._now = now

    def __call__(self) -> datetime:
        return self._now

    def advance(self, **duration: float) -> datetime:
        """Move on by ``timedelta(**duration)``, such as ``minutes=5``, and return the time it is then."""
        self._now += timedelta(**duration)
        return self._now
