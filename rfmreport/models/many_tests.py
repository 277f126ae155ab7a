"""Many tests at once: which of them still count when chance alone would make some look sure."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

FALSE_DISCOVERY_RATE = 0.05
"""Of all that is told, so much may be chance."""


def two_sided(z: float) -> float:
    """Return the chance of a standard normal value at least as far from zero."""
    return math.erfc(abs(z) / math.sqrt(2))


def one_sided(z: float) -> float:
    """Return the chance of a standard normal value at least as high."""
    return math.erfc(z / math.sqrt(2)) / 2


def highest_significant(p_values: NDArray[np.float64], rate: float) -> float:
    """Return the largest p-value that still counts, -1 if none does.

    The step-up procedure of Y. Benjamini and Y. Hochberg, J. R. Statist. Soc. B 57, 1995, 289-300:
    the k-th smallest of m counts if it is at most k / m x `rate`, or if a larger one is.
    """
    ordered = np.sort(p_values)
    allowed = rate * np.arange(1, len(ordered) + 1) / max(1, len(ordered))
    passed = np.flatnonzero(ordered <= allowed)
    return float(ordered[passed[-1]]) if len(passed) else -1.0
