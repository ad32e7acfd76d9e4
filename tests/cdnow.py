"""The CDNOW purchase log as the arrays the domain takes: customer, day, value in cents."""

from __future__ import annotations

import csv
import gzip
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np

from connector.domain.arrays import Ints
from connector.domain.history import Histories, epoch_day, purchase_histories

DATA = Path(__file__).parent / "data"
CALIBRATION_END = epoch_day(date(1997, 9, 30))
WEEKS_AFTER = 39


@cache
def orders(name: str = "cdnow_sample.csv") -> tuple[Ints, Ints, Ints]:
    path = DATA / name
    text = gzip.decompress(path.read_bytes()).decode() if path.suffix == ".gz" else path.read_text()
    rows = [
        (int(row["customer_id"]), epoch_day(date.fromisoformat(row["date"])), int(Decimal(row["amount"]) * 100))
        for row in csv.DictReader(text.splitlines())
    ]
    customer, day, value = np.array(rows, dtype=np.int64).T
    return customer, day, value


@cache
def calibration(name: str = "cdnow_sample.csv") -> Histories:
    """Histories at the end of the 39 weeks that the published figures are fitted on."""
    return purchase_histories(*orders(name), CALIBRATION_END)
