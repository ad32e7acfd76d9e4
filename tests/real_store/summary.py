"""Closing lines of a test run: was the real store used, and with which versions?

The hooks here are part of the plugin `tests.real_store.fixtures`. Workers of pytest-xdist report through a folder
that the controlling process makes and names in the environment before it starts them.
"""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Generator

    from tests.real_store.store import RealStore

REPORT_FOLDER = "REGULARS_TEST_REPORT_DIR"
_OURS: list[Path] = []


def pytest_configure(config: pytest.Config) -> None:
    if REPORT_FOLDER not in os.environ:
        folder = Path(tempfile.mkdtemp(prefix="regulars-report-"))
        os.environ[REPORT_FOLDER] = str(folder)
        _OURS.append(folder)


def pytest_unconfigure(config: pytest.Config) -> None:
    for folder in _OURS:
        os.environ.pop(REPORT_FOLDER, None)
        shutil.rmtree(folder, ignore_errors=True)
    _OURS.clear()


def note_used(store: RealStore) -> None:
    """A store started: the closing lines name its versions."""
    versions = store.versions
    _note(
        "used",
        f"WordPress {versions.wordpress}, WooCommerce {versions.woocommerce}, PHP {versions.php}, "
        f"Python {platform.python_version()}; orders in {store.storage}",
    )


def note_unavailable(reason: str) -> None:
    """No store can be started here; the closing lines repeat the reason."""
    _note("unavailable", reason)


def closing_lines() -> list[str]:
    """What to print, without repetition, whichever worker noted it."""
    python = f"(Python {platform.python_version()})"
    lines = [f"Real store: used. {line}" for line in _noted("used")]
    lines += [f"Real store: NOT used, its tests were skipped {python}. {line}" for line in _noted("unavailable")]
    return lines or [f"Real store: not used, no selected test needs it {python}."]


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Generator[None]:
    yield  # the reasons of skips and failures first: these lines close the run
    terminalreporter.section("real store")
    for line in closing_lines():
        terminalreporter.write_line(line)


def _note(kind: str, line: str) -> None:
    with (Path(os.environ[REPORT_FOLDER]) / kind).open("a") as notes:
        notes.write(f"{line}\n")


def _noted(kind: str) -> list[str]:
    path = Path(os.environ.get(REPORT_FOLDER, "")) / kind
    return sorted(set(path.read_text().splitlines())) if path.is_file() else []
