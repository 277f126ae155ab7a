"""Intervals of shares and means, and thresholds where many are tested at once."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEWEST_CUSTOMERS = 30
"""Below this many customers nothing is claimed about a group."""
FEWEST_ORDERS = 30
"""Below this many orders, or lines of orders, nothing is claimed about a time, place or product."""

Z_95 = 1.959963984540054
T_95 = (
    12.706205, 4.302653, 3.182446, 2.776445, 2.570582, 2.446912, 2.364624, 2.306004, 2.262157,
    2.228139, 2.200985, 2.178813, 2.160369,
)  # fmt: skip
"""Student's t, two-sided at 95 %, by degrees of freedom from 1 up."""

MOST_OF_NONE = 3.6888794541139363
"""So many events may be expected where none was seen: -log(0.025), the exact 95 % bound."""

_Z_POWER_80 = 0.8416212335729143
FALSE_DISCOVERY_RATE = 0.05
"""Of all that is told, so much may be chance."""


def wilson_interval(successes: float, trials: float, z: float = Z_95) -> tuple[float, float]:
    """Return Wilson's score interval for a share (E. B. Wilson, JASA 22, 1927, 209-212).

    The counts need not be whole: an estimate may be worth so many customers.
    """
    share = successes / trials
    scale = 1 + z * z / trials
    center = (share + z * z / (2 * trials)) / scale
    half = z * math.sqrt(share * (1 - share) / trials + z * z / (4 * trials * trials)) / scale
    # At the ends the limit is the end itself; the formula leaves a trace of rounding.
    low = center - half if successes else 0.0
    high = center + half if successes < trials else 1.0
    return low, high


def newcombe_interval(
    successes: float, trials: float, other_successes: float, other_trials: float
) -> tuple[float, float]:
    """Return the interval for one share less another, of independent groups.

    Method 10 of R. G. Newcombe, Statistics in Medicine 17, 1998, 873-890: Wilson's limits of the
    two shares, combined by their squares.
    """
    share, other_share = successes / trials, other_successes / other_trials
    low, high = wilson_interval(successes, trials)
    other_low, other_high = wilson_interval(other_successes, other_trials)
    difference = share - other_share
    below = math.hypot(share - low, other_high - other_share)
    above = math.hypot(high - share, other_share - other_low)
    return max(-1.0, difference - below), min(1.0, difference + above)


def estimate_share(successes: int, trials: int) -> Estimate:
    """Return a share with Wilson's 95 % interval."""
    return Estimate(successes / trials, *wilson_interval(successes, trials), trials)


def estimate_difference(
    successes: int, trials: int, other_successes: int, other_trials: int
) -> Estimate:
    """Return one share less another with Newcombe's 95 % interval and the size of both groups."""
    difference = successes / trials - other_successes / other_trials
    interval = newcombe_interval(successes, trials, other_successes, other_trials)
    return Estimate(difference, *interval, trials + other_trials)


def needed_group_size(share: float, other_share: float) -> int | None:
    """Return how many each of two equal groups needs to show that these shares differ.

    With 80 % power at the 5 % level, two-sided, without continuity correction (J. L. Fleiss,
    B. Levin & M. C. Paik, Statistical Methods for Rates and Proportions, 3rd edition, 2003,
    chapter 4). None where the shares are equal: no size shows a difference that is not there.
    """
    if share == other_share:
        return None
    mean = (share + other_share) / 2
    if_equal = Z_95 * math.sqrt(2 * mean * (1 - mean))
    if_not = _Z_POWER_80 * math.sqrt(share * (1 - share) + other_share * (1 - other_share))
    return math.ceil((if_equal + if_not) ** 2 / (share - other_share) ** 2)


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


def smallest_difference(share: float, count: float, other_count: float) -> float:
    """Return the smallest difference from a share that two groups show, as `needed_group_size`."""
    spread = math.sqrt(share * (1 - share) * (1 / count + 1 / other_count))
    return (Z_95 + _Z_POWER_80) * spread
