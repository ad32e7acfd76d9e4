"""A run that did not use the real store must say so: nothing may pass by not running unnoticed."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.real_store import summary
from tests.real_store.store import Versions


@pytest.fixture(autouse=True)
def _an_empty_report(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGULARS_TEST_REPORT_DIR", str(tmp_path))


def _store(storage: str) -> Any:
    return SimpleNamespace(storage=storage, versions=Versions("7.1", "10.9.1", "8.2.36"))


def test_a_run_without_tests_that_need_the_store_says_so() -> None:
    (line,) = summary.closing_lines()
    assert line.startswith("Real store: not used, no selected test needs it")


def test_a_run_that_could_not_start_the_store_repeats_why_once() -> None:
    summary.note_unavailable("nginx is not installed")
    summary.note_unavailable("nginx is not installed")
    (line,) = summary.closing_lines()
    assert line.startswith("Real store: NOT used, its tests were skipped")
    assert line.endswith("nginx is not installed")


def test_a_run_with_stores_names_their_versions_once_for_each_storage() -> None:
    for storage in ("hpos", "posts", "hpos"):
        summary.note_used(_store(storage))
    lines = summary.closing_lines()
    assert [line.rpartition(" ")[2] for line in lines] == ["hpos", "posts"]
    assert all("WordPress 7.1, WooCommerce 10.9.1, PHP 8.2.36, Python 3." in line for line in lines)


def test_a_browser_that_is_missing_is_told_beside_the_store_that_was_used() -> None:
    summary.note_used(_store("hpos"))
    summary.note_unavailable("Chromium is not installed")
    assert [line.endswith("Chromium is not installed") for line in summary.closing_lines()] == [False, True]
