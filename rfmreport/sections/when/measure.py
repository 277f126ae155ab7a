"""When customers buy: days, hours, months and seasons, and which stand out beyond chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from itertools import accumulate
from statistics import fmean, variance
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import FEWEST_ORDERS, Z_95, wilson_interval
from rfmreport.sections.when.figures import (
    BusyBlock,
    Day,
    Month,
    Season,
    SeasonTable,
    Trends,
    Weekday,
    WeekHour,
)
from rfmreport.vocabulary import Untold, months_before

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from rfmreport.settings import ReportSettings
    from rfmreport.shop import Shop


_QUERIES = read_queries(__file__)
FEWEST_WEEKS = 8
"""Below this many days of a kind nothing is said about the days of the week."""
_WORTH_SAYING = 1.25
# Chance is allowed for as often as was looked (Bonferroni): some ten thousand blocks, seven days.
_Z_OF_BLOCKS, _Z_OF_WEEKDAYS = 4.5, 2.7
_FEWEST_HOURS = 3
_QUARTERS = ((12, 1, 2), (3, 4, 5), (6, 7, 8), (9, 10, 11))
_NAMES = {
    "north": ("Winter", "Spring", "Summer", "Autumn"),
    "south": ("Summer", "Autumn", "Winter", "Spring"),
}
_YEAR = 12


def summarise_trends(shop: Shop) -> Trends | None:
    """Return when customers ordered, or None where there are too few orders to say.

    An order counts when it began. Returns lower the revenue of their own day and hour, and are no
    orders.
    """
    asked = shop.engine.rows(_QUERIES["days"], first_day=shop.first_day, last_day=shop.last_day)
    days = tuple(Day(**row) for row in asked)
    if sum(day.order_count for day in days) < FEWEST_ORDERS:
        return None
    weekdays = tuple(_weekdays(days))
    hours, untimed_count = _timed(shop.engine.rows(_QUERIES["hours"]))
    has_weeks = len(days) >= 7 * FEWEST_WEEKS
    return Trends(
        days=days,
        weekdays=weekdays,
        hours=hours,
        has_enough_weeks=has_weeks,
        untimed_order_count=untimed_count,
        busiest=find_busiest_block(hours) if has_weeks else None,
        best_weekday=_best_weekday(days) if has_weeks else None,
        half_day_count=_days_with_half(days),
    )


def untold_trends(trends: Trends | None) -> tuple[Untold, ...]:
    """Return what cannot be said about when customers order, and why."""
    if trends is None:
        return (
            Untold("When they buy", f"Below {FEWEST_ORDERS} orders, when they come is chance."),
        )
    if not trends.hours:
        reason = "The source dates its orders without a time of day, or all of them with the same."
        return (Untold("The hours of the day", reason),)
    return ()


def measure_months(shop: Shop) -> tuple[Month, ...]:
    """Return every calendar month of the report, also those without an order.

    A month is complete where the data cover each of its days.
    """
    if not shop.has_orders:
        return ()
    return _months(shop.engine, "orders", shop.first_day, shop.as_of, shop.covered)


def measure_known_months(shop: Shop, months: tuple[Month, ...]) -> tuple[Month, ...]:
    """Return all months that the data know: the report's own, and those before a window."""
    if shop.window_months is None:
        return months
    covered = (shop.covered_from, shop.covered[1])
    return _months(shop.engine, "all_orders", shop.first_known_day, shop.as_of, covered)


def _months(
    engine: Engine, orders: str, first_day: date, as_of: date, covered: tuple[date, date]
) -> tuple[Month, ...]:
    known = {"covered_from": covered[0], "covered_until": covered[1]}
    span = {"first_day": first_day, "as_of": as_of}
    rows = engine.rows(_QUERIES["months"], orders=orders, **span, **known)
    return tuple(Month(**row) for row in rows)


def _days_with_half(days: Sequence[Day]) -> int:
    """Return the fewest days that brought half of the revenue, 0 where there is none."""
    half = sum((day.revenue for day in days), Decimal(0)) / 2
    brought = accumulate(sorted((day.revenue for day in days), reverse=True))
    return next((n for n, money in enumerate(brought, start=1) if money >= half), 0) if half else 0


def _weekdays(days: Sequence[Day]) -> Iterator[Weekday]:
    for number in range(7):
        same = [day for day in days if day.day.weekday() == number]
        yield Weekday(
            weekday=number,
            day_count=sum(1 for day in same if day.order_count),
            order_count=sum(day.order_count for day in same),
            revenue=sum((day.revenue for day in same), Decimal(0)),
        )


