"""Foretelling a sum by plain rules: the one that was least wrong on the past, with its errors.

A rule speaks of the next few units of a series (days, months) from the values before them. Each is
tried on spans of the past that do not overlap, and the errors there give the interval.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rfmreport.models.forecast import Forecast, ForecastRule, PastForecast
from rfmreport.models.intervals import T_95

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

MOST_TRIALS = 13


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule by name: `say` foretells from the values before, of which it needs so many."""

    name: str
    needed_count: int
    say: Callable[[Sequence[float]], float]
    knows_season: bool = False


@dataclass(frozen=True, slots=True)
class Series:
    """Values of equal units in order; `first_day_of` says when each begins, also those to come.

    `length` units are foretold at once; `year` units make a year.
    """

    values: Sequence[float]
    first_day_of: Callable[[int], date]
    length: int
    year: int


def again(name: str, count: int, length: int) -> Rule:
    """Return the rule that the next `length` units are as the last `count` were on average."""
    return Rule(name, count, lambda before: sum(before[-count:]) * length / count)


def as_a_year_before(name: str, series: Series, base_count: int) -> Rule:
    """Return the rule that they are as a year before, at the pace of this year.

    The pace is the sum of the last `base_count` units over that of the same units a year before.
    """
    year, length = series.year, series.length

    def say(before: Sequence[float]) -> float:
        then = sum(before[-year - base_count : -year])
        same = sum(before[len(before) - year : len(before) - year + length])
        return same * sum(before[-base_count:]) / then if then > 0 else 0.0

    return Rule(name, year + base_count, say, knows_season=True)


def foretell(series: Series, rules: Sequence[Rule], fewest_trials: int) -> Forecast | None:
    """Return what the best rule says of the next units; None where none could be tried enough.

    All rules that can be tried on `fewest_trials` past spans are tried on the same ones, the latest
    up to `MOST_TRIALS`; the smallest mean absolute error wins. A rule for which nothing came, or
    which said so, has no relative error and is left out. The interval is value x exp(+-t s): s is
    the root mean square of ln(actual / predicted) about zero, so that the lag of a rule that lags
    behind is in it, and Student's t has one degree of freedom per span.
    """
    counts = {rule.name: _trial_count(series, rule) for rule in rules}
    able = [rule for rule in rules if counts[rule.name] >= fewest_trials]
    if not able:
        return None
    count = min(MOST_TRIALS, *(counts[rule.name] for rule in able))
    tried = [(rule, _try(series, rule, count)) for rule in able]
    told = [(rule, trials) for rule, trials in tried if _are_positive(trials)]
    if not told:
        return None
    told.sort(key=lambda pair: _mean_error(pair[1]))
    rule, trials = told[0]
    value = rule.say(series.values)
    if value <= 0:
        return None
    squares = [math.log(one.actual / one.predicted) ** 2 for one in trials]
    half = T_95[count - 1] * math.sqrt(sum(squares) / count)
    end = len(series.values)
    return Forecast(
        rule=ForecastRule(rule.name, _mean_error(trials)),
        first_day=series.first_day_of(end),
        last_day=series.first_day_of(end + series.length) - timedelta(days=1),
        value=value,
        low=value * math.exp(-half),
        high=value * math.exp(half),
        trials=trials,
        others=tuple(ForecastRule(other.name, _mean_error(of)) for other, of in told[1:]),
        knows_season=rule.knows_season,
        year_before=_year_before(series),
        year_before_on=series.first_day_of(end - series.year) if end >= series.year else None,
    )


def _trial_count(series: Series, rule: Rule) -> int:
    return max(0, (len(series.values) - rule.needed_count) // series.length)


def _try(series: Series, rule: Rule, count: int) -> tuple[PastForecast, ...]:
    """Return what the rule would have said of the last spans, the latest first."""
    trials = []
    for number in range(1, count + 1):
        start = len(series.values) - number * series.length
        end = start + series.length
        trials.append(
            PastForecast(
                first_day=series.first_day_of(start),
                last_day=series.first_day_of(end) - timedelta(days=1),
                predicted=rule.say(series.values[:start]),
                actual=sum(series.values[start:end]),
            )
        )
    return tuple(trials)


def _are_positive(trials: Sequence[PastForecast]) -> bool:
    return all(one.predicted > 0 and one.actual > 0 for one in trials)


def _mean_error(trials: Sequence[PastForecast]) -> float:
    return sum(abs(one.predicted / one.actual - 1) for one in trials) / len(trials)


def _year_before(series: Series) -> float | None:
    start = len(series.values) - series.year
    return sum(series.values[start : start + series.length]) if start >= 0 else None
