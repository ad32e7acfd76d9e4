"""Worker processes as `regulars worker` runs them, to be killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.sample_shop import SampleShop


class WorkerProcess:
    """A worker with whatever it has forked. ``burst``: it ends when the queues are empty."""

    def __init__(self, environment: dict[str, str], *, burst: bool = False) -> None:
        script = f"from jobs.worker import run_worker; run_worker({environment['REDIS_URL']!r}, burst={burst})"
        self._process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-c", script],
            env={**os.environ, **environment},
            stderr=subprocess.DEVNULL,
        )

    def finish(self) -> None:
        """Wait until a burst worker has ended."""
        assert self._process.wait(120) == 0

    def kill(self) -> None:
        """End the worker and the process that does its job at once, as a machine that fails does."""
        # RQ puts the process of a job into a group of its own.
        for pid in (self._process.pid, *self._children()):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait(30)

    def _children(self) -> list[int]:
        listed = Path(f"/proc/{self._process.pid}/task/{self._process.pid}/children")
        return [int(pid) for pid in listed.read_text().split()] if listed.exists() else []


@contextmanager
def worker(environment: dict[str, str], *, burst: bool = False) -> Iterator[WorkerProcess]:
    """A running worker that does not outlive the block."""
    process = WorkerProcess(environment, burst=burst)
    try:
        yield process
    finally:
        process.kill()


def when_stalled(shop: SampleShop) -> threading.Event:
    """An event that is set when a request has reached the shop and stalls there."""
    reached = threading.Event()
    stall = shop.faults.stall

    def tell_and_stall() -> None:
        reached.set()
        stall()

    shop.faults.stall = tell_and_stall  # type: ignore[method-assign]
    return reached


def eventually(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Return when the condition holds. Fails after so many seconds."""
    ends_at = time.monotonic() + seconds
    turn = threading.Event()
    while not condition():
        assert time.monotonic() < ends_at, "it did not happen in time"
        turn.wait(0.05)