def _timed(rows: Sequence[dict[str, Any]]) -> tuple[tuple[WeekHour, ...], int]:
    """Return the hours of the week, and how many orders have no time of day.

    Where dates have no time, all orders lie at one full hour, or at two where a clock was changed
    for summer. Where only some have none, most of what hour 0 holds lies at midnight.
    """
    full = [row for row in rows if row["is_full"]]
    has_other = len(full) < len(rows)
    if not has_other and len({row["hour"] for row in full}) < _FEWEST_HOURS:
        return (), sum(row["order_count"] for row in rows)
    midnight = sum(row["order_count"] for row in full if row["hour"] == 0)
    hour_zero = sum(row["order_count"] for row in rows if row["hour"] == 0)
    is_untimed = has_other and 2 * midnight > hour_zero
    kept = [row for row in rows if not (is_untimed and row["is_full"] and row["hour"] == 0)]
    places = sorted({(row["weekday"], row["hour"]) for row in kept})
    return tuple(_week_hour(place, kept) for place in places), midnight if is_untimed else 0


def _week_hour(place: tuple[int, int], rows: Sequence[dict[str, Any]]) -> WeekHour:
    same = [row for row in rows if (row["weekday"], row["hour"]) == place]
    revenue = sum((row["revenue"] for row in same), Decimal(0))
    return WeekHour(*place, sum(row["order_count"] for row in same), revenue)


def find_busiest_block(hours: Sequence[WeekHour]) -> BusyBlock | None:
    """Return the fewest neighbouring hours of neighbouring weekdays with half of all orders.

    None where these are too many, or hold too little more than their part of the open hours, to be
    told from chance.
    """
    total = sum(cell.order_count for cell in hours)
    if total < FEWEST_ORDERS:
        return None
    open_weekdays = len({cell.weekday for cell in hours if cell.order_count})
    open_hours = len({cell.hour for cell in hours if cell.order_count})
    order_count, (start, length, first, end) = _smallest_block(hours, total)
    inside = [c for c in hours if (c.weekday - start) % 7 < length and first <= c.hour < end]
    part, revenue = (sum((cell.revenue for cell in of), Decimal(0)) for of in (inside, hours))
    block = BusyBlock(
        first_weekday=start,
        weekday_count=length,
        first_hour=first,
        end_hour=end,
        order_count=order_count,
        order_share=order_count / total,
        hour_count=length * (end - first),
        open_hour_count=open_weekdays * open_hours,
        revenue_share=float(part / revenue) if revenue > 0 else 0.0,
    )
    even_share = block.hour_count / block.open_hour_count
    low, _ = wilson_interval(block.order_count, total, _Z_OF_BLOCKS)
    return block if low > _WORTH_SAYING * even_share else None


def _smallest_block(hours: Sequence[WeekHour], total: int) -> tuple[int, tuple[int, int, int, int]]:
    """Return orders and place of the smallest block with half of all: of equals, the fullest."""
    by_place = {(cell.weekday, cell.hour): cell.order_count for cell in hours}
    found = []
    for start in range(7):
        columns = [0] * 24
        for length in range(1, 8):
            weekday = (start + length - 1) % 7
            columns = [n + by_place.get((weekday, hour), 0) for hour, n in enumerate(columns)]
            sums = [0, *accumulate(columns)]
            for first in range(24):
                # The first end that reaches a half: a later one would only be larger.
                end = next((e for e in range(first, 25) if sums[e] - sums[first] >= total / 2), 0)
                if end:
                    place = (start, length, first, end)
                    found.append((length * (end - first), sums[first] - sums[end], place))
    _, less, place = min(found)
    return -less, place


def _best_weekday(days: Sequence[Day]) -> int | None:
    """Return the weekday with more orders a day than the others, beyond what days vary.

    Of trading days only; the difference of the two means is compared with its standard error, with
    the days as the sample. A weekday that opened once or twice is no habit.
    """
    traded = [day for day in days if day.order_count]
    by_weekday = [[d.order_count for d in traded if d.day.weekday() == n] for n in range(7)]
    opened = {n: counts for n, counts in enumerate(by_weekday) if 2 * len(counts) >= FEWEST_WEEKS}
    if len(opened) < 2:  # noqa: PLR2004  of one, none is the best
        return None
    best = max(opened, key=lambda n: fmean(opened[n]))
    others = [count for n, counts in opened.items() if n != best for count in counts]
    noise = math.sqrt(sum(variance(of) / len(of) for of in (opened[best], others)))
    difference = fmean(opened[best]) - fmean(others)
    return best if difference > _Z_OF_WEEKDAYS * noise else None


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
        return fmean(same[number].value for same in self.by_month.values())


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
    name: str, numbers: Sequence[int], months: Sequence[Month], around: Mapping[date, float] | None
) -> _Seen:
    """Return a season's months, as money, or where the year `around` them is given against that."""
    latest_first = sorted(months, key=lambda month: month.first_day, reverse=True)
    means = dict.fromkeys((m.first_day for m in months), 1.0) if around is None else around
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
