"""When customers buy: days, weekdays, hours and months, and which stand out beyond chance."""

from __future__ import annotations

import math
from decimal import Decimal
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from rfmreport.engine.ask import Engine, read_queries
from rfmreport.models.intervals import FEWEST_ORDERS, wilson_interval
from rfmreport.sections.when.figures import BusyBlock, Day, Month, Trends, Weekday, WeekHour
from rfmreport.vocabulary import Untold

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from rfmreport.shop import Shop

_QUERIES = read_queries(__file__)
FEWEST_WEEKS = 8
"""Below this many days of a kind nothing is said about the days of the week."""
_WORTH_SAYING = 1.25
# Chance is allowed for as often as was looked (Bonferroni): some ten thousand blocks, seven days.
_Z_OF_BLOCKS = 4.5
_Z_OF_WEEKDAYS = 2.7
_FEWEST_HOURS = 3


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
        reason = f"Below {FEWEST_ORDERS} orders, when they come is chance."
        return (Untold("When they buy", reason),)
    if not trends.hours:
        reason = "The source dates its orders without a time of day, or all of them with the same."
        return (Untold("The hours of the day", reason),)
    return ()


def measure_months(shop: Shop) -> tuple[Month, ...]:
    """Return every calendar month of the report, also those without an order.

    A month is complete where the data cover each of its days.
    """
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
    rows = engine.rows(
        _QUERIES["months"],
        orders=orders,
        first_day=first_day,
        as_of=as_of,
        covered_from=covered[0],
        covered_until=covered[1],
    )
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
    inside = [
        cell.revenue
        for cell in hours
        if (cell.weekday - start) % 7 < length and first <= cell.hour < end
    ]
    revenue = sum((cell.revenue for cell in hours), Decimal(0))
    block = BusyBlock(
        first_weekday=start,
        weekday_count=length,
        first_hour=first,
        end_hour=end,
        order_count=order_count,
        order_share=order_count / total,
        hour_count=length * (end - first),
        open_hour_count=open_weekdays * open_hours,
        revenue_share=float(sum(inside, Decimal(0)) / revenue) if revenue > 0 else 0.0,
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
    best = max(opened, key=lambda n: _mean(opened[n]))
    others = [count for n, counts in opened.items() if n != best for count in counts]
    noise = math.hypot(_standard_error(opened[best]), _standard_error(others))
    difference = _mean(opened[best]) - _mean(others)
    return best if difference > _Z_OF_WEEKDAYS * noise else None


def _mean(counts: Sequence[int]) -> float:
    return sum(counts) / len(counts)


def _standard_error(counts: Sequence[int]) -> float:
    mean = _mean(counts)
    return math.sqrt(sum((count - mean) ** 2 for count in counts) / (len(counts) - 1) / len(counts))
