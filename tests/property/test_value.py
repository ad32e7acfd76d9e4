from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.history import Histories, purchase_histories
from connector.domain.rfm import cutpoints, score

AS_OF = 400

populations = st.lists(st.integers(-1000, 1000), min_size=1, max_size=60)
order_rows = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 420), st.integers(0, 50_000)), max_size=80)


def histories(rows: list[tuple[int, int, int]]) -> Histories:
    customer, day, value = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    return purchase_histories(customer, day, value, AS_OF)


def quintiles_by_rank(values: list[int]) -> list[int]:
    """The definition, counted one by one: 1 + floor(5·(average rank − ½)/n), in integers."""
    n = len(values)
    return [
        1 + 5 * (sum(other < value for other in values) + sum(other <= value for other in values)) // (2 * n)
        for value in values
    ]


@given(populations)
def test_scoring_the_population_that_made_the_cut_points_gives_its_rank_quintiles(values: list[int]) -> None:
    assert score(values, cutpoints(values)).tolist() == quintiles_by_rank(values)


@given(populations)
def test_fewer_is_better_scores_as_the_negated_values_do(values: list[int]) -> None:
    days = score(values, cutpoints(values, higher_is_better=False))
    assert days.tolist() == quintiles_by_rank([-value for value in values])


@given(populations, st.integers(-1100, 1100), st.integers(-1100, 1100))
def test_a_more_recent_purchase_never_scores_lower(values: list[int], one: int, other: int) -> None:
    cuts = cutpoints(values, higher_is_better=False)
    assert score(min(one, other), cuts) >= score(max(one, other), cuts)


@settings(max_examples=60)
@given(order_rows)
def test_histories_equal_those_counted_customer_by_customer(rows: list[tuple[int, int, int]]) -> None:
    result = histories(rows)
    known = [row for row in rows if row[1] <= AS_OF]
    assert result.customer.tolist() == sorted({customer for customer, _, _ in known})
    for i, customer in enumerate(result.customer.tolist()):
        days = sorted({day for owner, day, _ in known if owner == customer})
        assert (result.x[i], result.t_x[i], result.T[i]) == (len(days) - 1, days[-1] - days[0], AS_OF - days[0])
        assert result.value_total[i] == sum(value for owner, _, value in known if owner == customer)


@settings(max_examples=60)
@given(order_rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[int, int, int]], random: object) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for name in ("customer", "x", "t_x", "T", "value_total", "value_first", "monetary"):
        ours: npt.NDArray[np.int64] = getattr(histories(rows), name)
        assert ours.tolist() == getattr(histories(shuffled), name).tolist()
