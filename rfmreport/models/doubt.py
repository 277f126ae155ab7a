"""Doubt: how far a forecast may be off beyond what chance explains, learnt from the shop's past.

A range made of chance alone supposes that the next period is like the last. Periods differ, so the
error that a way to foretell had on past dates widens it. A handful of dates says little about how
large such errors are: what is usual counts as four more of them, and Student's t takes the place
of the normal. Errors are differences of logarithms, of log odds where a share is foretold.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.models.intervals import T_95, Z_95

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NEARLY_SURE = 1e-6


@dataclass(frozen=True, slots=True)
class Usual:
    """By how much a way to foretell is off in most shops: standard deviations beyond chance."""

    total: float
    segment: float


ORDERS_BY_MODEL, REVENUE_BY_MODEL = Usual(0.12, 0.20), Usual(0.12, 0.25)
ORDERS_AS_BEFORE, REVENUE_AS_BEFORE = Usual(0.15, 0.20), Usual(0.15, 0.25)
SHARES = 0.20
"""With these, 95 ranges of 100 held what came (docs/how_it_works.md)."""

_USUAL_COUNTS_AS = 4


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
