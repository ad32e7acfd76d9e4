"""What the tests of `regulars score FILE` read and write."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from click.testing import Result

from tests.cdnow import DATA

Score = Callable[..., Result]

SAMPLE = DATA / "cdnow_sample.csv"
HEADER = "customer_id,order_id,date,amount\n"


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def report_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return found
