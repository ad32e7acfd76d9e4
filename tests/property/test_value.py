from __future__ import annotations

import numpy as np
import numpy.typing as npt
from hypothesis import given, settings
from hypothesis import strategies as st

from connector.domain.bgnbd import BgNbd
from connector.domain.clv import Modelled, estimate
from connector.domain.history import Histories, purchase_histories
from connector.domain.mbgnbd import MbgNbd
from connector.domain.pareto_nbd import ParetoNbd
from connector.domain.rfm import cutpoints, score
from connector.domain.season import season

AS_OF = 400

# Close together, as days and counts are, and far apart, as amounts are.
populations = st.sampled_from([5, 1000]).flatmap(
    lambda most: st.lists(st.integers(-most, most), min_size=1, max_size=60)
)
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
@given(order_rows, st.sampled_from([1, 2**35]), st.integers(1, 400))
def test_histories_equal_those_counted_customer_by_customer(
    rows: list[tuple[int, int, int]], apart: int, lookback_days: int
) -> None:
    customer, day, value = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    result = purchase_histories(customer * apart, day, value, AS_OF, lookback_days=lookback_days)
    known = [row for row in rows if row[1] <= AS_OF]
    assert result.customer.tolist() == sorted({customer * apart for customer, _, _ in known})
    for i, customer in enumerate(result.customer.tolist()):
        bought = [(day, value) for owner, day, value in known if owner * apart == customer]
        days = sorted({day for day, _ in bought})
        assert (result.x[i], result.t_x[i], result.T[i]) == (len(days) - 1, days[-1] - days[0], AS_OF - days[0])
        assert result.orders[i] == len(bought)
        assert result.value_total[i] == sum(value for _, value in bought)
        assert result.value_first[i] == sum(value for day, value in bought if day == days[0])
        recent = [(day, value) for day, value in bought if day > AS_OF - lookback_days]
        assert result.frequency[i] == len({day for day, _ in recent})
        assert result.monetary[i] == sum(value for _, value in recent)


@settings(max_examples=60)
@given(order_rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(rows: list[tuple[int, int, int]], random: object) -> None:
    shuffled = rows.copy()
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for name in ("customer", "x", "t_x", "T", "value_total", "value_first", "monetary"):
        ours: npt.NDArray[np.int64] = getattr(histories(rows), name)
        assert ours.tolist() == getattr(histories(shuffled), name).tolist()


def small_store(seed: int, customers: int = 150) -> tuple[npt.NDArray[np.int64], ...]:
    """A store large enough for a model: customer, day and value per order."""
    random = np.random.default_rng(seed)
    count = random.geometric(0.45, customers)
    customer = np.repeat(np.arange(customers), count)
    first = random.integers(0, 200, customers)
    day = first[customer] + random.integers(0, AS_OF - 200, customer.size)
    return customer, day, random.integers(100, 20_000, customer.size)


stores = st.integers(0, 10_000)


@settings(max_examples=15, deadline=None)
@given(stores, st.sampled_from(["bg-nbd", "mbg-nbd", "pareto-nbd"]), st.sampled_from([10, 100, 1000]))
def test_scaling_the_currency_scales_clv_and_nothing_else(seed: int, model: Modelled, factor: int) -> None:
    customer, day, value = small_store(seed)
    plain = estimate(purchase_histories(customer, day, value, AS_OF), model=model)
    scaled = estimate(purchase_histories(customer, day, value * factor, AS_OF), model=model)
    assert plain.basis == scaled.basis == model
    np.testing.assert_allclose(scaled.worth, plain.worth * factor, rtol=1e-6)
    assert plain.p_alive is not None
    np.testing.assert_array_equal(scaled.p_alive, plain.p_alive)
    np.testing.assert_array_equal(scaled.expected_orders, plain.expected_orders)


@settings(max_examples=15, deadline=None)
@given(stores, st.sampled_from(["bg-nbd", "mbg-nbd", "pareto-nbd"]))
def test_permuting_customers_permutes_results(seed: int, model: Modelled) -> None:
    customer, day, value = small_store(seed)
    renamed = np.random.default_rng(seed + 1).permutation(int(customer.max()) + 1)
    plain = estimate(purchase_histories(customer, day, value, AS_OF), model=model)
    moved = estimate(purchase_histories(renamed[customer], day, value, AS_OF), model=model)
    rows = np.searchsorted(moved.customer, renamed[plain.customer])
    np.testing.assert_allclose(moved.expected_orders[rows], plain.expected_orders, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(moved.worth[rows], plain.worth, rtol=1e-6)


@settings(max_examples=40, deadline=None)
@given(
    st.sampled_from([(0.24, 31.0, 0.8, 2.4), (2.0, 5.0, 0.2, 0.1), (0.05, 400.0, 3.0, 1.0)]),
    st.integers(0, 60),
    st.integers(1, 700),
    st.integers(0, 300),
)
def test_longer_silence_never_makes_a_customer_more_alive(
    parameters: tuple[float, float, float, float], x: int, t_x: int, silent: int
) -> None:
    seen = t_x if x else 0
    for model in (BgNbd(*parameters), MbgNbd(*parameters), ParetoNbd(*parameters)):
        now, later = model.p_alive(x, seen, [seen + silent, seen + silent + 30])
        assert 0 <= later <= now <= 1
        soon, far = model.order_if_alive([30, 90], x, seen + silent)
        assert 0 <= soon <= far <= 1 + 1e-12


@settings(max_examples=30)
@given(st.floats(0, 1), st.integers(9_000, 12_000), st.integers(0, 3_000), st.integers(0, 3_000), st.data())
def test_the_time_of_a_store_only_ever_moves_forward(
    strength: float, anchor: int, first: int, more: int, data: st.DataObject
) -> None:
    busy = np.array(data.draw(st.lists(st.floats(0, 20), min_size=52, max_size=52)))
    clock = season(busy, anchor, strength)
    day = anchor - 2_000 + first
    assert float(clock.time(day + more) - clock.time(day)) >= -1e-9
    assert abs(float(clock.time(day + 364) - clock.time(day)) - 364) < 1e-6
