"""Whether customers come back: cohorts, the second-order clock, and who is overdue by habit."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rfmreport.formats import Formats
from rfmreport.kit.sentences import Sentence
from rfmreport.vocabulary import Estimate, next_month

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal


_YEAR = 12


@dataclass(frozen=True, slots=True)
class CohortMonth:
    """One calendar month of a cohort, `months_since` that of its first orders (0 is that month).

    `customer_count` of the cohort's customers ordered in it; `complete` is False where the data
    cover the month only in part.
    """

    months_since: int
    complete: bool
    customer_count: int
    order_count: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class Cohort:
    """The customers whose first known order fell into one calendar month.

    `months` run without gap from that month to the report's date. `returned_count` of them ordered
    in at least one of the three months after it; None where these are not all covered.
    """

    first_month: date
    complete: bool
    months: tuple[CohortMonth, ...]
    returned_count: int | None

    @property
    def customer_count(self) -> int:
        """Return all customers of the cohort: each of them ordered in its first month."""
        return self.months[0].customer_count

    def is_reached(self, months_since: int) -> bool:
        """Say whether the data cover that month of the cohort whole."""
        return months_since < len(self.months) and self.months[months_since].complete


@dataclass(frozen=True, slots=True)
class PooledMonth:
    """Several cohorts in one month after their first: `ordered_count` of `customer_count` ordered.

    Only cohorts that the data follow so far count in either.
    """

    months_since: int
    customer_count: int
    ordered_count: int


@dataclass(frozen=True, slots=True)
class CohortGroup:
    """Several cohorts taken together: the share that ordered in one of the three months after."""

    first_months: tuple[date, ...]
    share: Estimate


@dataclass(frozen=True, slots=True)
class Cohorts:
    """All cohorts, oldest first, with the first day of the data.

    `shown` are the last thirteen that the data cover whole and follow for a whole month or more;
    there are none where none of them has thirty customers. `everyone` are those of the last year
    that were followed for three months, but for the first whole month of the data, in which old
    customers look new. `recent` are the last three of them, `older` the same months a year before,
    else the ones before; `difference` is recent less older. `pooled` are the `pooled_count`
    customers of those that are shown, month by month since the first, without that first whole
    month where there are others.
    """

    first_day: date
    rows: tuple[Cohort, ...]
    shown: tuple[Cohort, ...] = ()
    everyone: CohortGroup | None = None
    recent: CohortGroup | None = None
    older: CohortGroup | None = None
    difference: Estimate | None = None
    pooled_count: int = 0
    pooled: tuple[PooledMonth, ...] = ()

    @property
    def shown_month_count(self) -> int:
        """Return how many months after the first are shown: those of the oldest, at most twelve."""
        reached = max(sum(month.complete for month in row.months) for row in self.shown)
        return min(reached - 1, _YEAR)

    def looks_new(self, cohort: Cohort) -> bool:
        """Say whether a cohort is of the data's first whole month, in which everyone is new."""
        begin = self.first_day
        return cohort.first_month == (begin if begin.day == 1 else next_month(begin))


@dataclass(frozen=True, slots=True)
class SecondOrderDay:
    """One day since the first order, in whole calendar days (0 is the day itself).

    Of `at_risk_count` customers still watched and without a second order, `second_order_count`
    placed it on this day; `left_count` were watched no longer than this day. `waiting` is the share
    still without one after it, `low` to `high` its 95 % interval. `chance` is the share of those
    who then order within the horizon; None where the days do not reach so far.
    """

    days: int
    at_risk_count: int
    second_order_count: int
    left_count: int
    waiting: float
    low: float
    high: float
    chance: Estimate | None = None

    @property
    def ordered(self) -> tuple[float, float, float]:
        """Return the share with a second order by the end of the day, and its interval."""
        return 1 - self.waiting, 1 - self.high, 1 - self.low


MARKED_DAYS = (30, 60, 90, 180, 365)
"""Days since the first order that are told apart."""


@dataclass(frozen=True, slots=True)
class OneOrderGroup:
    """One-order customers by the day of that order: how many, and what they brought.

    From `first_from` (None: from the beginning) to `first_to` (None: up to the end), inclusive.
    """

    first_from: date | None
    first_to: date | None
    customer_count: int
    revenue: Decimal


