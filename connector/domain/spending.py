"""What a customer's next purchase is worth: by the Gamma-Gamma model where that fits, else by averages."""

from __future__ import annotations

import numpy as np

from connector.domain import gamma_gamma, repeat_rate
from connector.domain.arrays import Floats
from connector.domain.gamma_gamma import GammaGamma, GammaGammaFit
from connector.domain.history import Histories
from connector.domain.repeat_rate import RepeatRate

_MOST_OFF = 1.05  # no made-up store of paid orders is further off than 1.035; from there on averages err less
_JUDGED_ON = 50_000


def fit(histories: Histories, *, priors: bool = True) -> GammaGammaFit | None:
    """Gamma-Gamma on all purchases; None where it does not describe what the store's purchases were worth.

    That is so where one price or free goods leave it nothing to fit, and where the purchases to date would by the
    model have been worth over 1.05 times what they were, or less than that part of it.
    """
    count, mean = histories.x + 1, histories.value_mean
    if not len(histories) or mean.max() <= 0:
        return None
    found = gamma_gamma.fit(count, mean, priors=priors)
    part = histories.take(slice(None, None, -(-len(histories) // _JUDGED_ON)))
    worth = float((part.x + 1) @ gamma_gamma.expected_value(found.parameters, part.x + 1, part.value_mean))
    was = float(np.sum(part.value_total))
    return found if found.converged and was > 0 and 1 / _MOST_OFF < worth / was < _MOST_OFF else None


def expected_value(model: GammaGamma | None, averages: RepeatRate, histories: Histories) -> Floats:
    """Expected net value of each customer's next purchase in minor units, finite and never negative."""
    if model is None:
        return repeat_rate.expected_value(averages, histories)
    return gamma_gamma.expected_value(model, histories.x + 1, histories.value_mean)
