"""Purchase histories that someone else summed up."""

from __future__ import annotations

from pathlib import Path

import pytest

from connector.domain.terms import ValueTerms
from connector.orderfile.valuing import value_summary
from tests.unit.orderfile.files import read_summary, rejected

HEADER = "customer_id,x,t_x,T,monetary_value\n"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "summary.csv"


def test_durations_are_read_in_their_unit_and_kept_in_whole_days(path: Path) -> None:
    rows = read_summary(path, HEADER + "a,2,30.43,38.86,22.35\n", unit="week")
    assert (rows.x.tolist(), rows.t_x.tolist(), rows.T.tolist()) == ([2], [213], [272])
    assert rows.value_mean.tolist() == [2235.0]


def test_histories_that_cannot_be_are_rejected(path: Path) -> None:
    rows = read_summary(
        path,
        HEADER
        + "a,1,5,10,20\n"
        + ",1,5,10,20\n"
        + "a,1,5,10,20\n"
        + "b,1,11,10,20\n"
        + "c,0,5,10,20\n"
        + "d,1,0,10,20\n"
        + "e,1.5,5,10,20\n"
        + "f,1,5,10,-20\n"
        + "g,one,5,10,20\n"
        + "h,1,5,,20\n",
    )
    assert rows.labels == ["a"]
    assert rejected(rows) == [
        (3, "no_customer"),
        (4, "repeated_customer"),
        *((line, "history_impossible") for line in range(5, 10)),
        (10, "history_unreadable"),
        (11, "history_unreadable"),
    ]


def test_a_history_that_cannot_be_is_that_whoever_it_is_of(path: Path) -> None:
    rows = read_summary(path, HEADER + "a,1,5,10,20\na,one,5,10,20\na,1,11,10,20\na,1,5,10,20\n")
    assert [reason for _, reason in rejected(rows)] == [
        "history_unreadable",
        "history_impossible",
        "repeated_customer",
    ]


@pytest.mark.parametrize("nothing", ["", "nan", " ", "NULL"])
def test_one_time_buyers_need_no_value_because_there_is_no_mean_of_no_repeats(path: Path, nothing: str) -> None:
    rows = read_summary(path, HEADER + f"a,2,5,10,20\nb,0,0,10,{nothing}\nc,1,5,10,{nothing}\n")
    assert (rows.labels, rejected(rows)) == (["a", "b"], [(4, "history_unreadable")])
    assert (rows.counted.tolist(), rows.value_mean.tolist()) == ([2, 0], [2000.0, 0.0])


def test_a_one_time_buyer_without_a_value_is_unknown_also_where_others_have_one(path: Path) -> None:
    rows = read_summary(path, HEADER + "a,2,5,10,20\nb,0,0,10,\nc,0,0,10,8\n")
    assert rows.counted.tolist() == [3, 0, 1]


@pytest.mark.parametrize("of_all", [False, True])
def test_blank_values_of_one_time_buyers_fit_and_are_valued_as_zeros_in_repeat_means_are(
    path: Path, of_all: bool
) -> None:
    buyers = "".join(f"r{n},{1 + n % 4},{20 + n},{200 + n},{10 + n % 7}\n" for n in range(60))
    known = "k,0,0,90,12\n" if of_all else ""
    silent = [f"s{n},0,0,{100 + n}," for n in range(60)]
    valued = value_summary(
        read_summary(path, HEADER + buyers + known + "\n".join(silent)), ValueTerms(), "bg-nbd", priors=True
    )
    assert len(valued.histories) == 120 + of_all
    assert valued.fitted.spending
    population = valued.fitted.spending.population_mean
    assert valued.histories.value_mean[-60:] == pytest.approx(population)
    if of_all:
        assert valued.histories.value_mean[0] == 1200.0


def test_values_are_of_repeat_purchases_unless_a_one_time_buyer_has_one(path: Path) -> None:
    assert read_summary(path, HEADER + "a,2,5,10,20\nb,0,0,10,0\n").counted.tolist() == [2, 0]
    assert read_summary(path, HEADER + "a,2,5,10,20\nb,0,0,10,8\n").counted.tolist() == [3, 1]


def test_a_first_purchase_of_unknown_value_counts_at_what_is_expected(path: Path) -> None:
    buyers = "".join(f"r{n},{1 + n % 4},{20 + n},{200 + n},{10 + n % 7}\n" for n in range(60))
    silent = "".join(f"s{n},0,0,{100 + n},0\n" for n in range(60))
    rows = read_summary(path, HEADER + buyers + silent)
    valued = value_summary(rows, ValueTerms(), "bg-nbd", priors=True)
    assert valued.fitted.basis == "bg-nbd"
    one_time = valued.histories.x == 0
    population = valued.fitted.spending.population_mean if valued.fitted.spending else 0.0
    assert valued.histories.value_mean[one_time] == pytest.approx(population)
    assert (valued.histories.value_mean[~one_time] > 0).all()
    assert "ranking" in valued.report["trust"]
