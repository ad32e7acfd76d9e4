"""Whose address is whose: what one test's shopper buys must not count for another's."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from tests.e2e.seeds import SEEDS

_ADDRESS = re.compile(r"[\w.+-]+@store\.example", re.IGNORECASE)


def used_twice(folder: Path) -> list[str]:
    """Return a sentence for every address that more than one test of the folder writes down."""
    users: defaultdict[str, set[str]] = defaultdict(set)
    for seed in SEEDS:
        users[seed.email].add("the seeds")
        users[seed.twin].add("the seeds")
    for path in sorted(folder.glob("test_*.py")):
        for name, address in _written_down(path):
            users[address].add(f"{path.name}::{name}")
    return [
        f"{address} is somebody in {' and in '.join(sorted(tests))}: give each test shoppers of its own."
        for address, tests in users.items()
        if len(tests) > 1
    ]


def _written_down(path: Path) -> Iterator[tuple[str, str]]:
    for function in ast.parse(path.read_text()).body:
        if isinstance(function, ast.FunctionDef):
            for node in ast.walk(function):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and _ADDRESS.fullmatch(node.value):
                    yield function.name, node.value.lower()
