"""`regulars up` as a real process, and the parts that refuse to run without a queue."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.integration.cli.conftest import Regulars

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)


@contextmanager
def running_up(environment: dict[str, str | None], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    settings = {name: value for name, value in environment.items() if value is not None}
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "REDIS_"))}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "connector", "up"],
            env=clean | settings,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
        try:
            yield process
        finally:
            process.terminate()
            process.wait(40)


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def children(pid: int) -> dict[int, str]:
    """Return the command lines of a process's children."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            status = (folder / "status").read_text()
            command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if re.search(rf"^PPid:\s+{pid}$", status, re.MULTILINE) and command:
            found[int(folder.name)] = command
    return found


def child(pid: int, name: str) -> int:
    return next((number for number, command in children(pid).items() if name in command), 0)


def ready(environment: dict[str, str | None]) -> bool:
    try:
        answer = requests.get(f"http://127.0.0.1:{environment['REGULARS_PORT']}/readyz", timeout=2)
    except requests.RequestException:
        return False
    return answer.ok and answer.json()["queue"] == "up"


def test_up_runs_every_part_restarts_what_dies_and_ends_without_a_trace(
    environment: dict[str, str | None], tmp_path: Path
) -> None:
    with running_up(environment, tmp_path / "up.log") as up:
        until(lambda: ready(environment))
        parts = children(up.pid)
        names = " ".join(parts.values())
        assert all(part in names for part in ("connector web", "connector scheduler", "connector worker", "valkey"))

        killed_web, killed_valkey = child(up.pid, "connector web"), child(up.pid, "valkey")
        os.kill(killed_valkey, signal.SIGKILL)
        until(lambda: child(up.pid, "valkey") not in (0, killed_valkey))
        os.kill(killed_web, signal.SIGKILL)
        until(lambda: child(up.pid, "connector web") not in (0, killed_web))
        until(lambda: ready(environment))

        parts = children(up.pid)
        up.terminate()
        assert up.wait(40) == 0
        assert not [pid for pid in parts if Path(f"/proc/{pid}").exists()]


@pytest.mark.parametrize("part", ["worker", "scheduler"])
def test_a_part_that_needs_a_queue_says_so(regulars: Regulars, part: str) -> None:
    result = regulars(part)
    assert result.exit_code == 1
    assert f"`regulars {part}` needs REDIS_URL" in result.output
