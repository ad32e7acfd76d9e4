"""A time counts only where both gave the same answer."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks.measuring import Arrays, Timed, pair
from benchmarks.value_models import agree

NAMES = ("bg_nbd", "gamma_gamma", "p_alive", "orders", "value")


def found(**changed: float) -> Timed:
    outcome: Arrays = {name: np.full(4, 2.0) * changed.get(name, 1.0) for name in NAMES}
    return Timed([0.2, 0.1, 0.4], [0.1, 0.1, 0.2], peak_mb=50.0, loaded_mb=40.0, outcome=outcome)


def test_the_same_answer_is_told_with_how_far_it_differs() -> None:
    assert agree(found(orders=1.0005), found()) == {
        "bg_nbd": 0.0,
        "gamma_gamma": 0.0,
        "p_alive": 0.0,
        "orders": 0.0005,
        "value": 0.0,
    }


@pytest.mark.parametrize("name", NAMES)
def test_another_answer_is_refused_by_name(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        agree(found(**{name: 1.02}), found())


def test_an_answer_that_is_no_number_is_refused() -> None:
    with pytest.raises(ValueError, match="p_alive"):
        agree(found(p_alive=float("nan")), found())


def test_a_line_has_medians_ratios_and_memory_of_both() -> None:
    peer = found()
    peer.seconds, peer.cpu, peer.peak_mb = [4.0, 5.0, 9.0], [2.0], 200.0

    line = pair("value-models", 2_357, found(), peer, "lifetimes")

    assert line["ours"]["seconds"] == {"median": 0.2, "min": 0.1, "max": 0.4, "n": 3}
    assert line["peer"]["name"] == "lifetimes"
    assert line["times_as_fast"] == 25.0
    assert line["times_as_fast_cpu"] == 20.0
    assert line["share_of_peak_memory"] == 0.25
