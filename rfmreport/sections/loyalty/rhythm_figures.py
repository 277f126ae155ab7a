"""Who is overdue by their own rhythm, and whether that rule told anything on the past."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from rfmreport.vocabulary import Estimate


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
