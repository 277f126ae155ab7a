"""Seasons: what their complete months bring, and whether one stands out beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.models.intervals import FEWEST_ORDERS, Z_95
from rfmreport.sections.when.figures import Month, Season, SeasonTable
from rfmreport.vocabulary import Untold, months_before

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

    from rfmreport.settings import ReportSettings

_QUARTERS = ((12, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10, 11))
_NAMES = {
    "north": ("Winter", "Spring", "Summer", "Autumn"),
    "south": ("Summer", "Autumn", "Winter", "Spring"),
}
_YEAR = 12


@dataclass(frozen=True, slots=True)
class _Level:
    """What one complete month brought, as money or against the year around it."""

    value: float
    variance: float
    order_count: int


@dataclass(frozen=True, slots=True)
class _Seen:
    """The levels of one season's complete months, latest first, by calendar month."""

    name: str
    by_month: Mapping[int, tuple[_Level, ...]]

    @property
    def levels(self) -> list[_Level]:
        return [level for same in self.by_month.values() for level in same]

    @property
    def year_count(self) -> int:
        return min(len(same) for same in self.by_month.values())

    @property
    def mean(self) -> float:
        return sum(level.value for level in self.levels) / len(self.levels)

    @property
    def variance_of_mean(self) -> float:
        return sum(level.variance for level in self.levels) / len(self.levels) ** 2

    @property
    def order_count(self) -> int:
        return sum(level.order_count for level in self.levels)

    def mean_of_year(self, number: int) -> float:
        """Return the mean of each calendar month's latest, second latest … occurrence."""
        chosen = [same[number].value for same in self.by_month.values()]
        return sum(chosen) / len(chosen)


def chosen_seasons(settings: ReportSettings) -> Mapping[str, Sequence[int]]:
    """Return the shop's own seasons, or else the four of its hemisphere, by calendar months."""
    return settings.seasons or dict(zip(_NAMES[settings.hemisphere], _QUARTERS, strict=True))


def compare_seasons(
    months: Sequence[Month], seasons: Mapping[str, Sequence[int]]
) -> SeasonTable | None:
    """Return the seasons by the average of their complete months.

    Where the data reach far enough, they are compared by what each month brought against the twelve
    months around it, for growth alone makes the end of every year its best season. None where fewer
    than two seasons have a complete month: then there is nothing to compare.
    """
    complete = [month for month in months if month.complete]
    if sum(any(m.first_day.month in of for m in complete) for of in seasons.values()) < 2:  # noqa: PLR2004
        return None
    around = _means_around(complete)
    seen = [_seen(name, numbers, complete, around) for name, numbers in seasons.items()]
    is_against_trend = all(season.year_count for season in seen)
    if not is_against_trend:
        seen = [_seen(name, numbers, complete, None) for name, numbers in seasons.items()]
    whole = [season for season in seen if season.year_count]
    standout = _standout(whole)
    average = sum((month.revenue for month in complete), Decimal(0)) / len(complete)
    against = {season.name: season.mean - 1 for season in seen} if is_against_trend else {}
    return SeasonTable(
        seasons=tuple(
            _season(name, seasons[name], months, average, against.get(name)) for name in seasons
        ),
        is_against_trend=is_against_trend,
        standout=standout.name if standout else None,
        standout_year_count=min(season.year_count for season in whole) if standout else 0,
    )


def untold_seasons(seasons: SeasonTable | None) -> tuple[Untold, ...]:
    """Say why there are no seasons to compare."""
    reason = "Fewer than two seasons have a month that the data cover whole."
    return () if seasons else (Untold("Seasons", reason),)


def _means_around(complete: Sequence[Month]) -> Mapping[date, float]:
    """Return for each month the mean of the year around it: half a month more on either side.

    The centred mean of twelve, 2 x 12, of J. Shiskin et al., The X-11 Variant (Bureau of the Census
    Technical Paper 15, 1967). Months without six complete ones on either side have none.
    """
    revenues = {month.first_day: float(month.revenue) for month in complete}
    found = {}
    for day in revenues:
        around = [revenues.get(months_before(day, distance)) for distance in range(-6, 7)]
        values = [value for value in around if value is not None]
        mean = (sum(values) - (values[0] + values[-1]) / 2) / _YEAR
        if len(values) == len(around) and mean > 0:
            found[day] = mean
    return found


def _seen(
    name: str,
    numbers: Sequence[int],
    complete: Sequence[Month],
    around: Mapping[date, float] | None,
) -> _Seen:
    """Return a season's months, as money, or where the year `around` them is given against that."""
    latest_first = sorted(complete, key=lambda month: month.first_day, reverse=True)
    means = dict.fromkeys((m.first_day for m in complete), 1.0) if around is None else around
    return _Seen(
        name,
        {
            number: tuple(
                _Level(float(month.revenue) / mean, month.square_sum / mean**2, month.order_count)
                for month in latest_first
                if month.first_day.month == number and (mean := means.get(month.first_day))
            )
            for number in numbers
        },
    )


def _season(
    name: str,
    numbers: Sequence[int],
    months: Sequence[Month],
    average: Decimal,
    against_trend: float | None,
) -> Season:
    mine = [month for month in months if month.first_day.month in numbers]
    complete = [month for month in mine if month.complete]
    count = len(complete)
    change, pair_count = _year_change(complete)
    revenue = sum((month.revenue for month in complete), Decimal(0)) / count if count else None
    return Season(
        name=name,
        months=tuple(numbers),
        complete_month_count=count,
        incomplete_months=tuple(month.first_day for month in mine if not month.complete),
        year_count=min(sum(m.first_day.month == number for m in complete) for number in numbers),
        order_count_per_month=sum(m.order_count for m in complete) / count if count else None,
        revenue_per_month=revenue,
        against_average=float(revenue / average) - 1 if revenue and average > 0 else None,
        against_trend=against_trend,
        year_change=change,
        year_month_count=pair_count,
    )


def _year_change(complete: Sequence[Month]) -> tuple[float | None, int]:
    """Return what each calendar month's latest brought against the year before, and how many."""
    by_day = {month.first_day: month for month in complete}
    latest = {month.first_day.month: month for month in sorted(complete, key=lambda m: m.first_day)}
    pairs = [
        (month, by_day[months_before(month.first_day, _YEAR)])
        for month in latest.values()
        if months_before(month.first_day, _YEAR) in by_day
    ]
    now = sum((month.revenue for month, _ in pairs), Decimal(0))
    before = sum((earlier.revenue for _, earlier in pairs), Decimal(0))
    return (float(now / before) - 1 if before > 0 else None), len(pairs)


def _standout(whole: Sequence[_Seen]) -> _Seen | None:
    """Return the season whose months bring most, of those with each of their months seen.

    It has to lead the second by more than chance lets the means of such orders differ (compound
    Poisson, as in `figures.revenue_changed`), and to lead in each of the years.
    """
    if len(whole) < 2:  # noqa: PLR2004  of one, none stands out
        return None
    best, second, *_ = sorted(whole, key=lambda season: season.mean, reverse=True)
    fewest = min(best.order_count, second.order_count)
    noise = Z_95 * math.sqrt(best.variance_of_mean + second.variance_of_mean)
    is_clear = best.mean - second.mean > noise
    leads = all(
        best.mean_of_year(year) > other.mean_of_year(year)
        for other in whole
        if other is not best
        for year in range(min(best.year_count, other.year_count))
    )
    return best if fewest >= FEWEST_ORDERS and is_clear and leads else None
