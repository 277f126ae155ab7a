"""Seasons: what their complete months bring, and whether one stands out beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from rfmreport.calendar_months import months_before
from rfmreport.intervals import FEWEST_ORDERS, Z_95
from rfmreport.report import Season, SeasonTable

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rfmreport.report import Month
    from rfmreport.settings import ReportSettings

_NORTHERN = {
    "Winter": (12, 1, 2),
    "Spring": (3, 4, 5),
    "Summer": (6, 7, 8),
    "Autumn": (9, 10, 11),
}
_SOUTHERN = {
    "Summer": (12, 1, 2),
    "Autumn": (3, 4, 5),
    "Winter": (6, 7, 8),
    "Spring": (9, 10, 11),
}


@dataclass(frozen=True, slots=True)
class _Seen:
    """The complete months of one season, latest first, by calendar month."""

    name: str
    by_month: Mapping[int, tuple[Month, ...]]

    @property
    def months(self) -> list[Month]:
        return [month for same in self.by_month.values() for month in same]

    @property
    def year_count(self) -> int:
        return min(len(same) for same in self.by_month.values())

    @property
    def revenue_per_month(self) -> Decimal:
        return sum((month.revenue for month in self.months), Decimal(0)) / len(self.months)

    def revenue_of_year(self, number: int) -> Decimal:
        """Return the mean of each calendar month's latest, second latest … occurrence."""
        chosen = [same[number].revenue for same in self.by_month.values()]
        return sum(chosen, Decimal(0)) / len(chosen)


def chosen_seasons(settings: ReportSettings) -> Mapping[str, Sequence[int]]:
    """Return the shop's own seasons, or else the four of its hemisphere, by calendar months."""
    return settings.seasons or {"north": _NORTHERN, "south": _SOUTHERN}[settings.hemisphere]


def compare_seasons(
    months: Sequence[Month], seasons: Mapping[str, Sequence[int]]
) -> SeasonTable | None:
    """Return the seasons by the average of their complete months.

    None where fewer than two seasons have one: then there is nothing to compare.
    """
    complete = [month for month in months if month.complete]
    seen = {name: _seen(name, numbers, complete) for name, numbers in seasons.items()}
    if sum(bool(season.months) for season in seen.values()) < 2:  # noqa: PLR2004
        return None
    average = sum((month.revenue for month in complete), Decimal(0)) / len(complete)
    standout = _standout([season for season in seen.values() if season.year_count])
    return SeasonTable(
        seasons=tuple(_season(seen[name], seasons[name], months, average) for name in seasons),
        average_revenue=average,
        standout=standout.name if standout else None,
        standout_year_count=standout.year_count if standout else 0,
    )


def _seen(name: str, numbers: Sequence[int], complete: Sequence[Month]) -> _Seen:
    latest_first = sorted(complete, key=lambda month: month.first_day, reverse=True)
    return _Seen(
        name,
        {n: tuple(month for month in latest_first if month.first_day.month == n) for n in numbers},
    )


def _season(
    seen: _Seen, numbers: Sequence[int], months: Sequence[Month], average: Decimal
) -> Season:
    mine = [month for month in months if month.first_day.month in numbers]
    count = len(seen.months)
    change, pair_count = _year_change(seen)
    revenue = seen.revenue_per_month if count else None
    return Season(
        name=seen.name,
        months=tuple(numbers),
        complete_month_count=count,
        incomplete_months=tuple(month.first_day for month in mine if not month.complete),
        year_count=seen.year_count,
        order_count_per_month=sum(m.order_count for m in seen.months) / count if count else None,
        revenue_per_month=revenue,
        against_average=float(revenue / average) - 1 if revenue and average > 0 else None,
        year_change=change,
        year_month_count=pair_count,
    )


def _year_change(seen: _Seen) -> tuple[float | None, int]:
    """Return what each calendar month's latest brought against the year before, and how many."""
    pairs = [
        (same[0], same[1])
        for same in seen.by_month.values()
        if len(same) > 1 and same[1].first_day == months_before(same[0].first_day, 12)
    ]
    now = sum((latest.revenue for latest, _ in pairs), Decimal(0))
    before = sum((earlier.revenue for _, earlier in pairs), Decimal(0))
    return (float(now / before) - 1 if before > 0 else None), len(pairs)


def _standout(whole: Sequence[_Seen]) -> _Seen | None:
    """Return the season whose months bring most, of those with each of their months seen.

    It has to lead the second by more than chance lets the means of such orders differ (compound
    Poisson, as in `summary.revenue_changed`), and to lead in each of the years.
    """
    if len(whole) < 2:  # noqa: PLR2004  of one, none stands out
        return None
    best, second, *_ = sorted(whole, key=lambda season: season.revenue_per_month, reverse=True)
    fewest = min(sum(m.order_count for m in season.months) for season in (best, second))
    noise = Z_95 * math.hypot(_standard_error(best), _standard_error(second))
    is_clear = float(best.revenue_per_month - second.revenue_per_month) > noise
    leads = all(
        best.revenue_of_year(year) > other.revenue_of_year(year)
        for other in whole
        if other is not best
        for year in range(min(best.year_count, other.year_count))
    )
    return best if fewest >= FEWEST_ORDERS and is_clear and leads else None


def _standard_error(season: _Seen) -> float:
    return math.sqrt(sum(month.square_sum for month in season.months)) / len(season.months)
