"""Demand: on which days and at which hours orders came of late, and how many at once."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.sections.plan.demand_figures import Demand, HourBand, Peak, WeekdayDemand

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import date

WEEK_COUNT = 13
_BAND_HOURS = 3
_USUAL = 0.5
_BUSY = 0.95


@dataclass(frozen=True, slots=True)
class HourCount:
    """One hour of one day, and the orders in it; `hour` is None for orders without a time."""

    day: date
    hour: int | None
    order_count: int


def measure_demand(hours: Sequence[HourCount]) -> Demand | None:
    """Return when orders came in the last weeks; None where none did.

    `hours` as from `count_hours`, of these weeks.
    """
    if not hours:
        return None
    by_day: Counter[date] = Counter()
    for one in hours:
        by_day[one.day] += one.order_count
    timed = [one for one in hours if one.hour is not None]
    return Demand(
        week_count=WEEK_COUNT,
        weekdays=tuple(_weekdays(by_day)),
        hours=tuple(_bands(timed)),
        peak_day=_peak([HourCount(day, None, count) for day, count in by_day.items()]),
        peak_hour=_peak(timed) if timed else None,
    )


def _weekdays(by_day: Mapping[date, int]) -> Iterable[WeekdayDemand]:
    """Return the orders of a day of each kind, of all such days of the weeks that are known."""
    weeks = math.ceil(((max(by_day) - min(by_day)).days + 1) / 7)
    for weekday in range(7):
        counts = [count for day, count in by_day.items() if day.weekday() == weekday]
        yield WeekdayDemand(weekday, sum(counts) / weeks, max(counts, default=0))


def _bands(timed: Sequence[HourCount]) -> Iterable[HourBand]:
    """Return the orders of the hours of the day, by threes; bands without any are left out."""
    total, day_count = sum(one.order_count for one in timed), len({one.day for one in timed})
    by_band: dict[int, list[int]] = defaultdict(list)
    for one in timed:
        assert one.hour is not None  # noqa: S101  untimed ones are not in
        by_band[one.hour // _BAND_HOURS * _BAND_HOURS].append(one.order_count)
    for first_hour, counts in sorted(by_band.items()):
        yield HourBand(
            first_hour=first_hour,
            end_hour=first_hour + _BAND_HOURS,
            share=sum(counts) / total,
            orders_per_hour=sum(counts) / day_count / _BAND_HOURS,
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
