"""When orders come: days of the week, hours of the day, peak load."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.formats import Formats

if TYPE_CHECKING:
    from datetime import date


@dataclass(frozen=True, slots=True)
class WeekdayDemand:
    """One day of the week (Monday is 0): the orders of one such day, on average of the last weeks.

    `busy_orders` came on the busiest of them.
    """

    weekday: int
    orders_per_day: float
    busy_orders: int

    @property
    def name(self) -> str:
        """Return which day it is."""
        return Formats().weekday(self.weekday)


@dataclass(frozen=True, slots=True)
class HourBand:
    """Hours of the day, `first_hour` to before `end_hour`, and the orders in them of late.

    `share` is their part of all timed orders; `orders_per_hour` the mean of an hour on days with
    orders; `busy_orders` is what 95 of 100 such hours with orders did not exceed (nearest rank).
    """

    first_hour: int
    end_hour: int
    share: float
    orders_per_hour: float
    busy_orders: int

    @property
    def name(self) -> str:
        """Return which hours these are."""
        return f"{self.first_hour:02}:00 to {self.end_hour:02}:00"


@dataclass(frozen=True, slots=True)
class Peak:
    """How much comes at once in the last `Demand.week_count` weeks, over days or hours with orders.

    `median` and `p95` (nearest rank) are orders per day or per hour; the `most` came on `most_on`,
    and in the hour from `most_hour` on (None for days).
    """

    median: float
    p95: float
    most: int
    most_on: date
    most_hour: int | None = None


@dataclass(frozen=True, slots=True)
class Demand:
    """When the orders of the last `week_count` weeks came.

    `hours` and `peak_hour` are empty and None where orders have no time of day.
    """

    week_count: int
    weekdays: tuple[WeekdayDemand, ...]
    hours: tuple[HourBand, ...]
    peak_day: Peak
    peak_hour: Peak | None
