"""When customers buy: days, weekdays, hours, months and seasons."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.models.intervals import Z_95

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Day:
    """One day of the period, also one without an order.

    `largest_order` is the amount of the day's largest order, zero where there was none.
    """

    day: date
    order_count: int
    revenue: Decimal
    customer_count: int
    largest_order: Decimal


@dataclass(frozen=True, slots=True)
class Weekday:
    """One day of the week (Monday is 0), and on how many of them the shop traded.

    A day with an order is a trading day: those on which it was closed thin out no mean.
    """

    weekday: int
    day_count: int
    order_count: int
    revenue: Decimal

    @property
    def orders_per_day(self) -> float:
        """Return the orders of the average such trading day."""
        return self.order_count / self.day_count if self.day_count else 0.0


@dataclass(frozen=True, slots=True)
class WeekHour:
    """One hour of the week with orders: `hour` 11 is from 11:00 to before 12:00, local time."""

    weekday: int
    hour: int
    order_count: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class BusyBlock:
    """The fewest neighbouring hours of neighbouring weekdays that take half of all orders.

    It runs over `weekday_count` days from `first_weekday` on (after Sunday comes Monday), and from
    `first_hour` to before `end_hour`. `hour_count` of the `open_hour_count` hours of the week lie
    in it; open are the hours of the day and the days of the week that have orders at all.
    `revenue_share` is of the revenue of all hours, 0 where they brought none.
    """

    first_weekday: int
    weekday_count: int
    first_hour: int
    end_hour: int
    order_count: int
    order_share: float
    hour_count: int
    open_hour_count: int
    revenue_share: float = 0.0


@dataclass(frozen=True, slots=True)
class Season:
    """Some calendar months, and the average complete month among them.

    `incomplete_months` are left out of all figures. `year_count` says how often each of the
    season's months was seen complete at least. `year_change` compares the revenue of its latest
    complete months that have a year before with those; `year_month_count` says how many these are.
    `against_trend` is the mean of what its months brought against the twelve months around each,
    so that growth is no season; None where the data do not reach so far.
    """

    name: str
    months: tuple[int, ...]
    complete_month_count: int
    incomplete_months: tuple[date, ...]
    year_count: int
    order_count_per_month: float | None = None
    revenue_per_month: Decimal | None = None
    against_average: float | None = None
    against_trend: float | None = None
    year_change: float | None = None
    year_month_count: int = 0


@dataclass(frozen=True, slots=True)
class SeasonTable:
    """The seasons in the order of the year.

    `standout` is the season whose months bring most, beyond chance; `standout_year_count` in how
    many years it was compared. Both are empty where no season stands out. `is_against_trend`: they
    were compared by the months against the year around each; else growth may look like a season.
    """

    seasons: tuple[Season, ...]
    is_against_trend: bool = False
    standout: str | None = None
    standout_year_count: int = 0


@dataclass(frozen=True, slots=True)
class Trends:
    """Orders and revenue by day, weekday and hour, in local time as it stands in the source.

    `hours` is empty where the source has no time of day; `untimed_order_count` orders have none
    although others do, and are left out of the hours. `best_weekday` has more orders per day than
    the other days, beyond chance; it and `busiest` are None where none stands out, or where
    `has_enough_weeks` is False. The `half_day_count` days with most revenue brought half of it.
    """

    days: tuple[Day, ...]
    weekdays: tuple[Weekday, ...]
    hours: tuple[WeekHour, ...]
    has_enough_weeks: bool
    untimed_order_count: int = 0
    busiest: BusyBlock | None = None
    best_weekday: int | None = None
    half_day_count: int = 0

    @property
    def order_count(self) -> int:
        """Return the orders of all days."""
        return sum(day.order_count for day in self.days)


@dataclass(frozen=True, slots=True)
class Month:
    """One calendar month of kept purchases; `complete` is False for a cut first or last month.

    `returning_customer_count` counts customers with an order in an earlier month;
    `square_sum` is the sum of squared order amounts, of which chance's share of a change is made;
    `trading_day_count` counts the days with an order, 0 where they are not known.
    """

    first_day: date
    complete: bool
    revenue: Decimal
    order_count: int
    customer_count: int
    returning_customer_count: int
    square_sum: float = 0.0
    trading_day_count: int = 0

    @property
    def new_customer_count(self) -> int:
        """Return the customers whose first order ever is of this month."""
        return self.customer_count - self.returning_customer_count


def month_a_year_before(month: Month, months: Iterable[Month]) -> Month | None:
    """Return the same month of the year before, if both were seen in full."""
    first_day = month.first_day.replace(year=month.first_day.year - 1)
    if not month.complete:
        return None
    return next((m for m in months if m.first_day == first_day and m.complete), None)


def revenue_changed(last: Month, before: Month) -> bool:
    """Say whether revenue per trading day differs by more than chance lets such sums differ.

    Were the number of orders Poisson, the variance of their sum is the sum of their squares
    (compound Poisson; Wald's second identity).
    """
    pace = _pace(last, before)
    noise = Z_95 * math.sqrt(last.square_sum + pace**2 * before.square_sum)
    return abs(float(last.revenue) - pace * float(before.revenue)) > noise


def orders_changed(last: Month, before: Month) -> bool:
    """Say whether orders per trading day differ by more than chance lets counts differ."""
    return count_changed(last, before, last.order_count, before.order_count)


def count_changed(last: Month, before: Month, count: int, count_before: int) -> bool:
    """Say whether a count per trading day differs by more than a Poisson count may."""
    pace = _pace(last, before)
    noise = Z_95 * math.sqrt(count + pace**2 * count_before)
    return abs(count - pace * count_before) > noise


def _pace(last: Month, before: Month) -> float:
    """Return how many trading days the later month has for each of the earlier one."""
    if not last.trading_day_count or not before.trading_day_count:
        return 1.0
    return last.trading_day_count / before.trading_day_count
