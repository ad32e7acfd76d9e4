from __future__ import annotations

import json

import numpy as np

from connector.domain.history import Orders
from connector.domain.store_value import store_value

DAY = 20_000
STORE = Orders(*np.array([(1, DAY - 400, 1_000), (1, DAY - 20, 3_000), (2, DAY - 10, 1_000), (3, DAY + 1, 9_000)]).T)


def test_a_store_is_told_as_it_was_known_on_the_day() -> None:
    told = store_value(STORE, DAY, 365)
    assert (told["figures"]["orders"], told["figures"]["net_value"]) == (2, 4_000)
    assert sum(cohort["customers"] for cohort in told["cohorts"]) == 2
    assert told["concentration"][20] == 0.8  # the best of two customers brought 4,000 of 5,000
    assert told["days_between_orders"]["quantiles"][50] == 380
    json.dumps(told)


def test_before_the_first_order_there_is_nothing_to_tell() -> None:
    told = store_value(STORE, DAY - 500, 365)
    assert told["figures"]["orders"] == 0
    assert (told["cohorts"], told["concentration"], told["days_between_orders"]) == ([], None, None)
