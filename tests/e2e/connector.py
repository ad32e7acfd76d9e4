"""The connector as an operator runs it: `regulars up` in a process of its own, everything embedded."""

from __future__ import annotations

import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import requests

from tests.real_store.services import ends_with_us

_CODE = re.compile(r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b")


class RunningConnector:
    """`regulars up` on one data directory and port. `start()` only begins; wait with `until_ready()`."""

    def __init__(self, data_dir: Path, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"
        self._log = data_dir / "up.log"
        self._database = data_dir / "regulars.db"
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith(("REGULARS_", "REDIS_"))},
            "REGULARS_DATA_DIR": str(data_dir),
            "REGULARS_PORT": str(port),
        }
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> RunningConnector:
        with self._log.open("ab") as log:
            # A session of its own, so that what does not end can be ended by its group.
            self._process = subprocess.Popen(
                [*ends_with_us(), self._program(), "up"],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=self._environment,
                start_new_session=True,
            )
        return self

    def until_ready(self) -> RunningConnector:
        """Wait until it takes requests. AssertionError with its log if it ends or takes over a minute."""
        deadline = time.monotonic() + 60
        with requests.Session() as session:
            session.trust_env = False
            while not self._answers(session):
                if self._process is None or self._process.poll() is not None or time.monotonic() > deadline:
                    raise AssertionError(f"`regulars up` did not become ready:\n{self.log()[-3000:]}")
                time.sleep(0.1)
        return self

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

    def owed(self) -> list[str]:
        """What it has yet to do, each with its subject."""
        with closing(sqlite3.connect(self._database, timeout=30)) as database:
            return [" ".join(row) for row in database.execute("SELECT job, subject FROM work")]

    def hold_nobody_out(self) -> None:
        """Let stores begin without a hold-out: who is drawn is chance, and tests expect their coupons."""
        with closing(sqlite3.connect(self._database, timeout=30)) as database, database:
            database.execute(
                "CREATE TRIGGER no_hold_out AFTER INSERT ON programmes BEGIN"
                " UPDATE programmes SET document = json_set(document, '$.governor.hold_out_percent', '0')"
                " WHERE id = NEW.id; END"
            )

    def log(self) -> str:
        return self._log.read_text(errors="replace")

    def stop(self) -> int:
        """End it as Ctrl-C or a service manager would; returns its exit code. Its children are gone afterwards."""
        process, self._process = self._process, None
        if process is None:
            return 0
        process.terminate()
        try:
            return process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(timeout=5)
            raise AssertionError(f"`regulars up` did not end within 30 s of SIGTERM:\n{self.log()[-3000:]}") from None

    def _answers(self, session: requests.Session) -> bool:
        try:
            return session.get(f"{self.url}/readyz", timeout=5).ok
        except requests.RequestException:
            return False  # not listening, or not answering yet

    def _program(self) -> str:
        return str(Path(sys.executable).parent / "regulars")
