"""Settings that cannot work are answered with a sentence that says which and what to do, never with a traceback."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from tests.integration.cli.conftest import Regulars

pytestmark = pytest.mark.parametrize("databases", ["sqlite"], indirect=True)

Environment = dict[str, str | None]


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "mysql://owner:hunter2@127.0.0.1/regulars",
        "postgresql+nosuchdriver://owner:hunter2@127.0.0.1/regulars",
    ],
)
def test_a_database_we_do_not_speak_is_refused_without_repeating_its_password(
    regulars: Regulars, environment: Environment, url: str
) -> None:
    environment["REGULARS_DATABASE_URL"] = url
    result = regulars("doctor")
    assert result.exit_code == 1
    assert "REGULARS_DATABASE_URL" in result.output
    assert "hunter2" not in result.output


def test_a_database_out_of_reach_is_named_with_what_is_in_the_way(
    regulars: Regulars, environment: Environment
) -> None:
    environment["REGULARS_DATABASE_URL"] = "postgresql://owner:hunter2@127.0.0.1:1/regulars"
    result = regulars("doctor")
    assert result.exit_code == 1
    assert "Connection refused" in result.output
    assert "hunter2" not in result.output


def test_a_data_directory_that_cannot_be_made_is_named(
    regulars: Regulars, environment: Environment, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    environment |= {"REGULARS_DATA_DIR": str(tmp_path / "file" / "data"), "REGULARS_DATABASE_URL": None}
    result = regulars("pair")
    assert result.exit_code == 1
    assert f"The folder {tmp_path / 'file' / 'data'} cannot be made" in result.output


def test_a_data_directory_is_its_owners_alone(regulars: Regulars, environment: Environment, tmp_path: Path) -> None:
    environment |= {"REGULARS_DATA_DIR": str(tmp_path / "data"), "REGULARS_DATABASE_URL": None}
    assert regulars("pair").exit_code == 0
    assert (tmp_path / "data").stat().st_mode & 0o077 == 0


def test_a_file_that_is_no_database_is_named(regulars: Regulars, environment: Environment, tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no database " * 100)
    environment["REGULARS_DATABASE_URL"] = f"sqlite:///{file}"
    result = regulars("doctor")
    assert result.exit_code == 1
    assert f"{file} is no SQLite database" in result.output


@pytest.mark.parametrize("command", ["up", "web"])
def test_a_port_that_somebody_has_is_said_once(regulars: Regulars, environment: Environment, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        environment["REGULARS_PORT"] = str(taken.getsockname()[1])
        result = regulars(command)
    assert result.exit_code == 1
    assert f"port {environment['REGULARS_PORT']}" in result.output
    assert "REGULARS_PORT" in result.output


def test_a_worker_whose_queue_is_out_of_reach_says_so(regulars: Regulars, environment: Environment) -> None:
    environment["REDIS_URL"] = "redis://127.0.0.1:1"
    result = regulars("worker", "--burst")
    assert result.exit_code == 1
    assert "Redis does not answer" in result.output
