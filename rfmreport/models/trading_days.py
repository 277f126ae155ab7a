"""Trading days: how much of a day's trade each day of the calendar can have, past and to come.

A day weighs as much as its weekday usually has of a week's orders, seven in all; a weekday on which
the shop never trades weighs nothing, nor does a day on which it was closed: a run of days without
orders where chance would have brought some. A day to come is closed where the same date was closed
a year before. So spans of unlike days can be compared, and what came in one told of another.
"""

from __future__ import annotations

import math
from datetime import date, timedelta
from itertools import accumulate, groupby
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_YEAR_DAYS = 364
_BESIDE_DAYS = 28
# So many orders are missed by chance alone once in a thousand times.
_SURELY_CLOSED = -math.log(0.001)


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
