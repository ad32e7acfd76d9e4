"""The connector as an operator runs it: `regulars up` in a process of its own, everything embedded."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import requests

from tests.real_store.services import ends_with_us, free_port

_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class RunningConnector:
    """`regulars up` with its own data directory and port; ready when the constructor returns."""

    def __init__(self, data_dir: Path) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._log = data_dir / "up.log"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "REDIS_"))},
            "REGULARS_DATA_DIR": str(data_dir),
            "REGULARS_PORT": str(port),
        }
        with self._log.open("wb") as log:
            # A session of its own, so that what is left behind can be found and ended by its group.
            self._process = subprocess.Popen(
                [*ends_with_us(), self._program(), "up"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        try:
            self._wait_until_ready()
        except BaseException:
            self.stop()
            raise

    def pairing_code(self) -> str:
        """What `regulars pair` prints."""
        done = self.run("pair")
        found = _CODE.search(done)
        if found is None:
            raise AssertionError(f"`regulars pair` printed no code: {done}")
        return found.group()

    def run(self, *command: str) -> str:
        """Run another `regulars` command on the same data and return what it prints."""
        done = subprocess.run(
            [self._program(), *command],
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        if done.returncode != 0:
            raise AssertionError(
                f"regulars {' '.join(command)} ended with {done.returncode}: {done.stdout}{done.stderr}"
            )
        return done.stdout

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> int:
        """End it as Ctrl-C or a service manager would; returns its exit code. Its children are gone afterwards."""
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
        try:
            return self._process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            raise AssertionError(f"`regulars up` did not end within 30 s of SIGTERM:\n{self.log()[-3000:]}") from None

    def _program(self) -> str:
        return str(Path(sys.executable).parent / "regulars")

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        with requests.Session() as session:
            session.trust_env = False
            while True:
                if self._process.poll() is not None:
                    raise AssertionError(f"`regulars up` ended at once:\n{self.log()[-3000:]}")
                try:
                    if session.get(f"{self.url}/readyz", timeout=5).ok:
                        return
                except requests.ConnectionError:
                    pass  # not listening yet
                if time.monotonic() > deadline:
                    raise AssertionError(f"`regulars up` was not ready within 60 s:\n{self.log()[-3000:]}")
                time.sleep(0.1)
