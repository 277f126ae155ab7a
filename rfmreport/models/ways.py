"""Ways to foretell the orders of a span of days: its pace, and its season."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

from rfmreport.models.intervals import FEWEST_ORDERS

if TYPE_CHECKING:
    from collections.abc import Sequence

_YEAR_DAYS = 364
_BESIDE_DAYS = 28
# So many orders are missed by chance alone once in a thousand times.
_SURELY_CLOSED = -math.log(0.001)
YEAR_DAYS = 364
_PACE_DAYS, _ENOUGH_ORDERS = (28, 56, 91), 60
_FEWEST_COMMON_DAYS = 28


def a_year_before(day: date) -> date:
    """Return the same date of the year before; of 29 February, the 28th."""
    return date(day.year - 1, day.month, min(day.day, 28) if day.month == 2 else day.day)  # noqa: PLR2004


class TradingDays:
    """The weights of days, learnt from the orders of each day from `first_day` on."""

    def __init__(self, first_day: date, orders: Sequence[float]) -> None:
        """Learn weekdays from the last year, and closed days from all of them."""
        self._first_day, self._count = first_day, len(orders)
        self._weekdays = self._weekday_weights(orders[-_YEAR_DAYS:])
        self._closed = frozenset(self._closed_days(orders))

    def weigh(self, first: int, length: int) -> float:
        """Return the weight of `length` days from the day of that number on; 0 is the first day."""
        return sum(self._weight(number) for number in range(first, first + length))

    def number_of(self, day: date) -> int:
        """Return the number of a day; before the first day it is negative."""
        return (day - self._first_day).days

    def day_of(self, number: int) -> date:
        """Return the day of that number."""
        return self._first_day + timedelta(days=number)

    def year_before(self, number: int) -> int:
        """Return the number of the same date a year before."""
        return self.number_of(a_year_before(self.day_of(number)))

    def _weight(self, number: int) -> float:
        like = number if number < self._count else self.year_before(number)
        return 0.0 if like in self._closed else self._weekdays[self.day_of(number).weekday()]

    def _weekday_weights(self, orders: Sequence[float]) -> list[float]:
        start = self._count - len(orders)
        sums, counts = [0.0] * 7, [0] * 7
        for number, count in enumerate(orders, start):
            weekday = self.day_of(number).weekday()
            sums[weekday] += count
            counts[weekday] += 1
        means = [total / count if count else 0.0 for total, count in zip(sums, counts, strict=True)]
        week = sum(means)
        return [mean * 7 / week for mean in means] if week else [1.0] * 7

    def _closed_days(self, orders: Sequence[float]) -> list[int]:
        """Return the days of each run without orders that chance does not explain.

        As many as on the days beside it were to be expected. A run at the end is not told: a shop
        that has gone quiet is no closed shop.
        """
        until = [0.0, *accumulate(orders)]
        closed: list[int] = []
        for is_empty, run in groupby(range(self._count), lambda number: not orders[number]):
            days = list(run)
            if not is_empty or days[-1] == self._count - 1:
                continue
            first, last = days[0], days[-1]
            start, end = max(first - _BESIDE_DAYS, 0), min(last + 1 + _BESIDE_DAYS, self._count)
            beside = end - start - len(days)
            weight = sum(self._weekdays[self.day_of(number).weekday()] for number in days)
            if beside and (until[end] - until[start]) / beside * weight >= _SURELY_CLOSED:
                closed += days
        return closed


@dataclass(frozen=True, slots=True)
class Daily:
    """What came on each day from `first_day` on: orders, revenue, and its squared amounts' sum."""

    first_day: date
    orders: Sequence[float]
    revenue: Sequence[float]
    square_sums: Sequence[float]

    def before(self, count: int) -> Daily:
        """Return the first `count` days."""
        parts = (self.orders[:count], self.revenue[:count], self.square_sums[:count])
        return Daily(self.first_day, *parts)


