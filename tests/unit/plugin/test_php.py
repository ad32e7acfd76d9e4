"""The PHP of the plugin: its own tests, and the rules no tool checks for us."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from plugin_php import build

PHP = shutil.which("php")
needs_php = pytest.mark.skipif(PHP is None, reason="needs PHP: apt-get install php-cli")
SHIPPED = sorted(build.HERE / name for name in build.contents() if name.endswith(".php"))
PHP_TESTS = sorted((build.HERE / "tests").glob("*_test.php"))


def name(path: Path) -> str:
    return path.relative_to(build.HERE).as_posix()


def run_php(*arguments: str) -> subprocess.CompletedProcess[str]:
    assert PHP
    return subprocess.run([PHP, *arguments], capture_output=True, text=True, check=False, timeout=60)


@needs_php
@pytest.mark.parametrize("path", PHP_TESTS, ids=name)
def test_the_plugins_own_tests_pass(path: Path) -> None:
    done = run_php(str(build.HERE / "tests" / "run.php"), str(path))
    assert done.returncode == 0, done.stderr + done.stdout


@needs_php
def test_a_failing_php_test_is_noticed(tmp_path: Path) -> None:
    failing = tmp_path / "failing_test.php"
    failing.write_text("<?php\nnamespace Regulars\\Tests;\nfunction test_one_is_two() { same( 1, 2 ); }\n")
    done = run_php(str(build.HERE / "tests" / "run.php"), str(failing))
    assert done.returncode == 1
    assert "test_one_is_two: expected 1, got 2" in done.stderr


@needs_php
def test_every_file_is_valid_php() -> None:
    done = run_php("-l", *map(str, SHIPPED))
    assert done.returncode == 0, done.stderr + done.stdout


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_a_file_cannot_be_opened_directly(path: Path) -> None:
    assert re.search(r"defined\( '(ABSPATH|WP_UNINSTALL_PLUGIN)' \) \|\| exit;", path.read_text())


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_only_the_client_makes_remote_requests(path: Path) -> None:
    calls = re.findall(r"\b(?:wp_(?:safe_)?remote_(?:get|post|request|head)|curl_init|fsockopen)\(", path.read_text())
    assert bool(calls) == (path.name == "ConnectorClient.php")


@pytest.mark.parametrize("path", SHIPPED, ids=name)
def test_orders_are_never_read_by_post_queries(path: Path) -> None:
    assert not re.search(r"\b(?:WP_Query|get_posts|get_post_meta|\$wpdb->posts|wc_orders)\b", path.read_text())
