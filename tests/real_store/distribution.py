"""Tests that share a store run in one worker of pytest-xdist, so that each store starts once.

xdist's own `--dist loadgroup` hands the group to its scheduler inside the test's id, which pytest 9.2 no longer lets
it change (pytest-xdist issue 1386). Until that is mended the workers write the groups down, and the scheduler here
reads them.
"""

from __future__ import annotations

import json
import os
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from xdist.scheduler import LoadGroupScheduling

from tests.real_store.summary import REPORT_FOLDER

if TYPE_CHECKING:
    from xdist.remote import Producer

_GROUPS = "groups.json"


class GroupScheduling(LoadGroupScheduling):
    """Like xdist's own, with the groups from the workers' file."""

    @cached_property
    def _groups(self) -> dict[str, str]:
        # First asked for when every worker has collected, and so has written the file.
        written: dict[str, str] = json.loads((Path(os.environ[REPORT_FOLDER]) / _GROUPS).read_text())
        return written

    def _split_scope(self, nodeid: str) -> str:
        return self._groups.get(nodeid) or str(super()._split_scope(nodeid))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Any:
    return GroupScheduling(config, log) if config.getoption("dist") == "loadgroup" else None


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    worker = os.environ.get("PYTEST_XDIST_WORKER")
    if worker is None:
        return
    groups = {item.nodeid: str(mark.args[0]) for item in items for mark in item.iter_markers("xdist_group")}
    folder = Path(os.environ[REPORT_FOLDER])
    # All workers write the same; whoever reads must find a whole file.
    (folder / worker).write_text(json.dumps(groups))
    (folder / worker).replace(folder / _GROUPS)