@dataclass(frozen=True, slots=True)
class Guess:
    """The orders that one way says, and the variance that chance gives its logarithm."""

    orders: float
    variance: float


@dataclass(frozen=True)
class Ahead:
    """The `length` days after those that are known, and what these say of them."""

    known: Daily
    length: int

    @cached_property
    def calendar(self) -> TradingDays:
        """Return what each day can have of trade."""
        return TradingDays(self.known.first_day, self.known.orders)

    @property
    def start(self) -> int:
        """Return the number of the first day ahead."""
        return len(self.known.orders)

    @property
    def days(self) -> tuple[date, date]:
        """Return the first and the last day."""
        day = self.calendar.day_of
        return day(self.start), day(self.start + self.length - 1)

    @cached_property
    def _weight(self) -> float:
        return self.calendar.weigh(self.start, self.length)

    def pace(self) -> Guess | None:
        """Return the orders if the last weeks go on: as few weeks as hold enough orders."""
        orders = self.known.orders
        enough = (days for days in _PACE_DAYS if sum(orders[-days:]) >= _ENOUGH_ORDERS)
        days = min(next(enough, _PACE_DAYS[-1]), self.start)
        came, weight = self._came(self.start - days, days)
        if not came or not weight or not self._weight:
            return None
        return Guess(came / weight * self._weight, 1 / came)

    @cached_property
    def growth(self) -> float | None:
        """Return this year over last on the latest dates that both have; None where they are few.

        A trading day of the one against a trading day of the other.
        """
        first = self.calendar.year_before(self.start)
        days = min(first, YEAR_DAYS)
        if days < _FEWEST_COMMON_DAYS:
            return None
        now, then = self._came(self.start - days, days), self._came(first - days, days)
        if min(now[0], then[0]) < FEWEST_ORDERS or not (now[1] and then[1]):
            return None
        return (now[0] / now[1]) / (then[0] / then[1])

    def _came(self, first: int, days: int) -> tuple[float, float]:
        """Return the orders of some known days, and the weight of these."""
        return sum(self.known.orders[first : first + days]), self.calendar.weigh(first, days)

    def season(self) -> Guess | None:
        """Return the orders if the same dates of last year come again, grown as all did since."""
        dates = self._year_before
        if dates is None:
            return None
        came, weight = self._came(dates[0], dates[1] - dates[0])
        if not (came and weight and self._weight):
            return None
        return Guess(came / weight * self._weight * (self.growth or 1.0), 1 / came)

    @cached_property
    def _year_before(self) -> tuple[int, int] | None:
        first = self.calendar.year_before(self.start)
        end = self.calendar.year_before(self.start + self.length - 1) + 1
        return (first, end) if first >= 0 and end <= self.start else None

    def profile(self, *, is_season: bool) -> list[float]:
        """Return the share of each day ahead: as a year before, or else of a trading day each."""
        if is_season and self._year_before:
            year_before = self.calendar.year_before
            dates = (year_before(self.start + day) for day in range(self.length))
            parts = [self.known.orders[date] for date in dates]
        else:
            parts = [self.calendar.weigh(self.start + day, 1) for day in range(self.length)]
        whole = sum(parts)
        return [part / whole for part in parts]

    def came_a_year_before(self) -> tuple[float, float] | None:
        """Return orders and revenue of the same dates a year before; None where one is unknown."""
        if self._year_before is None:
            return None
        same = slice(*self._year_before)
        return sum(self.known.orders[same]), sum(self.known.revenue[same])

    def order_value(self) -> tuple[float, float]:
        """Return what an order is worth by the last year, and the mean of squares over its square.

        The latter is how much the variance of a sum of such orders exceeds that of their number.
        """
        orders, revenue, squares = (
            sum(values[-YEAR_DAYS:])
            for values in (self.known.orders, self.known.revenue, self.known.square_sums)
        )
        if orders <= 0 or revenue <= 0:
            return 0.0, 1.0
        return revenue / orders, max(orders * squares / revenue**2, 1.0)
