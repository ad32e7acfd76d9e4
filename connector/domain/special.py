"""Functions of mathematics that scipy has under another name, or slower."""

from __future__ import annotations

import numpy as np
from scipy.special import gammaln, zeta

from connector.domain.history import Floats


def trigamma(z: Floats | float) -> Floats:
    """Second derivative of log Γ at positive z."""
    return np.asarray(zeta(2.0, z))


def log_rising(base: float, n: Floats) -> Floats:
    """Logarithm of base·(base + 1)···(base + n − 1)."""
    rising: Floats = gammaln(base + n) - gammaln(base)
    return rising
