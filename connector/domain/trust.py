"""What a run tells the owner in words: which model was chosen and why, and how far to trust it."""

from __future__ import annotations

from collections.abc import Sequence

from connector.domain.backtest import Trial
from connector.domain.clv import FittedValue, Fitting
from connector.domain.needs import Shortfall

_ON_THE_MARK = 0.005
_CLOSE, _FAIR = 0.1, 0.25
_RANKING = "Trust the ranking of customers, not the totals."


def choice(fitted: FittedValue, models: int, mine: Sequence[Trial]) -> str:
    """Which of so many models was chosen and why, by the trials `mine` of the chosen one; empty without a model."""
    if fitted.purchases is None:
        return ""
    if models == 1:
        sentence = f"The model {fitted.basis} was asked for."
    elif not mine:
        sentence = f"The model {fitted.basis} was taken, because none of the {models} could be tested."
    else:
        sentence = (
            f"Of {models} models {fitted.basis} was chosen: in {_periods(mine)} it had given what customers then did "
            "the highest probability."
        )
    if fitted.season.strength:
        sentence += (
            " The seasons of the last year are taken into account, because with them the store's own past was "
            "predicted better."
        )
    if fitted.dependence.exponent:
        more = 2.0**fitted.dependence.exponent - 1.0
        sentence += (
            f" Customers who spend twice as much per order were found to order {abs(more):.0%} "
            f"{'more' if more > 0 else 'less'} often than their record alone says; this is taken into account."
        )
    return sentence


def trust(fitting: Fitting, mine: Sequence[Trial]) -> str:
    """How far to trust what was fitted, by the trials `mine` of it, of which there is at least one."""
    tested = f"Tested on {_periods(mine)} of the store's own past"
    heard = [trial for trial in mine if trial.accuracy.orders]
    if not heard:
        return f"{tested}, in which nobody ordered again: trust neither the ranking nor the totals."
    silent = len(mine) - len(heard)
    if silent:
        others = "others" if len(heard) > 1 else "other"
        tested += f". In {silent} of them nobody ordered again, though orders were predicted. In the {others}"
    else:
        tested += ","
    edge = ""
    if fitting.purchases and fitting.purchases.at_boundary:
        edge = " Some parameters lie at the edge of what the data can tell."
    return f"{tested} {', '.join(_results(heard))}. {_advice(heard, silent)}{edge}"


def untested(days: int, lacking: Shortfall) -> str:
    """What is said of a model that could not be tested, by what the store lacked so many days ago."""
    if lacking:
        why = f"a test needs more than there was {days} days ago: {', '.join(lacking.words)}"
    else:
        why = f"it could not be fitted to what there was {days} days ago"
    return f"The model could not be tested on the store's own past, because {why}. {_RANKING}"


def _results(heard: Sequence[Trial]) -> list[str]:
    """Parts of a sentence on the periods in which somebody ordered again."""
    results = [f"predicted orders were {_missed([t.accuracy.bias for t in heard if t.accuracy.bias is not None])}"]
    revenue = _revenue_biases(heard)
    if revenue:
        where = "" if len(revenue) == len(heard) else " where any came"
        results.append(f"predicted revenue {_missed(revenue)}{where}")
    elif _came_to_nothing(heard):
        results.append("none of the predicted revenue came")
    recalls = [trial.accuracy.top_recall for trial in heard if trial.accuracy.top_recall is not None]
    if recalls:
        share = sum(recalls) / len(recalls)
        results.append(f"and {share:.0%} of the best tenth of customers were among the predicted tenth")
    return results


def _advice(heard: Sequence[Trial], silent: int) -> str:
    biases = [trial.accuracy.bias for trial in heard if trial.accuracy.bias is not None] + _revenue_biases(heard)
    worst = max(map(abs, biases))
    if silent or _came_to_nothing(heard) or worst > _FAIR:
        return "Trust the ranking of customers; take totals as a rough guide only."
    if worst > _CLOSE:
        return "Trust the ranking of customers more than the totals."
    return "Totals of such periods can be relied on within about a tenth."


def _revenue_biases(trials: Sequence[Trial]) -> list[float]:
    return [trial.accuracy.revenue_bias for trial in trials if trial.accuracy.revenue_bias is not None]


def _came_to_nothing(trials: Sequence[Trial]) -> bool:
    """Whether in some period revenue was predicted and none came."""
    return any(trial.accuracy.revenue_bias is None and trial.accuracy.revenue_mae > 0 for trial in trials)


def _periods(trials: Sequence[Trial]) -> str:
    days = trials[0].horizon_days
    weeks = f"{days // 7} weeks" if days % 7 == 0 else f"{days} days"
    return f"{len(trials)} period{'' if len(trials) == 1 else 's'} of {weeks}"


def _missed(biases: Sequence[float]) -> str:
    low, high = min(biases), max(biases)
    if _off(low) == _off(high):
        return _off(low)
    if max(low, -high) >= _ON_THE_MARK:
        nearer, further = sorted((low, high), key=abs)
        return f"{abs(nearer):,.0%} to {_off(further)}"
    if min(abs(low), abs(high)) < _ON_THE_MARK:
        return f"up to {_off(max(low, high, key=abs))}"
    return f"{_off(low)} to {_off(high)}"


def _off(bias: float) -> str:
    if abs(bias) < _ON_THE_MARK:
        return "on the mark"
    return f"{abs(bias):,.0%} too {'high' if bias > 0 else 'low'}"
