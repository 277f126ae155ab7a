"""A sum foretold by a plain rule, and the error that the same rule made on the past."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class PastForecast:
    """What a rule would have said of a past span, made of what was known before its first day.

    `first_day` to `last_day`, inclusive.
    """

    first_day: date
    last_day: date
    predicted: float
    actual: float

    @property
    def error(self) -> float | None:
        """Return (predicted - actual) / actual; None where nothing came."""
        return self.predicted / self.actual - 1 if self.actual else None


@dataclass(frozen=True, slots=True)
class ForecastRule:
    """One rule that was tried: in words, and its mean absolute error over the past spans.

    `error` is relative: 0.12 says that it was wrong by 12 % on average.
    """

    name: str
    error: float


@dataclass(frozen=True, slots=True)
class Forecast:
    """A sum over the days from `first_day` to `last_day`, inclusive, foretold by `rule`.

    `low` to `high` is the 95 % interval that the rule's errors on the past spans give. `trials` are
    these spans, latest first; they do not overlap. `others` are the rules that were tried on the
    same spans and were further off. `knows_season`: the rule takes the time of the year into
    account. `year_before` is what the same span brought a year earlier, None where the data do not
    reach back: where the rule knows no season, the reader should. In
    whole weeks a year before begins on another date, `year_before_on`.
    """

    rule: ForecastRule
    first_day: date
    last_day: date
    value: float
    low: float
    high: float
    trials: tuple[PastForecast, ...]
    others: tuple[ForecastRule, ...] = ()
    knows_season: bool = False
    year_before: float | None = None
    year_before_on: date | None = None

    @property
    def is_doubtful(self) -> bool:
        """Say whether the season speaks against it.

        The rule knows none, and the same span a year before lies outside its bounds: they come from
        errors at other times of the year.
        """
        if self.knows_season or self.year_before is None:
            return False
        return not self.low <= self.year_before <= self.high


def carried(forecast: Forecast, value: float | None = None) -> int:
    """Round it, or one of its bounds, to what its bounds carry: two figures of half their width."""
    half = (forecast.high - forecast.low) / 2
    digits = max(0, math.floor(math.log10(half)) - 1) if half >= 1 else 0
    return int(round(forecast.value if value is None else value, -digits))
