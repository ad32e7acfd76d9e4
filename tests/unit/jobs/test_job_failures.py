"""What a job that fails unexpectedly leaves in logs and in the queue."""

from __future__ import annotations

import logging
import traceback

import pytest

from jobs import worker

ADDRESS = "ann@example.com"


def test_an_unexpected_error_is_raised_and_logged_without_the_words_of_the_database(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def quoting(context: object, work_id: int) -> bool:
        raise ValueError(f"Key (email)=({ADDRESS}) already exists") from KeyError(ADDRESS)

    monkeypatch.setattr(worker, "_context", lambda: None)
    monkeypatch.setattr(worker, "perform_in", quoting)

    with caplog.at_level(logging.DEBUG), pytest.raises(worker.JobFailed, match=r"\AValueError\Z") as raised:
        worker.perform(7)

    kept_by_the_queue = "".join(traceback.format_exception(raised.value))
    assert ADDRESS not in kept_by_the_queue + caplog.text
    assert "work 7 ended with ValueError" in caplog.text
    assert "in quoting" in caplog.text
