"""How sure: intervals of shares and means, and doubt, how far a forecast may be off beyond chance.

A range made of chance alone supposes that the next period is like the last. Periods differ, so the
error that a way to foretell had on past dates widens it. A handful of dates says little about how
large such errors are: what is usual counts as four more of them, and Student's t takes the place
of the normal. Errors are differences of logarithms, of log odds where a share is foretold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rfmreport.vocabulary import Estimate

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

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
_NEARLY_SURE = 1e-6
_USUAL_COUNTS_AS = 4


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


def visible_difference(deviation: float, count: float, other_count: float) -> float:
    """Return the smallest difference of means that two groups show, as `needed_group_size`.

    The deviation of a share is the root of share x (1 - share).
    """
    return (Z_95 + _Z_POWER_80) * deviation * math.sqrt(1 / count + 1 / other_count)


@dataclass(frozen=True, slots=True)
class Usual:
    """By how much a way to foretell is off in most shops: standard deviations beyond chance."""

    total: float
    segment: float


ORDERS_BY_MODEL, REVENUE_BY_MODEL = Usual(0.12, 0.20), Usual(0.12, 0.25)
ORDERS_AS_BEFORE, REVENUE_AS_BEFORE = Usual(0.15, 0.20), Usual(0.15, 0.25)
SHARES = 0.20
"""With these, 95 ranges of 100 held what came (docs/how_it_works.md)."""


@dataclass(frozen=True, slots=True)
class Miss:
    """How far one forecast was off, and the variance that chance alone gives such an error."""

    error: float
    variance: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """How far errors spread beyond chance, and how many dates, the usual included, say so."""

    deviation: float
    degrees: int

    @property
    def half_width(self) -> float:
        """Return the half of a 95 % interval, in logarithms."""
        return T_95[min(self.degrees, len(T_95)) - 1] * self.deviation


@dataclass(frozen=True, slots=True)
class Doubts:
    """The doubt about the sum over all customers, and about a segment's part of it."""

    total: Doubt
    segment: Doubt


@dataclass(frozen=True, slots=True)
class Misses:
    """How far one way to foretell was off: an entry per past date, latest first."""

    total: tuple[Miss, ...] = ()
    segments: tuple[tuple[Miss, ...], ...] = ()

    def doubts(self, usual: Usual, periods: Sequence[Miss] = ()) -> Doubts:
        """Return the doubts that these misses leave.

        `periods` are misses of the total by another way: they too tell how periods differ.
        """
        return Doubts(
            doubt_of([[miss] for miss in (*self.total, *periods)], usual.total),
            doubt_of(self.segments, usual.segment),
        )


def doubt_of(dates: Iterable[Sequence[Miss]], usual: float) -> Doubt:
    """Return the doubt that the misses of some dates leave, each with one miss per group.

    The groups of one date share its season, so that a date counts once, however many they are.
    """
    squares = [
        max(sum(miss.error**2 - miss.variance for miss in misses) / len(misses), 0.0)
        for misses in dates
        if misses
    ]
    degrees = _USUAL_COUNTS_AS + len(squares)
    return Doubt(math.sqrt((_USUAL_COUNTS_AS * usual**2 + sum(squares)) / degrees), degrees)


def miss_of(said: float, came: float, said_variance: float, came_variance: float) -> Miss | None:
    """Return by how much an amount was off, on the scale of logarithms; None of no amount."""
    if said <= 0 or came <= 0:
        return None
    variance = said_variance / said**2 + came_variance / came**2
    return Miss(math.log(came / said), variance)


def miss_of_share(said: float, came: int, count: int, said_variance: float) -> Miss:
    """Return by how much a share was off, in log odds; half a customer stands for nobody."""
    share = min(max(came, 0.5), count - 0.5) / count
    said = _unsure(said)
    odds, said_odds = share * (1 - share), said * (1 - said)
    variance = 1 / (count * odds) + said_variance / said_odds**2
    return Miss(_log_odds(share) - _log_odds(said), variance)


def bounds_of(value: float, variance: float) -> tuple[float, float]:
    """Return the 95 % bounds that chance gives an amount above zero, even on a log scale."""
    factor = math.exp(Z_95 * _log_deviation(variance / value**2))
    return value / factor, value * factor


def _log_deviation(relative_variance: float) -> float:
    """Return the standard deviation of the logarithm: the log-normal's with that variance.

    It is the relative deviation as long as that is small, and grows slowly where it is not.
    """
    return math.sqrt(math.log1p(relative_variance))


def widened(value: float, low: float, high: float, doubt: Doubt) -> tuple[float, float]:
    """Return the bounds of an amount, made of chance alone, with doubt."""
    if value <= 0:
        return min(low, value), max(high, 0.0) * math.exp(doubt.half_width)
    half = doubt.half_width
    below = math.exp(-math.hypot(math.log(value / low), half)) if low > 0 else 0.0
    return value * below, value * math.exp(math.hypot(math.log(high / value), half))


def share_bounds(share: float, variance: float, doubt: Doubt) -> tuple[float, float]:
    """Return the 95 % bounds of a share: what chance gives it, widened by doubt, within 0 and 1."""
    share = _unsure(share)
    chance = Z_95 * _log_deviation(variance / (share * (1 - share)) ** 2)
    half = math.hypot(chance, doubt.half_width)
    return _share_at(_log_odds(share) - half), _share_at(_log_odds(share) + half)


def _unsure(share: float) -> float:
    return min(max(share, _NEARLY_SURE), 1 - _NEARLY_SURE)


def _log_odds(share: float) -> float:
    return math.log(share / (1 - share))


def _share_at(log_odds: float) -> float:
    return (1 + math.tanh(log_odds / 2)) / 2


def root_mean_square(misses: Sequence[Miss]) -> float:
    """Return how far off something was beyond chance; 0 where it was not tried."""
    squares = [max(miss.error**2 - miss.variance, 0.0) for miss in misses]
    return math.sqrt(sum(squares) / len(squares)) if squares else 0.0
