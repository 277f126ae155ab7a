"""Demand: how many orders and pieces the next four weeks will bring, when, and how many at once."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from rfmreport.models.foretelling import Series, again, as_a_year_before, foretell
from rfmreport.sections.plan.demand_figures import Demand, HourBand, Peak, WeekdayDemand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

    from rfmreport.models.forecast import Forecast
    from rfmreport.sections.when.figures import Day

SPAN_DAYS = 28
WEEK_COUNT = 13
FEWEST_TRIALS = 6
FEWEST_DAYS = SPAN_DAYS * (FEWEST_TRIALS + 1)
"""So many days of data it takes for one rule to be tried as often as needed."""
_BAND_HOURS = 3
_WEEKS_OF_A_YEAR = 52
_USUAL = 0.5
_BUSY = 0.95


@dataclass(frozen=True, slots=True)
class HourCount:
    """One hour of one day, and the orders in it; `hour` is None for orders without a time."""

    day: date
    hour: int | None
    order_count: int


def foretell_demand(
    days: Sequence[Day], until: date, hours: Sequence[HourCount], pieces: Mapping[date, float]
) -> Demand | None:
    """Return what to expect in the four weeks from `until`; None where nothing can be foretold.

    Args:
        days: Every day of the data, in order, as from `trends.summarise_trends`.
        until: The first day that the data do not cover.
        hours: As from `count_hours`, of the last weeks before `until`.
        pieces: As from `count_pieces`; empty where the source counts none.
    """
    if not days or not hours:
        return None
    first_day = days[0].day
    counts = {day.day: float(day.order_count) for day in days}
    orders = _foretell(counts, first_day, until)
    if orders is None:
        return None
    by_day: Counter[date] = Counter()
    for one in hours:
        by_day[one.day] += one.order_count
    timed = [one for one in hours if one.hour is not None]
    return Demand(
        orders=orders,
        pieces=_foretell(pieces, first_day, until) if pieces else None,
        week_count=WEEK_COUNT,
        weekdays=tuple(_weekdays(by_day, orders)),
        hours=tuple(_bands(timed, orders)),
        peak_day=_peak([HourCount(day, None, count) for day, count in by_day.items()]),
        peak_hour=_peak(timed) if timed else None,
    )


def _foretell(counts: Mapping[date, float], first_day: date, until: date) -> Forecast | None:
    """Return the sum of the next four weeks; a day that is not among the counts had nothing."""
    length = (until - first_day).days
    series = Series(
        values=[counts.get(first_day + timedelta(days=n), 0.0) for n in range(length)],
        first_day_of=lambda n: first_day + timedelta(days=n),
        length=SPAN_DAYS,
        # Whole weeks, so that each day of the week meets its like.
        year=_WEEKS_OF_A_YEAR * 7,
    )
    rules = (
        again("the last 4 weeks again", SPAN_DAYS, SPAN_DAYS),
        again(f"the mean of the last {WEEK_COUNT} weeks", WEEK_COUNT * 7, SPAN_DAYS),
        as_a_year_before("the same weeks a year before, at this year's pace", series, 91),
    )
    return foretell(series, rules, FEWEST_TRIALS)


def _weekdays(by_day: Mapping[date, int], orders: Forecast) -> Iterable[WeekdayDemand]:
    """Share out the orders over the days of the week; the span holds each four times."""
    total = sum(by_day.values())
    for weekday in range(7):
        counts = [count for day, count in by_day.items() if day.weekday() == weekday]
        expected = orders.value * sum(counts) / total
        yield WeekdayDemand(weekday, expected, expected * 7 / SPAN_DAYS, max(counts, default=0))


def _bands(timed: Sequence[HourCount], orders: Forecast) -> Iterable[HourBand]:
    """Share out the orders over the hours of the day, by threes; bands without any are left out."""
    total = sum(one.order_count for one in timed)
    by_band: dict[int, list[int]] = defaultdict(list)
    for one in timed:
        assert one.hour is not None  # noqa: S101  untimed ones are not in
        by_band[one.hour // _BAND_HOURS * _BAND_HOURS].append(one.order_count)
    for first_hour, counts in sorted(by_band.items()):
        share = sum(counts) / total
        yield HourBand(
            first_hour=first_hour,
            end_hour=first_hour + _BAND_HOURS,
            share=share,
            expected_orders=orders.value * share,
            busy_orders=nearest_rank(counts, _BUSY),
        )


def _peak(counted: Sequence[HourCount]) -> Peak:
    counts = [one.order_count for one in counted]
    most = max(counted, key=lambda one: (one.order_count, one.day, one.hour or 0))
    return Peak(
        median=float(nearest_rank(counts, _USUAL)),
        p95=float(nearest_rank(counts, _BUSY)),
        most=most.order_count,
        most_on=most.day,
        most_hour=most.hour,
    )


def nearest_rank(counts: Sequence[int], share: float) -> int:
    """Return the smallest of the counts that at least this share of them does not exceed."""
    return sorted(counts)[math.ceil(share * len(counts)) - 1]
