"""Whether customers come back: cohorts by first-order month, and the second-order clock."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from rfmreport.report.estimate import Estimate


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


@dataclass(frozen=True, slots=True)
class CohortGroup:
    """Several cohorts taken together: the share that ordered in the three months after."""

    first_months: tuple[date, ...]
    share: Estimate


@dataclass(frozen=True, slots=True)
class Cohorts:
    """All cohorts, oldest first, with the first day of the data.

    `shown` are the last thirteen that the data cover whole and follow for a whole month or more;
    there are none where none of them has thirty customers. `everyone` are those of the last year
    that were followed for three months, but for the first whole month of the data, in which old
    customers look new. `recent` are the last three of them, `older` the same months a year before,
    else the ones before; `difference` is recent less older.
    """

    first_day: date
    rows: tuple[Cohort, ...]
    shown: tuple[Cohort, ...] = ()
    everyone: CohortGroup | None = None
    recent: CohortGroup | None = None
    older: CohortGroup | None = None
    difference: Estimate | None = None


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


@dataclass(frozen=True, slots=True)
class OneOrderGroup:
    """One-order customers by the day of that order: how many, and what these orders brought.

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
    first day on which `chance` is below `chance_level`, None where there is none; `turning` are the
    one-order customers who get there from `as_of` up to `turning_until`, `cold` those who have,
    `fresh` all others.
    `later_share` is the share with a second order within the horizon without the customers of the
    data's first 30 days, many of whom only look new; None where it cannot be told.
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
