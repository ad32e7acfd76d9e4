"""A PostgreSQL of the benchmark's own, as installed: on the disk, durable, with autovacuum, and 1 GB for caches."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import IO

from tests.databases import Cluster


class InstalledCluster(Cluster):
    """The tests' private cluster without what makes the tests quick."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        super().__init__(binaries)
        owner = self.folder.stat()
        shutil.rmtree(self.folder)
        self.folder = Path(tempfile.mkdtemp(prefix="pg-", dir=folder))
        os.chown(self.folder, owner.st_uid, owner.st_gid)
        for above in (folder, *folder.parents):
            if above.stat().st_uid == os.geteuid():
                above.chmod(above.stat().st_mode | 0o011)  # the server is another user where we are root

    def _spawn(self, log: IO[bytes]) -> subprocess.Popen[bytes]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder),
            "shared_buffers": "1GB",
            "max_wal_size": "4GB",
        }
        ends_with_us = ["setpriv", "--pdeathsig", "INT", "--"] if shutil.which("setpriv") else []
        program = [str(self._binaries / "postgres"), "-D", str(self.folder / "data")]
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return subprocess.Popen(
            [*ends_with_us, *program, *options],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            **self._as_owner(),
        )
