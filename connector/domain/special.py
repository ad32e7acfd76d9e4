"""Functions of mathematics that scipy has under another name, or slower."""

from __future__ import annotations

import numpy as np
from scipy.special import zeta

from connector.domain.arrays import Floats


def trigamma(z: Floats | float) -> Floats:
    """Second derivative of log Γ at positive z."""
    return np.asarray(zeta(2.0, z))