@dataclass(frozen=True, slots=True)
class SecondOrders:
    """How long customers take to order a second time; the days end where fewer than 30 are left.

    `same_day_count` of the second orders came on the day of the first. `cold_after_days` is the
    first day on which `chance` is below `chance_level` with its whole interval, and for good, None
    where there is none; `turning` are the one-order customers who get there from `as_of` up to
    `turning_until`, `cold` those who have, `fresh` all others. What one-order customers brought is
    less what they returned, where returns count.
    `later_share` is the share with a second order within the horizon without the customers of the
    data's first 30 days, many of whom only look new; None where it cannot be told. `changed_day` is
    the one of `MARKED_DAYS` on which the chance differs most clearly from that on the first day,
    None where chance explains all that differs.
    """

    as_of: date
    turning_until: date
    horizon_days: int
    chance_level: float
    customer_count: int
    second_order_count: int
    same_day_count: int
    one_order_revenue: Decimal
    days: tuple[SecondOrderDay, ...]
    cold_after_days: int | None
    turning: OneOrderGroup | None
    cold: OneOrderGroup | None
    fresh: OneOrderGroup | None
    later_share: Estimate | None
    changed_day: int | None = None

    @property
    def one_order_count(self) -> int:
        """Return the customers who have not ordered a second time."""
        return self.customer_count - self.second_order_count

    @property
    def is_told(self) -> bool:
        """Say whether the days reach far enough to be drawn: a month."""
        return len(self.days) > 30  # noqa: PLR2004  days 0 to 30


@dataclass(frozen=True, slots=True)
class Loyalty:
    """Whether customers come back; `second_orders` is None where fewer than thirty ever bought.

    `first_day` is the first day of the data, also where a window hides it: first orders are looked
    for in all of them.
    """

    first_day: date
    cohorts: Cohorts
    second_orders: SecondOrders | None

    @property
    def is_told(self) -> bool:
        """Say whether there is anything to show."""
        return bool(self.cohorts.shown) or bool(self.second_orders and self.second_orders.is_told)


@dataclass(frozen=True, slots=True)
class OverdueCustomer:
    """One customer who has been silent for longer than his own rhythm allows.

    `usual_gap_days` is the median number of days between his days with orders, `longest_gap_days`
    the longest; `silent_days` are those since the last one. `revenue` is all he has spent in the
    report's period, `year_revenue` what of it in the last twelve months: what is at stake.
    """

    customer_id: str
    segment: str
    order_day_count: int
    usual_gap_days: float
    longest_gap_days: int
    silent_days: int
    last_order_on: date
    revenue: Decimal
    year_revenue: Decimal


@dataclass(frozen=True, slots=True)
class OverdueSegment:
    """The customers of one segment who have a rhythm, and those of them who are overdue."""

    segment: str
    customer_count: int
    overdue_count: int
    overdue_year_revenue: Decimal


@dataclass(frozen=True, slots=True)
class RhythmTrial:
    """Whether the rule told anything: it was asked on `dates`, and the next `days` days watched.

    `overdue` is the share of those overdue then who ordered, `all_on_time` that of all others who
    had a rhythm. As the overdue stand in worse segments, `on_time` is the share of the others
    weighted so that dates and segments have the same parts in both; `difference` is overdue less
    that, with its 95 % interval: below zero, the rule tells more than the segment does
    (`tells_more`). Segments of which a date holds only one of the two are in neither of these.
    """

    dates: tuple[date, ...]
    days: int
    overdue: Estimate
    on_time: Estimate
    all_on_time: Estimate
    difference: Estimate

    @property
    def tells_more(self) -> bool:
        """Say whether the overdue come back less than others of the same segments, surely."""
        return self.difference.high < 0

    @property
    def outcome(self) -> Sentence:
        """Return what became of those who were overdue, beside those on time."""
        return Sentence(
            "of {count:count} overdue on {dates} {overdue:percent} ordered in the next "
            "{days:count} days, of those on time {on_time:percent}; within the same segments the "
            "difference is {low:points} to {high:points}",
            {
                "count": self.overdue.customer_count,
                "dates": " and ".join(map(Formats().day, self.dates)),
                "days": self.days,
                "overdue": self.overdue.value,
                "on_time": self.all_on_time.value,
                "low": self.difference.low,
                "high": self.difference.high,
            },
        )


@dataclass(frozen=True, slots=True)
class Rhythm:
    """Who is overdue: silent for more than `factor` times the own usual gap, and longer than ever.

    Only customers with orders on `fewest_order_days` days or more have a rhythm: `customer_count`,
    of whom `overdue_count` are overdue, with `overdue_year_revenue` in the last twelve months.
    `shown` are those with most of it, `rows` the segments that have any, best first. `trial` is
    None where no earlier date can be carried, or these had too few such customers.
    """

    factor: float
    fewest_order_days: int
    customer_count: int
    overdue_count: int
    overdue_year_revenue: Decimal
    rows: tuple[OverdueSegment, ...]
    shown: tuple[OverdueCustomer, ...]
    trial: RhythmTrial | None
